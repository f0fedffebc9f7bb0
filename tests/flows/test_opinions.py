"""Conversations in Polis's form: read, mapped, written back; the command on every real folder."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from isopolis.cli.app import run
from isopolis.flows.opinions import opinions, votes_of
from isopolis.model import DataError
from isopolis.read.polis import read_polis

FOLDERS = ("polis_london_youth_policing", "polis_seattle_15", "polis_nz_biodiversity", "polis_vtaiwan_uberx")
LARGE = FOLDERS[2:]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Example data, not a real place: 90 people in two camps, with their ages and a census."""
    folder = tmp_path_factory.mktemp("talk")
    rng = np.random.default_rng(1)
    rows, people = [], []
    for p in range(90):
        young = p < 30
        people.append(f"v{p},{'young' if young else 'old'},{'x' if p < 4 else 'y' if p < 40 else 'z'}")
        for s in range(16):
            view = 1 if s % 2 or young else -1
            vote = view if rng.random() < 0.9 else 0
            rows.append(f"{1_600_000_000_000 + p},,{s},v{p},{vote}")
    (folder / "votes.csv").write_text(
        "timestamp,datetime,comment-id,voter-id,vote\n" + "\n".join(rows) + "\n"
    )
    texts = [
        f'1600000000000,,{s},v{s},0,0,{-1 if s == 15 else 1},"Line ""{s}""\nمرحبا, 好"' for s in range(16)
    ]
    (folder / "comments.csv").write_text(
        "timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body\n"
        + "\n".join(texts)
        + "\n",
        encoding="utf-8",
    )
    (folder / "people.csv").write_text("participant,age,part\n" + "\n".join(people) + "\n")
    (folder / "census.csv").write_text("feature,value,count\nage,young,500\nage,old,400\nage,middle,300\n")
    return folder


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_real_folder(folder: str, data: Path, capsys) -> None:
    assert run(["opinions", str(data / folder), "--json", "-q", "--resamples", "12"]) == 0
    out = json.loads(capsys.readouterr().out)
    expected = json.loads((data / folder / "expected.json").read_text(encoding="utf-8"))
    recount = expected["recount"]
    assert out["method"]["vote_rows"] == recount["vote_rows"]
    assert out["method"]["votes_counted"] == recount["distinct_pairs"]
    assert out["method"]["moderated_out"] == recount["comments_by_moderation"]["-1"]
    assert out["non_participants"]["voters"] == recount["voters"]
    published = out["published"]
    assert published["groups"] == expected["published"]["group_sizes"]
    for statement, value in expected["group_informed_consensus"]["top10"]:
        assert published["consensus"][statement] == pytest.approx(value, abs=1e-9)
    if folder in LARGE:
        assert published["adjusted_rand"] >= 0.8
        assert out["stability"]["same_number"] >= 0.8
        assert sum(g["people"] for g in out["groups"]) == out["non_participants"]["placed"]
    else:
        assert out["state"] in ("refused", "unsteady")
        assert out["reason"]
        assert out["stability"]["resamples"] == 12
    assert {"groups", "stability", "consensus"} <= set(out)
    assert all(r["text"] for r in out["consensus"])
    if folder == "polis_vtaiwan_uberx":
        assert any("自用車" in r["text"] for r in out["consensus"])


@pytest.mark.parametrize("folder", FOLDERS)
def test_consensus_of_every_published_statement_and_its_votes(folder: str, data: Path) -> None:
    """A slow count straight from the published table."""
    found = opinions(data / folder, resamples=0).published
    assert found is not None
    with (data / folder / "participants-votes.csv").open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["group-id"]]
    groups = sorted({r["group-id"] for r in rows})
    for statement, value in found.consensus.items():
        slow = 1.0
        for g in groups:
            cells = [r[statement] for r in rows if r["group-id"] == g and r[statement]]
            slow *= (cells.count("1") + 1) / (len(cells) + 2)
        assert value == pytest.approx(slow, abs=1e-9)


def test_there_and_back(town: Path, tmp_path: Path, capsys) -> None:
    out = tmp_path / "export"
    assert run(["opinions", str(town), "--export", str(out), "--json", "-q", "--resamples", "5"]) == 0
    first = json.loads(capsys.readouterr().out)
    there, back = read_polis(town), read_polis(out)
    assert back.people == there.people
    assert [(s.id, s.text, s.author, s.moderated) for s in back.statements] == [
        (s.id, s.text, s.author, s.moderated) for s in there.statements
    ]
    one, other = votes_of(there), votes_of(back)
    for name in ("person", "statement", "value"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
    assert np.array_equal(there.votes.when, back.votes.when)
    again = opinions(out, resamples=0)
    assert again.published is not None
    assert again.published.agreement == 1
    mine = {r["statement"]: r["value"] for r in first["consensus"]}
    assert {s: again.published.consensus[s] for s in mine} == pytest.approx(mine, abs=1e-9)
    assert run(["opinions", str(town), "--export", str(out), "-q", "--resamples", "0"]) == 1
    assert "votes.csv" in capsys.readouterr().err


def test_the_matrix_alone_is_enough(town: Path, tmp_path: Path) -> None:
    run(["opinions", str(town), "--export", str(tmp_path / "e"), "-q", "--resamples", "0"])
    for name in ("votes.csv", "comments.csv", "summary.csv"):
        (tmp_path / "e" / name).unlink()
    assert len(votes_of(read_polis(tmp_path / "e")).value) == len(votes_of(read_polis(town)).value)


def test_groups_of_the_census(town: Path, capsys) -> None:
    arguments = ["--people", str(town / "people.csv"), "--census", str(town / "census.csv")]
    assert (
        run(["opinions", str(town), "--json", "-q", "--resamples", "3", "--residents", "1200", *arguments])
        == 0
    )
    out = json.loads(capsys.readouterr().out)
    (age,) = out["census"]
    seen = {g["group"]: (g["voters"], g["residents"], g["not_there"]) for g in age["groups"]}
    assert seen == {"young": (30, 500, 470), "old": (60, 400, 340), "middle": (0, 300, 300)}
    standing = {r["statement"]: r["standing"] for r in age["consensus"]}
    assert standing["1"] == "agreed"
    assert standing["0"] == "divides"
    assert "15" not in standing  # moderated out
    assert next(r for r in age["consensus"] if r["statement"] == "0")["agrees_least"] == "old"
    assert out["non_participants"]["not_there"] == 1110


def test_a_small_census_group_is_hidden_with_a_second_one(town: Path, capsys) -> None:
    arguments = ["--people", str(town / "people.csv"), "--by", "part"]
    assert run(["opinions", str(town), "--json", "-q", "--resamples", "0", *arguments]) == 0
    (part,) = json.loads(capsys.readouterr().out)["census"]
    assert {g["group"]: g["voters"] for g in part["groups"]} == {"x": None, "y": None, "z": 50}
    assert part["consensus"] == []
    assert part["reason"]


def test_it_prints_sentences(town: Path, capsys) -> None:
    assert (
        run(
            [
                "opinions",
                str(town),
                "-q",
                "--resamples",
                "5",
                "--people",
                str(town / "people.csv"),
                "--by",
                "age",
            ]
        )
        == 0
    )
    out = capsys.readouterr().out
    assert "90 people voted" in out
    assert "2 groups: A 60, B 30." in out
    assert "number of residents is not given" in out


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("votes.csv", "comment-id,voter-id,vote\n1,a,2\n1,b,x\n", "2 more"),
        ("votes.csv", "comment-id,voter-id\n1,a\n", 'no column "vote"'),
        ("votes.csv", "comment-id,voter-id,vote\n1\n", "end before"),
        ("votes.csv", "comment-id,voter-id,vote\n", "not one vote"),
        ("votes.csv", "", "no column"),
        ("votes.csv", "timestamp,comment-id,voter-id,vote\n99999999999999999999999,1,a,1\n", "no value"),
        ("participants-votes.csv", "participant,group-id,1\na,0,1\na,0,1\n", "two rows"),
        ("participants-votes.csv", "participant,group-id,1\na,0,7\n", "no value"),
    ],
)
def test_hostile_files_are_refused_with_their_place(name: str, text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError) as error:
        read_polis(tmp_path)
    assert error.value.problems[0].file in (name, tmp_path.name)
    if said != "2 more":
        assert said in str(error.value)
    else:
        assert error.value.problems[0].count == 2


def test_every_list_has_a_heading(town: Path, data: Path, capsys) -> None:
    census = ["--people", str(town / "people.csv"), "--census", str(town / "census.csv")]
    assert run(["opinions", str(town), "-q", "--resamples", "0", *census]) == 0
    blocks = capsys.readouterr().out.strip().split("\n\n")
    assert len(blocks) > 2
    for block in blocks[1:]:
        assert not block.startswith(" "), "a list without a heading"
        assert block.split("\n")[0].endswith((":", "first", "residents"))
    (listed,) = [b for b in blocks if b.startswith("Statements, those on which all groups agree most first")]
    assert "how many agree / disagree / pass" in listed
    assert run(["opinions", str(data / "polis_london_youth_policing"), "-q", "--resamples", "0"]) == 0
    said = capsys.readouterr().out
    assert "\n\nStatements, those that most agree with first\nIn front of each: how many agree" in said


def test_calls_that_do_not_go_together(town: Path, tmp_path: Path, capsys) -> None:
    assert run(["opinions", str(tmp_path / "none")]) == 2
    assert run(["opinions", str(tmp_path)]) == 1
    assert run(["opinions", str(town), "--by", "age"]) == 2
    assert run(["opinions", str(town), "--people", str(town / "people.csv")]) == 2
    assert run(["opinions", str(town), "--residents", "20", "-q", "--resamples", "0"]) == 2
    assert run(["opinions", str(town), "--people", str(town / "people.csv"), "--by", "shoe"]) == 1
    assert "shoe" in capsys.readouterr().err
