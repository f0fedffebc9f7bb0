"""A plan drafted from a diagnosis: what fits comes first with its reasons, and nothing is invented."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from isopolis.act.plan import facts_of, problems, read_plan, to_plain
from isopolis.cli.app import run
from isopolis.flows.draft_plan import Fit, Gap, draft_plan, finding_ref, fits, terms_of
from isopolis.learn import vocabulary
from isopolis.learn.record import Record
from isopolis.model import Finding

WORDS = vocabulary.shipped()
TODAY = date(2026, 11, 22)


def record(id: str, **more: Any) -> Record:
    """Return an invented record: example data, not a real place."""
    base = {
        "id": id,
        "kind": "case",
        "title": {"en": f"Measure {id}"},
        "sources": [{"title": "invented", "read_on": "2026-11-22"}],
    }
    return Record.model_validate(base | more)


def gap(ref: str = "f1", **more: Any) -> Gap:
    found = Finding(
        "dissimilarity", 0.4, "sex", "sex=female", "rest", scale="zone", date="2024", n_people=900
    )
    said = {"subject": "women", "sentence": "40% would have to move.", "reason": "It is the widest."}
    return Gap(ref, finding=found, **(said | {"groups": ("group:women",), "grounds": ("ground:sex",)} | more))


def drafted(gaps: list[Gap], library: list[Record], **more: Any) -> Any:
    return draft_plan(gaps, library, WORDS, title="Draft", **more)


# -- terms ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("dimension", "group", "subject", "groups", "grounds"),
    [
        ("sex", "sex=female", "the group “women” (sex)", ("group:women",), ("ground:sex",)),
        ("sex", "sex=f", "the group “Women” (sex)", ("group:women",), ("ground:sex",)),
        ("xyz", "xyz=q7", "the group “Q7” (xyz)", (), ()),
        ("disability", "", "disability", (), ("ground:disability",)),
    ],
)
def test_the_words_of_a_finding_lead_to_terms(
    dimension: str, group: str, subject: str, groups: Any, grounds: Any
) -> None:
    found = Finding("dissimilarity", 0.2, dimension, group)
    assert terms_of(found, subject, WORDS) == (groups, grounds)


def test_a_reference_names_a_finding() -> None:
    assert finding_ref(gap().finding) == "dissimilarity/sex/sex=female/rest/zone/2024"


# -- ranking -------------------------------------------------------------------------------------------
LIBRARY = [
    record("near", groups=["group:women"], grounds=["ground:sex"], themes=["theme:segregation"]),
    record("ground", grounds=["ground:sex"]),
    record("below", groups=["group:girls"]),
    record("theme", themes=["theme:school_segregation"]),
    record("far", groups=["group:roma"], themes=["theme:food"]),
    record("study", kind="study", groups=["group:women"]),
]


def test_the_order_by_hand() -> None:
    """Group 3, ground 2, theme 1; what lies below a term counts as the term; studies are no measures."""
    found = fits(gap(), LIBRARY, WORDS)
    assert [(f.record.id, f.score) for f in found] == [("near", 6), ("below", 3), ("ground", 2), ("theme", 1)]
    assert len(found[0].parts) == 3


def test_a_peer_counts_by_its_share() -> None:
    place = {"place": {"name": "Nantes"}}
    rows = fits(gap(), [record("a", grounds=["ground:sex"], **place)], WORDS, {"Nantes": 0.83})
    assert rows[0].score == pytest.approx(2.83)
    assert "83" in rows[0].parts[-1][0]
    assert fits(gap(), [record("a", groups=["group:roma"], **place)], WORDS, {"Nantes": 0.83}) == []


def test_other_gaps_other_measures() -> None:
    other = gap(groups=("group:roma",), grounds=(), themes=())
    assert [f.record.id for f in fits(other, LIBRARY, WORDS)] == ["far"]


# -- the draft -------------------------------------------------------------------------------------------
def test_nothing_is_invented() -> None:
    plan = drafted([gap()], LIBRARY).plan
    for action in plan.actions:
        assert action.status == "proposal"
        assert (action.leader, action.objective, action.partners, action.outputs) == ("", "", (), ())
        assert not action.resources.stated
        assert action.indicators[0].target is None
        assert action.indicators[0].baseline == 0.4
        assert (action.indicators[0].name, action.indicators[0].unit) == ("Women (dissimilarity, zone)", "")
        assert "Cost there: not stated." in action.evidence[1].why
        assert [e.kind for e in action.evidence] == ["finding", "record"]
    found = problems(plan, facts_of(plan, WORDS, TODAY))
    assert not any(p.fatal for p in found)
    assert {p.code for p in found} >= {"no-objective"}


def test_cost_staff_and_failures_are_told() -> None:
    made = record(
        "told",
        groups=["group:women"],
        cost={"total": 1200000, "opex": 5000, "currency": "EUR", "year": 2019},
        staff_fte=2.5,
        failures={"en": "Few came."},
        transfer={"conditions": {"en": "A trusted partner"}},
        instruments=["instrument:money", "instrument:service"],
        measure_type="measure_type:targeted",
    )
    action = drafted([gap()], [made]).plan.actions[0]
    why = action.evidence[1].why
    for part in (
        "1,200,000 EUR (2019) in all; 5,000 EUR (2019) a year", "2.5 full-time posts", "Few came.",
        "A trusted partner",
    ):  # fmt: skip
        assert part in why
    assert not action.resources.stated, "what it cost elsewhere is not what it costs here"
    assert (action.pillar, action.secondary_pillars) == ("pillar:funding", ("pillar:knowledge",))
    assert action.measure_type == "measure_type:targeted"


def test_what_did_harm_is_a_caution_and_no_measure() -> None:
    lost = {"groups": ["group:women"]}
    bad = record("bad", groups=["group:women"], grounds=["ground:sex"], lost=lost, gained="not stated")
    mixed = record("mixed", groups=["group:women"], lost=lost, gained={"groups": ["group:women"]})
    made = drafted([gap()], [bad, mixed])
    assert [a.source for a in made.plan.actions] == ["mixed"]
    assert [f.record.id for f in made.cautions] == ["bad"]
    assert "Measure bad" in made.plan.note
    assert "nobody who is known to have gained" in made.plan.note


@pytest.mark.parametrize(("gained", "score"), [("not stated", 3), ({"groups": ["group:women"]}, 5)])
def test_good_evidence_counts_only_where_somebody_gained(gained: Any, score: float) -> None:
    """A grade says how well an effect is known, not that it was a good one."""
    proven = record(
        "proven",
        groups=["group:women"],
        gained=gained,
        evidence_grade=4,
        cost="not stated",
        failures="not stated",
        results=[{"indicator": {"en": "x"}}],
    )
    assert fits(gap(), [proven], WORDS)[0].score == score


def test_a_gap_without_measure_is_said() -> None:
    lonely = gap("f2", subject="elves", groups=(), grounds=(), themes=())
    made = drafted([gap(), lonely], LIBRARY)
    assert made.unserved == (lonely,)
    assert "elves" in made.plan.note


def test_one_measure_for_two_gaps_is_one_action() -> None:
    made = drafted([gap("f1"), gap("f2", sentence="Also.")], LIBRARY, k=1)
    assert [a.source for a in made.plan.actions] == ["near"]
    assert [e.ref for e in made.plan.actions[0].evidence] == ["f1", "near", "f2"]
    assert [i.finding for i in made.plan.actions[0].indicators] == ["f1", "f2"]
    assert "The measure fits because" in made.plan.actions[0].evidence[2].why


def test_k_and_another_ranking() -> None:
    assert len(drafted([gap()], LIBRARY, k=2).plan.actions) == 2
    last = [Fit(LIBRARY[4], (("because", 1.0),))]
    assert [a.source for a in drafted([gap()], LIBRARY, ranked=lambda _g: last).plan.actions] == ["far"]


def test_equal_arguments_give_equal_plans_that_survive_json() -> None:
    one, two = (drafted([gap()], LIBRARY).plan for _ in range(2))
    assert one == two == read_plan(json.loads(json.dumps(to_plain(one))))


# -- the command line ----------------------------------------------------------------------------------------
CITY = "zone,total,women,men\n" + "".join(
    f"Z{i:02d},1000,{300 if i < 12 else 700},{700 if i < 12 else 300}\n" for i in range(24)
)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = tmp_path / "city"
    folder.mkdir()
    (folder / "people.csv").write_text(CITY)
    (folder / "city.toml").write_text(
        'name = "Testville"\nnotes = ["example data, not a real place"]\n'
        '[zones]\nid = "zone"\nkind = "zone"\n'
        '[[tables]]\nfile = "people.csv"\nlayout = "wide"\nzone = "zone"\ndate = "2024"\ntotal = "total"\n'
        '[[tables.dimensions]]\nname = "sex"\ncolumns = ["women", "men"]\ntotal = "total"\n'
    )
    return folder


def test_from_a_city_folder_to_the_files(small: Path, tmp_path: Path, capsys: Any) -> None:
    file, out = tmp_path / "plan.json", tmp_path / "out"
    assert run(["plan", "draft", str(small), "--out", str(file)]) == 0
    assert "people decide" in capsys.readouterr().out
    assert run(["plan", "check", str(file)]) == 0
    assert run(["plan", "due", str(file), "--on", "2030-01-01"]) == 0
    assert "Nothing is due" in capsys.readouterr().out
    assert run(["plan", "export", str(file), "--out", str(out), "--no-pdf"]) == 0
    assert {p.name for p in out.iterdir()} == {"plan.html", "plan.json", "monitoring.csv", "monitoring.xlsx"}
    assert run(["plan", "export", str(file), "--out", str(out)]) == 2, "files that are there are not replaced"
    # what was exported is a plan again
    assert run(["plan", "check", str(out / "plan.json")]) == 0


@pytest.mark.parametrize(
    "text", ["", "[", "[]", "{}", '{"title": 3}', "[" * 100_000, '{"title": "x", "x": 1}']
)
def test_files_that_are_no_plan(tmp_path: Path, text: str) -> None:
    file = tmp_path / "plan.json"
    file.write_text(text)
    assert run(["plan", "check", str(file)]) in (1, 2)
    assert run(["plan", "check", str(tmp_path / "absent.json")]) == 2
