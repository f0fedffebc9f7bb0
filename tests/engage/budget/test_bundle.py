"""The public bundle: it counts to the same, says nothing about voters, and no change in it goes unseen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.engage.budget.audit import approvals, groups_of, publish
from isopolis.engage.budget.bundle import FILES, digest_of, election_from, make_bundle
from isopolis.engage.budget.card import Floor, RuleCard
from isopolis.engage.budget.election import Attribute, Election, election
from isopolis.engage.budget.rules import allocate
from isopolis.engage.budget.verify import verify_bundle
from isopolis.flows.vote import read_vote, run_vote
from isopolis.model import DataError

CARD = RuleCard(lot_seed="drawn on 3 May")


def small(**more) -> Election:
    return election(
        100, [40, 30, 50, 20], [[0, 1], [1, 0], [2], [3, 1], [], [2], [0]], ids=["a", "b", "c", "d"],
        attributes={"age": Attribute.of("age", list("1234567"))}, voters=tuple("tuvwxyz"),
        name="example data",
        **more,
    )  # fmt: skip


def made(e: Election | None = None, card: RuleCard = CARD) -> dict[str, bytes]:
    return make_bundle(allocate(e or small(), card), version="1.2.3")


def checked(texts: dict[str, bytes], **more):
    return verify_bundle(texts, allocate, **more)


def resealed(texts: dict[str, bytes]) -> dict[str, bytes]:
    """Somebody who changes a text corrects its fingerprint too."""
    manifest = json.loads(texts["manifest.json"])
    for name in manifest["files"]:
        manifest["files"][name]["sha256"] = digest_of(texts[name])
    return texts | {"manifest.json": json.dumps(manifest).encode()}


def said(texts: dict[str, bytes]) -> str:
    answer = checked(texts)
    assert not answer.holds
    return " ".join(answer.wrong)


@pytest.mark.parametrize("rule", ["equal_shares", "phragmen", "greedy", "greedy_value"])
def test_a_bundle_verifies(rule: str) -> None:
    texts = made(card=RuleCard(rule=rule, lot_seed="public"))
    assert set(texts) == {*FILES, "manifest.json"}
    answer = checked(texts, digest=digest_of(texts["manifest.json"]).upper())
    assert answer.wrong == ()
    assert answer.version == "1.2.3"
    assert answer.to_dict()["verified"] is True


def test_the_same_outcome_gives_the_same_bytes_whatever_the_order_of_the_ballots() -> None:
    e = small()
    turned = election(100, [40, 30, 50, 20], [[0], [2], [], [1, 3], [2], [0, 1], [1, 0]], ids=list("abcd"),
                      name="example data")  # fmt: skip
    assert made(e)["ballots.jsonl"] == made(turned)["ballots.jsonl"]
    assert made(e) == made(e)


def test_ballots_say_nothing_about_voters() -> None:
    text = made()["ballots.jsonl"].decode()
    assert text.splitlines() == [
        '{"ballots": 1, "projects": []}',
        '{"ballots": 1, "projects": ["a"]}',
        '{"ballots": 2, "projects": ["a", "b"]}',
        '{"ballots": 1, "projects": ["b", "d"]}',
        '{"ballots": 2, "projects": ["c"]}',
    ]
    whole = b"".join(made().values())
    assert b"age" not in whole.replace(b'"average', b"")
    assert not any(f'"{v}"'.encode() in whole for v in "tuvwxyz")


def test_a_ranking_keeps_its_order_and_points_keep_their_number() -> None:
    ranked = election(9, [3, 4, 5], [[2, 0], [0, 2], [1]], ballot="ordinal")
    again = election_from(made(ranked), CARD)
    assert sorted(again.ballots.by_voter.row(i).tolist() for i in range(3)) == [[0, 2], [1], [2, 0]]
    points = election(9, [3, 4, 5], [[2, 0], [], [1]], weights=[[7, 1], [], [3]], ballot="cumulative")
    again = election_from(made(points), CARD)
    assert again.ballots.score.tolist() == points.ballots.score.tolist()
    assert checked(made(points)).holds


CHANGES = {
    "one ballot more": (
        "ballots.jsonl",
        '"ballots": 1, "projects": ["a"]',
        '"ballots": 2, "projects": ["a"]',
    ),
    "a vote moved": ("ballots.jsonl", '["b", "d"]', '["c", "d"]'),
    "a cheaper project": ("vote.json", '"cost": 50', '"cost": 49'),
    "a larger budget": ("vote.json", '"budget": 100', '"budget": 120'),
    "another rule": ("rule_card.json", '"rule": "equal_shares"', '"rule": "phragmen"'),
    "another seed": ("rule_card.json", "3 May", "4 May"),
    "another lot": ("lot.json", '"a"', '"d"'),
    "another winner": ("outcome.json", '"winners": [', '"winners": ["z",'),
    "another endowment": ("outcome.json", '"endowment_exact": "', '"endowment_exact": "1'),
    "another way": ("outcome.json", '"rule": "equal_shares"', '"rule": "greedy"'),
    "a comparison that was not made": ("outcome.json", '"compared": null', '"compared": {"with": "greedy"}'),
    "another reason": ("rounds.json", '"phase": "main"', '"phase": "fill"'),
    "another name": ("vote.json", "example data", "example date"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_changed_text_does_not_verify_and_the_answer_names_it(what: str) -> None:
    name, old, new = CHANGES[what]
    texts = made()
    assert old.encode() in texts[name]
    texts[name] = texts[name].replace(old.encode(), new.encode(), 1)
    assert f"{name} was changed after the bundle was made." in said(texts)


SEES = {
    "one ballot more": "the number of ballots: 7 was published, 8 is in the file",
    "a vote moved": "the votes of project b: 3 was published, 2 is in the file",
    "a cheaper project": "the cost of project c: 50 was published, 49 is in the file",
    "a larger budget": "the budget: 100 was published, 120 is in the file",
    "another rule": "the recount gives",
    "another seed": "lot.json does not say what the recount says",
    "another lot": "lot.json does not say what the recount says",
    "another winner": "Published as winners, but not in the recount: z",
    "another endowment": "“endowment_exact”",
    "another way": "outcome.json says greedy for “rule”; the recount gives equal_shares",
    "a comparison that was not made": "“compared”; the recount gives None",
    "another reason": "rounds.json does not say what the recount says",
}


@pytest.mark.parametrize("what", SEES)
def test_correcting_the_fingerprint_does_not_help(what: str) -> None:
    name, old, new = CHANGES[what]
    texts = made()
    texts[name] = texts[name].replace(old.encode(), new.encode(), 1)
    assert SEES[what] in said(resealed(texts))


def test_a_bundle_made_anew_from_other_ballots_is_another_bundle() -> None:
    published = digest_of(made()["manifest.json"])
    forged = made(election(100, [40, 30, 50, 20], [[0]] * 7, ids=list("abcd"), name="example data"))
    assert checked(forged).holds
    assert "another bundle" in checked(forged, digest=published).wrong[0]


def test_missing_and_added_files_are_named() -> None:
    texts = made()
    del texts["ballots.jsonl"]
    texts["more.json"] = b"{}"
    wrong = said(texts)
    assert "ballots.jsonl is missing." in wrong
    assert "more.json was added after the bundle was made." in wrong


@pytest.mark.parametrize(
    "manifest", [b"", b"[]", b"not json", b'{"format": 99}', b"[" * 100_000, b'{"format": 1}']
)
def test_a_broken_manifest_is_no_crash(manifest: bytes) -> None:
    assert not checked(made() | {"manifest.json": manifest}).holds


@given(st.sampled_from([*FILES, "manifest.json"]), st.binary(max_size=40), st.floats(0, 1))
@settings(max_examples=60)
def test_nothing_that_is_written_into_a_text_goes_unseen(name: str, junk: bytes, place: float) -> None:
    texts = TEXTS.copy()
    at = int(place * len(texts[name]))
    changed = texts[name][:at] + junk + texts[name][at + len(junk) :]
    if changed == texts[name]:
        return
    answer = checked(texts | {name: changed}, digest=DIGEST)
    assert not answer.holds


@given(
    st.sampled_from(FILES),
    st.sampled_from(["null", "-1", '"x"', "[]", "{}", "true", "1e999", "0"]),
    st.data(),
)
@settings(max_examples=80)
def test_a_hostile_value_anywhere_is_refused_in_words(name: str, value: str, data) -> None:
    lines = TEXTS[name].decode().split("\n")
    numbers = [i for i, line in enumerate(lines) if ":" in line]
    if not numbers:
        return
    i = data.draw(st.sampled_from(numbers))
    head, _, tail = lines[i].partition(": ")
    lines[i] = f"{head}: {value}{',' if tail.endswith(',') else ''}"
    texts = resealed(TEXTS | {name: "\n".join(lines).encode()})
    checked(texts)  # any answer, and no crash


TEXTS = made()
DIGEST = digest_of(TEXTS["manifest.json"])


# -- rules that read something of voters ---------------------------------------------------------------------
def districts(a: int, b: int) -> Election:
    label = Attribute.of("district", ["A"] * a + ["B"] * b)
    return election(100, [40, 30], [[0]] * a + [[1]] * b, attributes={"district": label})


def test_a_rule_that_reads_an_attribute_takes_it_along_and_no_other() -> None:
    card = RuleCard(attribute="district", shares={"A": "1", "B": "3"})
    texts = make_bundle(allocate(districts(20, 12), card), version="1")
    assert '"label": "A"' in texts["ballots.jsonl"].decode()
    assert checked(texts).holds


def test_labels_of_few_voters_are_never_published_beside_ballots() -> None:
    card = RuleCard(attribute="district", shares={"A": "1", "B": "3"})
    with pytest.raises(DataError, match="so few voters") as caught:
        make_bundle(allocate(districts(20, 9), card), version="1")
    assert caught.value.problems[0].value == "B"


def test_two_attributes_are_refused() -> None:
    e = election(100, [40], [[0]] * 20, attributes={
        "district": Attribute.of("district", ["A"] * 20), "sex": Attribute.of("sex", ["F"] * 20),
    })  # fmt: skip
    card = RuleCard(
        attribute="district", shares={"A": "1"}, floors=(Floor("40", attribute="sex", label="F"),)
    )
    with pytest.raises(DataError, match="two attributes"):
        make_bundle(allocate(e, card), version="1")


def test_tables_by_group_go_along_only_as_they_may_be_shown() -> None:
    e = districts(20, 12)
    outcome = allocate(e, CARD)
    tables = publish(approvals(e), {"x": outcome.winners}, groups_of(e))
    texts = make_bundle(outcome, version="1", tables=tables)
    assert json.loads(texts["groups.json"]) == tables.to_dict()
    assert checked(texts).holds


# -- a real city ---------------------------------------------------------------------------------------------
def test_wieliczka_counts_again_from_its_bundle(data: Path) -> None:
    e = read_vote(data / "pb_wieliczka_2023" / "election.pb")
    outcome = run_vote(e, card=CARD)
    texts = make_bundle(outcome, version="1")
    answer = verify_bundle(texts, lambda a, b: run_vote(a, card=b))
    assert answer.wrong == ()
    assert answer.outcome is not None
    assert (len(answer.outcome.winners), answer.outcome.cost) == (30, 995_079)
    texts["ballots.jsonl"] = texts["ballots.jsonl"].replace(b'"ballots": 1,', b'"ballots": 2,', 1)
    assert "6,586 was published, 6,587 is in the file" in " ".join(
        verify_bundle(texts, lambda a, b: run_vote(a, card=b)).wrong
    )
