"""From two tables to a panel, and the command line on real folders."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from isopolis.cli.app import run
from isopolis.engage.lottery.mixing import Budget
from isopolis.flows.lottery import ImpossibleError, certificate, draw_from_files
from isopolis.model import CallError, DataError

ENDLESS = Budget(lambda: 0.0, 1e9)
PEOPLE = b"id,gender,age,home\n" + b"".join(
    f"n{i},{'fm'[i % 2]},{'oy'[i % 3 == 0]},{i // 2}\n".encode() for i in range(24)
)
QUOTAS = b"feature,value,min,max\ngender,f,3,5\ngender,m,3,5\nage,o,4,6\nage,y,2,4\n"


def draw(people: bytes = PEOPLE, quotas: bytes = QUOTAS, size: int = 8, **more):
    return draw_from_files(people, quotas, size, seed=more.pop("seed", "s"), budget=ENDLESS, **more)


# sortition-algorithms 0.12.15 on the same files: lowest chance for maximin; lowest, highest and
# geometric mean for Nash (expected.json of both folders)
FOLDERS = {
    "sortition_example_small_20": ("respondents.csv", "categories.csv", 20, 0.1, 0.1, 0.1),
    "sortition_foundation_example": (
        "candidates.csv", "features.csv", 22, 0.0909090909, 0.0877026385, 0.141902787,
    ),
}  # fmt: skip


@pytest.mark.parametrize("folder", FOLDERS)
def test_published_chances_are_reached_on_real_folders(folder: str, data: Path, capsys) -> None:
    people, quotas, size, lowest, nash_lowest, nash_mean = FOLDERS[folder]
    arguments = [
        str(data / folder / people),
        str(data / folder / quotas),
        "--size",
        str(size),
        "--json",
        "-q",
    ]
    printed = {}
    for objective in ("leximin", "maximin", "nash"):
        assert run(["draw", *arguments, "--objective", objective, "--seed", "7"]) == 0
        printed[objective] = json.loads(capsys.readouterr().out)
    for objective in ("leximin", "maximin"):
        assert printed[objective]["min_chance"] == pytest.approx(lowest, abs=1e-6)
    assert printed["nash"]["min_chance"] == pytest.approx(nash_lowest, abs=1e-3)
    assert printed["nash"]["geometric_mean"] >= nash_mean - 1e-6
    for out in printed.values():
        assert len(out["panel"]) == len(set(out["panel"])) == size
        assert sum(out["chances"].values()) == pytest.approx(size)
        assert min(out["chances"].values()) == pytest.approx(out["min_chance"])
        assert out["gap"] < 1e-4
        assert out["seed"] == "7"
        assert all(q["min"] <= q["panel"] <= q["max"] for q in out["quotas"])


@pytest.mark.parametrize(
    "heading", ["feature,value,min,max", "category,feature,min,max", "Attribute;Value;Low;High"]
)
def test_columns_of_several_tools_are_understood(heading: str) -> None:
    quotas = QUOTAS.split(b"\n", 1)[1]
    table = heading.encode() + b"\n" + (quotas.replace(b",", b";") if ";" in heading else quotas)
    assert draw(quotas=table).panel == draw().panel


def test_people_without_ids_have_the_numbers_of_their_rows() -> None:
    bare = b"\n".join(line.split(b",", 1)[1] for line in PEOPLE.strip().split(b"\n"))
    made = draw(people=bare)
    assert made.ids == tuple(str(i) for i in range(2, 26)), "as a spreadsheet counts: the heading is row 1"
    assert made.by_row
    assert made.to_dict()["ids_are_rows"] is True
    assert not draw().by_row
    gap = bare.replace(b"\n", b"\n\n", 1)
    assert draw(people=gap).ids[0] == "3", "a line that is empty is a row too"
    assert len(set(draw(people=gap).ids)) == 24


def test_a_draw_by_rows_says_so(tmp_path: Path, capsys) -> None:
    (tmp_path / "p.csv").write_bytes(b"\n".join(line.split(b",", 1)[1] for line in PEOPLE.split(b"\n")[:-1]))
    (tmp_path / "q.csv").write_bytes(QUOTAS)
    call = ["draw", str(tmp_path / "p.csv"), str(tmp_path / "q.csv"), "--size", "8", "--seed", "s"]
    assert run(call) == 0
    said = capsys.readouterr()
    assert "no column of ids: people are called by their rows in it, the heading is row 1" in said.out
    assert len([line for line in said.out.splitlines() if line.startswith("  row ")]) == 8
    for old in ("types", "what can be had", "gap"):
        assert old not in said.out + said.err
    for plain in ("24 people of 4 kinds", "of the fairest chance"):
        assert plain in said.err
    for plain in ("Chance of a volunteer to be drawn", "It is proven that no lottery is fairer", "allowed:"):
        assert plain in said.out


def test_a_search_that_is_stopped_says_how_far_from_the_best_it_may_be(data: Path, capsys) -> None:
    folder = data / "sortition_foundation_example"
    call = ["draw", str(folder / "candidates.csv"), str(folder / "features.csv"), "--size", "22"]
    assert run([*call, "--seed", "s", "--within", "0.05", "-q"]) == 0
    said = capsys.readouterr().out
    assert "No lottery that keeps the quotas gives everybody more than 9.1%" in said
    assert re.search(r"proven that nothing is fairer: the lowest chance may be up to \d\.\d% of itself", said)


def test_an_objective_that_does_not_exist_is_refused_before_anything_is_read(tmp_path: Path, capsys) -> None:
    call = ["draw", str(tmp_path / "none.csv"), str(tmp_path / "none.csv"), "--size", "8"]
    assert run([*call, "--objective", "best"]) == 2
    said = capsys.readouterr().err
    assert 'there is no objective "best": leximin, maximin or nash' in said
    assert "none.csv" not in said


def test_census_counts_make_quotas_also_crossed() -> None:
    counts = b"feature,value,count\ngender & age,f & o,2000\ngender & age,m & o,4000\n"
    counts += b"gender & age,f & y,1000\ngender & age,m & y,1000\n"
    made = draw(quotas=counts)
    assert [(q.low, q.high) for q in made.quotas] == [(2, 2), (4, 4), (1, 1), (1, 1)]
    assert made.counts() == [2, 4, 1, 1]


def test_one_person_of_a_household() -> None:
    made = draw(household=["home"])
    for panel in made.listed.panels:
        assert len({made.people[i].household for i in panel}) == 8


def test_a_number_drawn_in_the_room_decides() -> None:
    made = draw(number=417)
    assert made.panel == tuple(made.people[i].id for i in made.listed.panels[417])
    with pytest.raises(CallError, match="999"):
        draw(number=1000)


def test_quotas_that_cannot_be_met_are_answered_with_the_smallest_change(tmp_path: Path, capsys) -> None:
    tight = QUOTAS.replace(b"gender,f,3,5", b"gender,f,6,8")
    with pytest.raises(ImpossibleError, match="smallest changes") as no:
        draw(quotas=tight.replace(b"gender,m,3,5", b"gender,m,3,3"))
    assert no.value.relaxations[0].people == 1
    (tmp_path / "p.csv").write_bytes(PEOPLE)
    (tmp_path / "q.csv").write_bytes(tight.replace(b"gender,m,3,5", b"gender,m,3,3"))
    call = ["draw", str(tmp_path / "p.csv"), str(tmp_path / "q.csv"), "--size", "8", "-q"]
    assert run(call) == 1
    assert "in the place of" in capsys.readouterr().err
    assert run([*call, "--relax", "--json"]) == 0


def test_everything_wrong_in_a_table_is_said_at_once() -> None:
    with pytest.raises(DataError) as wrong:
        draw(quotas=b"feature,value,min,max\ngender,f,5,3\ngender,f,x,3\ngender,m,-1,2.5\n")
    assert {p.code for p in wrong.value.problems} >= {
        "low-above-high",
        "not-a-count",
        "quota-twice",
        "not-whole",
    }
    with pytest.raises(DataError, match="row 3"):
        draw(people=PEOPLE.replace(b"n1,m", b"n1,?"))
    with pytest.raises(DataError, match="stand there twice"):
        draw(people=PEOPLE.replace(b"n1,", b"n0,"))
    with pytest.raises(DataError, match="did you mean"):
        draw(people=PEOPLE.replace(b"gender", b"genders"))
    with pytest.raises(DataError, match="feature, value, min, max"):
        draw(quotas=b"a,b\n1,2\n")


@pytest.mark.parametrize(
    "junk", [b"", b"\x00\x01", b"\xff\xfe\x00", b"id\n", b'id,gender\n"a,f\n', b"," * 9999]
)
def test_broken_tables_are_refused_in_words(junk: bytes) -> None:
    for call in ({"people": junk}, {"quotas": junk}):
        with pytest.raises(DataError):
            draw(**call)


def test_a_certificate_can_be_checked_against_the_list() -> None:
    made = draw()
    said = certificate(made, "n3")
    lines = made.listed.text(made.ids).splitlines()
    assert said["tickets"] == sum("n3" in line.split()[1:] for line in lines)
    assert said["selected"] == ("n3" in made.panel)
    assert said["digest"] == made.to_dict()["list"]["digest"]
    with pytest.raises(CallError, match="nobody called"):
        certificate(made, "n99")


def test_the_list_is_written_whole(tmp_path: Path, capsys) -> None:
    (tmp_path / "p.csv").write_bytes(PEOPLE)
    (tmp_path / "q.csv").write_bytes(QUOTAS)
    call = ["draw", str(tmp_path / "p.csv"), str(tmp_path / "q.csv"), "--size", "8", "-q", "--seed", "s"]
    assert run([*call, "--list", str(tmp_path / "list.txt")]) == 0
    assert len((tmp_path / "list.txt").read_text().splitlines()) == 1000
    first = capsys.readouterr().out
    assert run(call) == 0
    assert capsys.readouterr().out == first  # the same seed, the same words
    assert run([*call, "--person", "n3"]) == 0
    assert json.loads(capsys.readouterr().out)["of"] == 1000
    assert run([*call, "--objective", "best"]) == 2
