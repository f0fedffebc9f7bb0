"""Action plans: fields, states, log, tree, monitoring table, reminders."""

from __future__ import annotations

import itertools
import json
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.act.plan import (
    COLUMNS,
    STATES,
    TRANSITIONS,
    Action,
    Consultation,
    Plan,
    added,
    allowed_from,
    consulting,
    due,
    edited,
    facts_of,
    heading,
    lacks,
    monitoring,
    months_later,
    moved,
    next_update,
    problems,
    read_plan,
    refusals,
    removed,
    renamed,
    rows,
    state_name,
    to_plain,
    tree,
    versioned,
)
from isopolis.model import CallError, DataError

from .plans import TERMS, TODAY, WHEN, WHOLE, action, facts, label, plan

BY = {"who": "account:1", "when": WHEN}


def codes(found: Any) -> list[str]:
    return [p.code for p in found]


# -- fields ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("pillar", ["", "knowledge", "theme:housing", None])
def test_an_action_in_no_pillar_is_refused(pillar: Any) -> None:
    bad = {k: v for k, v in WHOLE.items() if k != "pillar"} | ({} if pillar is None else {"pillar": pillar})
    with pytest.raises(DataError) as refused:
        read_plan({"title": "P", "actions": [bad]})
    assert "belongs to a pillar" in str(refused.value)


def test_all_mistakes_of_a_file_come_at_once_with_their_places() -> None:
    bad = WHOLE | {"colour": "red", "start": "soon", "status": "finished", "pillar": "x"}
    bad["indicators"] = [{"name": "n", "baseline": float("nan")}]
    bad["resources"] = {"amount": 3}
    with pytest.raises(DataError) as refused:
        read_plan({"title": "P", "actions": [bad]})
    places = {p.column for p in refused.value.problems}
    assert places == {
        f"actions.0.{x}"
        for x in ("colour", "start", "status", "pillar", "indicators.0.baseline", "resources")
    }


@pytest.mark.parametrize("data", [None, [], "x", 3, {"actions": 3}, {"title": "x", "actions": [{}] * 2}])
def test_what_is_no_plan_is_refused(data: Any) -> None:
    with pytest.raises(DataError):
        read_plan(data)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//x", "http://a b"])
def test_only_web_addresses(url: str) -> None:
    with pytest.raises(DataError):
        read_plan({"title": "P", "actions": [WHOLE | {"outputs": [{"title": "o", "url": url}]}]})


def test_plans_survive_json() -> None:
    made = versioned(added(plan(action()), action(id="a2"), **BY), **BY, note="first")
    assert read_plan(json.loads(json.dumps(to_plain(made)))) == made


def test_nothing_in_a_plan_can_be_changed_in_place() -> None:
    with pytest.raises(Exception, match="frozen"):
        action().title = "other"  # type: ignore[misc]


# -- states --------------------------------------------------------------------------------------------
def test_the_table_of_transitions() -> None:
    """Written out by hand: what can follow what."""
    assert {s: set(allowed_from(s)) for s in STATES} == {
        "proposal": {"draft", "dropped"},
        "draft": {"consulted", "proposal", "dropped"},
        "consulted": {"final", "draft", "dropped"},
        "final": {"running", "draft", "dropped"},
        "running": {"done", "draft", "dropped"},
        "done": {"running"},
        "dropped": {"proposal"},
    }
    forward = {("proposal", "draft"), ("draft", "consulted"), ("consulted", "final"), ("final", "running"),
               ("running", "done")}  # fmt: skip
    assert {pair for pair, way in TRANSITIONS.items() if not way.reason} == forward


GUARDS = [
    # from, to, change of the whole action, change of the facts, what is said
    ("proposal", "draft", {"theme": ""}, {}, "no-theme"),
    ("proposal", "draft", {"theme": "theme:unknown"}, {}, "no-theme"),
    ("proposal", "draft", {"theme": "group:women"}, {}, "no-theme"),
    ("proposal", "draft", {"pillar": "pillar:magic"}, {}, "unknown-pillar"),
    ("proposal", "draft", {"secondary_pillars": ["pillar:magic"]}, {}, "unknown-pillar"),
    ("proposal", "draft", {"bottleneck": ""}, {}, "no-bottleneck"),
    ("proposal", "draft", {"objective": " "}, {}, "no-objective"),
    ("proposal", "draft", {"measure_type": ""}, {}, "no-measure-type"),
    ("draft", "consulted", {"outputs": []}, {}, "no-output"),
    ("draft", "consulted", {}, {"consulted": False}, "not-consulted"),
    ("draft", "consulted", {}, {"asked": {"a2"}}, "not-asked"),
    ("draft", "consulted", {}, {"consulted": False, "asked": {"a2"}}, "not-consulted"),
    ("consulted", "final", {}, {"asked": {"a2"}}, "not-asked"),
    ("consulted", "final", {}, {"open_points": {"a1": 1}}, "open-points"),
    ("consulted", "final", {}, {"open_points": {"": 2}}, "open-points"),
    ("consulted", "final", {"responses": [{"point": "x"}]}, {}, "open-points"),
    ("consulted", "final", {"responses": [{"point": "x", "decision": "taken_up"}]}, {}, "open-points"),
    ("final", "running", {"leader": ""}, {}, "no-leader"),
    ("final", "running", {"end": None}, {}, "no-timeline"),
    ("final", "running", {"resources": {}}, {}, "no-resources"),
    ("final", "running", {"indicators": [{"name": "n", "target": 3}]}, {}, "no-indicator"),
    ("running", "done", {}, {}, "output-missing"),
]


@pytest.mark.parametrize(("before", "to", "change", "fact", "code"), GUARDS)
def test_each_guard_says_no_by_itself(before: str, to: str, change: Any, fact: Any, code: str) -> None:
    one = action(status=before, **change)
    assert codes(refusals(one, to, facts(**fact))) == [code]
    with pytest.raises(DataError):
        moved(plan(one), "a1", to, facts(**fact), **BY)


def test_the_whole_way_is_possible_and_logged() -> None:
    now = plan(action(status="proposal"))
    delivered = [o | {"delivered": "2026-11-01"} for o in WHOLE["outputs"]]
    for to in ("draft", "consulted", "final", "running"):
        now = moved(now, "a1", to, facts(), **BY)
    now = edited(now, "a1", {"outputs": delivered}, **BY)
    now = moved(now, "a1", "done", facts(), **BY)
    assert [(c.before, c.after) for c in now.changes if c.what == "status"] == list(
        itertools.pairwise(["proposal", "draft", "consulted", "final", "running", "done"])
    )
    assert {(c.who, c.when, c.action) for c in now.changes} == {("account:1", WHEN, "a1")}


@pytest.mark.parametrize(("before", "to"), [p for p, way in TRANSITIONS.items() if way.reason])
def test_the_way_back_and_the_end_need_a_reason(before: str, to: str) -> None:
    outputs = [o | {"delivered": "2026-11-01"} for o in WHOLE["outputs"]]
    one = action(status=before, outputs=outputs)
    assert codes(refusals(one, to, facts())) == ["no-reason"]
    assert codes(refusals(one, to, facts(), "  ")) == ["no-reason"]
    made = moved(plan(one), "a1", to, facts(), **BY, why="Money is gone")
    assert (made.actions[0].status, made.changes[-1].why) == (to, "Money is gone")


@pytest.mark.parametrize(("before", "to"), sorted(set(itertools.product(STATES, STATES)) - set(TRANSITIONS)))
def test_no_other_way(before: str, to: str) -> None:
    assert codes(refusals(action(status=before), to, facts(), "why")) == ["no-such-way"]


def test_an_unknown_state_is_no_crash() -> None:
    assert codes(refusals(action(), "finished", facts())) == ["no-such-way"]


def test_all_reasons_come_at_once() -> None:
    bare = Action(id="a1", title="t", pillar="pillar:knowledge")
    assert set(codes(refusals(bare, "draft", facts()))) == {
        "no-theme", "no-bottleneck", "no-objective", "no-measure-type",
    }  # fmt: skip


def test_a_later_state_asks_for_all_that_earlier_ones_did() -> None:
    bare, none = Action(id="a1", title="t", pillar="pillar:none"), facts(consulted=False)
    asked = [set(codes(lacks(bare, s, none))) for s in ("proposal", "draft", "consulted", "final", "running")]
    assert all(a < b or a == b for a, b in itertools.pairwise(asked))


# -- changes --------------------------------------------------------------------------------------------
def test_each_changed_field_is_one_entry() -> None:
    made = edited(
        plan(action(status="draft")), "a1", {"title": "New", "gap": WHOLE["gap"], "leader": "X"}, **BY
    )
    assert [(c.what, c.before, c.after) for c in made.changes] == [
        ("title", WHOLE["title"], "New"),
        ("leader", "Youth office", "X"),
    ]
    assert made.actions[0].last_update == WHEN.date()


def test_nothing_changed_is_nothing_logged() -> None:
    before = plan(action(status="draft"))
    assert edited(before, "a1", {"title": WHOLE["title"]}, **BY) is before


@pytest.mark.parametrize("state", ["final", "running", "done", "dropped"])
def test_words_are_fixed_once_final(state: str) -> None:
    fixed = plan(action(status=state))
    with pytest.raises(DataError, match="fixed"):
        edited(fixed, "a1", {"objective": "Something else"}, **BY)
    # how far it is may always be said
    assert edited(fixed, "a1", {"progress": "mid"}, **BY).actions[0].progress == "mid"


def test_state_and_id_have_ways_of_their_own() -> None:
    for field in ({"status": "done"}, {"id": "b"}):
        with pytest.raises(CallError):
            edited(plan(action()), "a1", field, **BY)


def test_a_wrong_value_changes_nothing() -> None:
    with pytest.raises(DataError) as refused:
        edited(plan(action(status="draft")), "a1", {"title": "", "pillar": "none", "hue": 1}, **BY)
    assert len(refused.value.problems) == 3


def test_actions_come_and_go() -> None:
    made = added(plan(action()), action(id="a2", status="proposal"), **BY)
    with pytest.raises(DataError, match="already"):
        added(made, action(id="a2"), **BY)
    with pytest.raises(CallError, match="has no action"):
        removed(made, "a9", **BY)
    with pytest.raises(DataError, match="Only a proposal"):
        removed(made, "a1", **BY)
    gone = removed(made, "a2", **BY)
    assert [a.id for a in gone.actions] == ["a1"]
    assert [c.what for c in gone.changes] == ["added", "removed"]


def test_the_plan_itself_is_logged_too() -> None:
    made = renamed(plan(action()), {"title": "B", "note": ""}, **BY)
    made = consulting(made, Consultation(opens=TODAY, closes=TODAY), **BY)
    made = versioned(made, **BY, note="for the council")
    assert [c.what for c in made.changes] == ["title", "consultation", "version"]
    assert made.versions[0].states == {"a1": "final"}
    assert versioned(made, **BY).versions[-1].number == 2
    with pytest.raises(CallError):
        renamed(made, {"actions": []}, **BY)


ACTS = st.lists(
    st.tuples(st.sampled_from(["edit", *STATES]), st.sampled_from(["a1", "a2"]), st.text(max_size=5)),
    max_size=12,
)


@given(ACTS)
@settings(max_examples=60)
def test_the_log_replays_to_the_plan(acts: list[tuple[str, str, str]]) -> None:
    """Playing the log back on the first plan gives the last one: nothing changes unwritten."""
    now = first = plan(action(status="proposal"), action(id="a2", status="draft"))
    for what, name, text in acts:
        try:
            if what == "edit":
                now = edited(now, name, {"gap": text, "leader": text}, **BY)
            else:
                now = moved(now, name, what, facts(), **BY, why=text)
        except DataError:
            continue
    seen = {a.id: a.model_dump(mode="json") for a in first.actions}
    for c in now.changes:
        assert seen[c.action][c.what] == c.before
        seen[c.action][c.what] = c.after
    skip = {"last_update"}
    for a in now.actions:
        last = a.model_dump(mode="json")
        assert {k: v for k, v in last.items() if k not in skip} == {
            k: v for k, v in seen[a.id].items() if k not in skip
        }


# -- the whole plan -------------------------------------------------------------------------------------
def test_a_whole_plan_has_no_problem() -> None:
    over = Consultation(opens=date(2026, 1, 1), closes=date(2026, 2, 1))
    whole = plan(action(), consultation=over)
    assert problems(whole, facts_of(whole, TERMS, TODAY)) == []


def test_all_problems_at_once() -> None:
    bad = plan(
        action(
            groups=["group:elves"],
            start="2027-01-01",
            end="2026-01-01",
            secondary_pillars=["pillar:knowledge"],
        ),
        action(
            milestones=[{"title": "m", "planned": "2020-01-01", "actual": "2030-01-01"}],
            indicators=[{"name": "n", "target": 3}, {"name": "o", "baseline": 1, "target": 1}],
            responses=[{"point": "p", "decision": "taken_up"}],
        ),
        Action(id="a3", title="t", pillar="pillar:knowledge"),
        consultation=Consultation(opens=TODAY, closes=date(2026, 1, 1)),
    )
    found = problems(bad, facts_of(bad, TERMS, TODAY))
    assert {p.code for p in found} == {
        "same-id", "consultation-backwards", "unknown-group", "pillar-twice", "timeline-backwards",
        "future-day", "outside-timeline", "no-baseline", "no-change", "no-why", "open-points", "no-theme",
        "no-bottleneck",
        "no-objective", "no-measure-type",
    }  # fmt: skip
    # what a proposal still lacks contradicts nothing
    assert not any(p.fatal for p in found if "a3" in p.message)
    assert codes(problems(plan(), facts())) == ["no-action"]


def test_a_consultation_is_over_after_its_last_day() -> None:
    asked = plan(consultation=Consultation(opens=date(2026, 1, 1), closes=TODAY))
    assert not facts_of(asked, TERMS, TODAY).consulted
    assert facts_of(asked, TERMS, TODAY + timedelta(days=1)).consulted
    assert not facts_of(plan(), TERMS, TODAY).consulted


# -- the tree ----------------------------------------------------------------------------------------------
def test_the_tree_by_hand() -> None:
    made = plan(
        action(id="a", title="A", theme="theme:housing", bottleneck="Rents"),
        action(id="b", title="B", theme="theme:childcare", bottleneck="Hours", outputs=[]),
        action(id="c", title="C", theme="theme:housing", bottleneck=" rents ", outputs=[{"title": "Guide"}]),
        action(id="d", title="D", theme="", bottleneck="", status="dropped", outputs=[{"title": "X"}]),
    )
    assert rows(tree(made, label)) == (
        ("housing", "Rents", "A", "final", "Map of hours"),
        ("housing", "Rents", "A", "final", "Proposal to the council"),
        ("housing", "Rents", "C", "final", "Guide"),
        ("childcare", "Hours", "B", "final", "no output yet"),
        ("no theme yet", "no bottleneck yet", "D", "dropped", "X"),
    )
    assert [t.leaves for t in tree(made, label)] == [3, 1, 1]


# -- the monitoring table ----------------------------------------------------------------------------------
URBAN_AGENDA = (
    "id theme title bottleneck target_groups objective pillar existing_policies gap activities outputs "
    "leader members resources milestones indicators risks cross_cutting_links public_feedback_response "
    "status progress last_update"
).split()
"""The fields in which the Urban Agenda describes and follows its actions."""


def test_the_table_has_every_column_of_the_urban_agenda() -> None:
    assert set(URBAN_AGENDA) <= set(COLUMNS)
    row = monitoring(plan(action()), TODAY, label)[0]
    assert tuple(row) == COLUMNS
    assert row["resources"] == "120000 EUR, 1.5 full-time posts, city budget"
    assert row["milestones"] == "Survey done: planned 2027-02-01, open"
    assert row["indicators"] == "Places after 18 h, places: 40 → 160, now not stated"
    assert row["public_feedback_response"] == "Weekends too, in_part, Saturdays only: no staff"
    assert row["next_update"] == "2027-05-22"
    assert all(heading(c) for c in COLUMNS)


def test_what_nobody_stated_is_said_to_be_so() -> None:
    row = monitoring(plan(Action(id="a1", title="t", pillar="pillar:knowledge")), TODAY, label)[0]
    empty = {c for c, cell in row.items() if cell == "not stated"}
    assert {"leader", "resources", "indicators", "start", "last_update"} <= empty
    assert not any(cell in ("", "0", "None") for cell in row.values())


@pytest.mark.parametrize(
    ("actual", "today", "slip"),
    [
        ("2027-02-11", "2027-02-11", "10"),
        ("2027-01-30", "2027-02-11", "-2"),
        (None, "2027-02-04", "3"),
        (None, "2027-02-01", "not stated"),
    ],
)
def test_slip(actual: Any, today: str, slip: str) -> None:
    one = action(milestones=[{"title": "m", "planned": "2027-02-01", "actual": actual}])
    assert monitoring(plan(one), date.fromisoformat(today), label)[0]["slip_days"] == slip


# -- reminders ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "months", "then"),
    [("2026-01-31", 1, "2026-02-28"), ("2023-08-31", 6, "2024-02-29"), ("2026-11-22", 9, "2027-08-22"),
     ("2026-12-15", 1, "2027-01-15")],
)  # fmt: skip
def test_months(day: str, months: int, then: str) -> None:
    assert months_later(date.fromisoformat(day), months) == date.fromisoformat(then)


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 40))
def test_months_rise(day: date, months: int) -> None:
    later = months_later(day, months)
    assert later.day <= day.day
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months


@pytest.mark.parametrize(
    ("today", "kinds"),
    [
        ("2026-11-22", []),
        ("2027-01-02", [("milestone", False)]),
        ("2027-02-02", [("milestone", True), ("output", False)]),
        ("2027-05-21", [("milestone", True), ("output", True)]),
        ("2027-05-22", [("milestone", True), ("output", True), ("update", False)]),
        ("2027-08-22", [("milestone", True), ("output", True), ("update", False)]),
        ("2027-08-23", [("milestone", True), ("output", True), ("update", True)]),
        ("2028-11-30", [("milestone", True), ("output", True), ("update", True), ("indicator", False)]),
    ],
)
def test_what_is_due(today: str, kinds: list[tuple[str, bool]]) -> None:
    found = due(plan(action(status="running")), date.fromisoformat(today))
    assert [(r.kind, r.late) for r in found] == kinds


@pytest.mark.parametrize("state", ["proposal", "draft", "consulted", "done", "dropped"])
def test_nothing_is_due_of_what_is_not_in_force(state: str) -> None:
    one = action(status=state)
    assert due(plan(one), date(2090, 1, 1)) == ()
    assert next_update(one) is None


def test_states_have_names() -> None:
    assert len({state_name(s) for s in STATES}) == len(STATES)


def test_a_plan_names_its_actions() -> None:
    assert Plan(title="x").action("a1") is None
