"""Files in the Pabulib format, as they really are."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isopolis.engage.budget.election import Election
from isopolis.engage.budget.tables import election_from_tables, number, tables_of
from isopolis.flows.vote import read_vote, vote_text
from isopolis.model import DataError
from isopolis.read.pabulib import pabulib_text, parse_pabulib

SMALL = """META
key;value
description;Example data, not a real place
currency;EUR
budget;1000
vote_type;approval
PROJECTS
project_id;cost;votes;name;category;selected;neighborhood;latitude;longitude
a;600;2;Benches;green, play;1;North;52.1;21.0
b;400;2;Lamps;;0;South;;
VOTES
voter_id;age;vote;sex
1;34;a,b;F
2;;a;
3;61;b;M
"""


def made(text: str) -> Election:
    part = parse_pabulib(text, "x.pb")
    return election_from_tables(
        part.meta, part.projects.columns, part.votes.columns, file="x.pb",
        first_project=part.projects.first, first_vote=part.votes.first,
    )  # fmt: skip


def rows(e: Election) -> list[list[str]]:
    return [[e.ids[p] for p in e.ballots.by_voter.row(i).tolist()] for i in range(e.n_voters)]


def test_a_small_file() -> None:
    e = made(SMALL)
    assert (e.budget, e.scale, e.currency, e.ballot) == (1000, 1, "EUR", "approval")
    assert rows(e) == [["a", "b"], ["a"], ["b"]]
    assert [p.category for p in e.projects] == [("green", "play"), ()]
    assert [(p.place, p.point) for p in e.projects] == [("North", (52.1, 21.0)), ("South", None)]
    assert e.official == (0,)
    assert e.attributes["age"].labels == ("34", "61")
    assert e.attributes["sex"].codes.tolist() == [0, -1, 1]
    assert e.caveats == ()


DRESSES = {
    "byte order mark": lambda t: "\ufeff" + t,
    "Windows lines": lambda t: t.replace("\n", "\r\n"),
    "blanks around": lambda t: t.replace(";", " ; ").replace("a,b", "a, b"),
    "empty lines": lambda t: t.replace("PROJECTS", "\n\nPROJECTS\n").replace("VOTES", "\nVOTES"),
    "small letters": lambda t: t.replace("META", "meta").replace("PROJECTS", "Projects"),
    "semicolons at the end": lambda t: t.replace("META", "META;;").replace("VOTES\n", "VOTES;;;\n"),
    "no last line end": lambda t: t.rstrip("\n"),
    "all quoted": lambda t: "\n".join(";".join(f'"{c}"' for c in line.split(";")) for line in t.splitlines()),
    "money with a point": lambda t: t.replace(";600;", ";600.00;").replace("budget;1000", "budget;1000.0"),
    "money with thousands": lambda t: t.replace("budget;1000", "budget;1 000"),
}


@pytest.mark.parametrize("dress", DRESSES)
def test_the_same_file_in_other_clothes(dress: str) -> None:
    e, plain = made(DRESSES[dress](SMALL)), made(SMALL)
    assert (e.budget, e.projects, rows(e)) == (plain.budget, plain.projects, rows(plain))
    assert e.attributes["sex"].codes.tolist() == [0, -1, 1]


def test_a_quotation_mark_that_nobody_closed() -> None:
    e = made(SMALL.replace("Benches", '"Benches'))
    assert rows(e) == rows(made(SMALL))
    assert e.projects[0].name == '"Benches'


def test_names_with_semicolons_and_line_ends_in_quotes() -> None:
    e = made(SMALL.replace("Benches", '"Benches; and\nmore ""benches"""'))
    assert e.projects[0].name == 'Benches; and\nmore "benches"'


def test_cents_are_whole_units() -> None:
    e = made(SMALL.replace("a;600;", "a;600.55;"))
    assert (e.scale, e.budget, e.projects[0].cost) == (100, 100_000, 60_055)
    assert e.money(e.projects[0].cost) * 100 == 60_055


POINTS = SMALL.replace("approval", "cumulative").replace("voter_id;age;vote;sex", "voter_id;points;vote;sex")


def test_points() -> None:
    text = POINTS.replace("1;34;", "1;3,2;").replace("2;;", "2;5;").replace("3;61;", "3;0;")
    e = made(text)
    assert e.ballots.score.tolist() == [8, 2]
    assert rows(e)[2] == []  # no points are no mark
    half = made(text.replace("3,2", "3.5,1.5"))
    assert half.ballots.score.tolist() == [17, 3]
    assert "points-unit" in [p.code for p in half.caveats]


def test_rankings_count_as_borda() -> None:
    e = made(SMALL.replace("approval", "ordinal"))
    assert e.ballots.score.tolist() == [4, 3]  # two points for the first place, one for the second
    longer = made(SMALL.replace("vote_type;approval", "vote_type;ordinal\nmax_length;3"))
    assert longer.ballots.score.tolist() == [6, 5]


def test_a_knapsack_is_approval_with_a_limit() -> None:
    e = made(SMALL.replace("vote_type;approval", "vote_type;approval\nmax_sum_cost;1000"))
    assert (e.ballot, e.limits.max_cost) == ("knapsack", 1000)


@pytest.mark.parametrize(("old", "new", "code", "row"), [
    ("a,b", "a,zz", "unknown-project", 13),
    ("a,b", "a,a", "mark-twice", 13),
    ("1;34;a,b", "1;34;", "empty-ballots", 13),
    ("a;600;2", "a;600;7", "other-sum", 9),
    ("description", "num_votes;9\ndescription", "not-as-many", None),
    ("description", "budget_per_category;{}\ndescription", "budgets-apart", None),
    ("description", "max_length;1\ndescription", "too-many-projects", 14),
])  # fmt: skip
def test_what_is_odd_but_countable_is_said(old: str, new: str, code: str, row: int | None) -> None:
    e = made(SMALL.replace(old, new, 1))
    found = [p for p in e.caveats if p.code == code]
    assert len(found) == 1
    assert row is None or found[0].rows == (row,)


@pytest.mark.parametrize(("old", "new", "said"), [
    ("VOTES", "BALLOTS", "has no part VOTES"),
    ("budget;1000", "budget;much", "no number"),
    ("budget;1000", "budjet;1000", "names no budget"),
    ("budget;1000", "budget;-5", "more than nothing"),
    ("vote_type;approval", "vote_type;smileys", "no ballot of this kind"),
    ("b;400", "b;free", "must be a number above 0"),
    ("b;400", "a;400", "stands twice"),
    ("project_id;cost", "project;price", "no column project_id"),
    ("age;vote", "age;choice", "no column vote"),
    ("vote_type;approval", "vote_type;cumulative", "no column points"),
])  # fmt: skip
def test_what_cannot_be_counted_is_refused_with_its_place(old: str, new: str, said: str) -> None:
    with pytest.raises(DataError, match=said):
        made(SMALL.replace(old, new, 1))


def test_everything_wrong_is_said_at_once() -> None:
    with pytest.raises(DataError) as stop:
        made(SMALL.replace("project_id;cost", "project;price").replace("age;vote", "age;choice"))
    assert len([p for p in stop.value.problems if p.code == "no-column"]) == 3


@pytest.mark.parametrize(
    "junk", [b"", b"\0\0", b"META", b"<html>", b"META\nkey;value\nPROJECTS\nVOTES\n", b"\xff\xfe"]
)
def test_what_is_no_such_file_is_refused(junk: bytes, tmp_path: Path) -> None:
    path = tmp_path / "x.pb"
    path.write_bytes(junk)
    with pytest.raises(DataError):
        read_vote(path)
    with pytest.raises(DataError, match="cannot be read"):
        read_vote(tmp_path / "none.pb")


@given(st.text(alphabet="META\nVOSPRJC;,\"'01.éa ", max_size=200))
@settings(max_examples=60)
def test_no_text_makes_it_fall(text: str) -> None:
    for whole in (text, SMALL.replace("Benches", text), SMALL.replace("a,b", text)):
        with suppress(DataError):  # anything else is a defect
            made(whole)


@pytest.mark.parametrize(("text", "value"), [
    ("250000.0", "250000"), ("1 250 000,50", "1250000.5"), ("1,250,000", "1250000"), ("-3", "-3"), ("", None),
    ("1e6", None), ("12 zł", None), ("1'000", "1000"),
])  # fmt: skip
def test_numbers_as_these_files_write_them(text: str, value: str | None) -> None:
    assert number(text) == (None if value is None else Fraction(value))


@pytest.mark.parametrize("name", ["pb_amsterdam_358", "pb_warszawa_2026_wesola", "pb_wieliczka_2023"])
def test_what_is_written_is_read_again(data: Path, name: str) -> None:
    e = read_vote(data / name / "election.pb")
    again = made(pabulib_text(*tables_of(e, attributes=True)))
    assert (again.projects, again.budget, again.ballot) == (e.projects, e.budget, e.ballot)
    assert again.ballots.by_voter.other.tolist() == e.ballots.by_voter.other.tolist()
    assert {n: a.labels for n, a in again.attributes.items()} == {
        n: a.labels for n, a in e.attributes.items()
    }
    assert not made(vote_text(e)).attributes  # nothing about voters unless it is asked for
