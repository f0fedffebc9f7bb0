"""`isopolis vote`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from isopolis.cli.app import run
from isopolis.engage.budget import machine
from isopolis.flows import vote

PB = """META
key;value
description;Two ponds (example data, not a real place)
currency;EUR
budget;100
vote_type;approval
PROJECTS
project_id;cost;name;selected
a;60;Park;1
b;45;Pond;0
c;40;Music;1
VOTES
voter_id;vote;sex
1;a,c;F
2;a,c;M
3;a;F
4;b;M
5;b,c;F
"""
FILES = ("pb_amsterdam_358", "pb_toulouse_2022_saint_cyprien", "pb_warszawa_2026_wesola", "pb_wieliczka_2023")


@pytest.fixture
def pb(tmp_path: Path) -> Path:
    path = tmp_path / "vote.pb"
    path.write_text(PB, encoding="utf-8")
    return path


def answered(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert run(["vote", *arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


RULED = [*((name, "equal_shares") for name in FILES), (FILES[1], "greedy"), (FILES[1], "greedy_stop"),
         (FILES[2], "phragmen"), (FILES[1], "greedy_value")]  # fmt: skip


@pytest.mark.parametrize(("name", "rule"), RULED)
def test_every_file_and_every_rule(
    data: Path, capsys: pytest.CaptureFixture[str], name: str, rule: str
) -> None:
    got = answered(capsys, str(data / name / "election.pb"), "--rule", rule)
    assert {"winners", "cost", "endowment", "rule_card", "official", "voters_with_nothing"} <= set(got)
    assert got["cost"] <= got["budget"]
    assert got["rule_card"]["rule"] == rule
    assert len(got["winners"]) == len(got["steps"]) > 0
    assert (got["endowment"] is None) == (rule != "equal_shares")


def test_wieliczka(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    got = answered(capsys, str(data / "pb_wieliczka_2023" / "election.pb"), "--rule", "equal_shares")
    assert (len(got["winners"]), got["cost"], got["official"]["same"]) == (30, 995_079, True)
    assert 315 < got["endowment"] < 316
    assert got["endowment_exact"] == "1040052/3293"
    assert run(["vote", str(data / "pb_wieliczka_2023" / "election.pb")]) == 0
    said = capsys.readouterr().out
    assert "The city funded exactly these projects." in said
    assert "1,172 of 6,586 (17.8%)" in said


def test_a_small_vote_in_words(pb: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["vote", str(pb), "--rule", "greedy"]) == 0
    said = capsys.readouterr().out
    assert "2 winners for 100 EUR" in said
    assert "Voters without any project: 1 of 5 (20.0%)" in said
    assert run(["vote", str(pb), "--set", "completion=none"]) == 0
    assert "The city funded 2 for 100 EUR" in capsys.readouterr().out


def test_the_card_goes_in_and_comes_out(pb: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    got = answered(
        capsys, str(pb), "--set", "utility=cardinality", "--set", "min_score=2", "--rule", "equal_shares"
    )
    assert (got["rule_card"]["utility"], got["rule_card"]["min_score"]) == ("cardinality", 2)
    card = tmp_path / "card.json"
    card.write_text(json.dumps(got["rule_card"]), encoding="utf-8")
    assert answered(capsys, str(pb), "--card", str(card)) == got
    assert answered(capsys, str(pb), "--card", str(card), "--exact")["winners"] == got["winners"]


CODES = ("equal_shares", "greedy_stop", "greedy_value", "phragmen")


def test_the_comparison_that_a_card_asks_for_is_told(tmp_path: Path, capsys) -> None:
    """Nobody can pay for the one project that most want: by shares nothing, by most votes everything."""
    plain = PB.replace("b;45;Pond;0\nc;40;Music;1\n", "b;90;Pond;0\n").replace("budget;100", "budget;90")
    rows = "1;a,b;F\n2;b;M\n3;b;F\n4;a;M\n"
    (tmp_path / "v.pb").write_text(plain.split("1;a,c;F")[0] + rows, encoding="utf-8")
    call = (str(tmp_path / "v.pb"), "--set", "completion=none", "--set", "lot_seed=x")
    alone = answered(capsys, *call)
    assert (alone["winners"], alone["rule"], alone["compared"]) == ([], "equal_shares", None)
    lost = answered(capsys, *call, "--set", "comparison=greedy")
    assert (lost["winners"], lost["rule"]) == (["b"], "greedy")
    assert lost["compared"] == {"with": "greedy", "gain_more_by_rule_of_card": 0, "gain_more_by_other": 3}
    assert lost["rule_card"]["rule"] == "equal_shares", "the card stays what was decided before the vote"
    assert run(["vote", *call, "--set", "comparison=greedy"]) == 0
    said = capsys.readouterr().out
    assert "Rule: method of equal shares; for a voter a project counts by what it costs" in said
    assert ("Compared with “most votes first”, as the rule card asks: 3 voters gain more by it, 0 by "
            "“method of equal shares”; the outcome of “most votes first” counts") in said  # fmt: skip


def test_the_rule_of_the_card_stays_where_as_many_gain_by_it(pb: Path, capsys) -> None:
    got = answered(capsys, str(pb), "--set", "comparison=greedy", "--set", "lot_seed=x")
    found = got["compared"]
    assert got["rule"] == "equal_shares"
    assert found["with"] == "greedy"
    assert found["gain_more_by_other"] <= found["gain_more_by_rule_of_card"]
    assert answered(capsys, str(pb), "--rule", "greedy")["rule"] == "greedy"


def test_what_is_left_over_counts_only_what_could_win(pb: Path, capsys) -> None:
    call = ["vote", str(pb), "--set", "completion=none", "--set", "lot_seed=x"]
    spent = answered(capsys, *call[1:])
    assert spent["winners"] == ["c"], "by hand: three pay 13.33 each for the music; then nobody has enough"
    assert run(call) == 0
    said = capsys.readouterr().out
    assert "1 winner for 40 EUR" in said
    assert "Left over: 60 EUR; 2 projects that did not win cost no more (--set fill=greedy spends it)" in said
    assert run([*call, "--set", "min_score=3"]) == 0
    assert "Left over: 60 EUR; 1 project that did not win costs no more (" in capsys.readouterr().out
    assert run([*call, "--set", "min_score=4"]) == 0
    assert "Left over: 100 EUR\n" in capsys.readouterr().out, "no project has four votes: none could win"
    assert run([*call, "--set", "fill=greedy"]) == 0
    assert "Left over: 0 EUR\n" in capsys.readouterr().out


def test_words_and_not_codes_are_printed(pb: Path, capsys) -> None:
    for rule, name in (
        ("equal_shares", "method of equal shares"), ("phragmen", "Phragmén's sequential rule"),
        ("greedy", "most votes first"), ("greedy_stop", "ending at the first that does not fit"),
        ("greedy_value", "most votes per cost first"),
    ):  # fmt: skip
        call = ["vote", str(pb), "--rule", rule, "--set", "min_score=3", "--set", "lot_seed=x"]
        assert run(call) == 0
        said = capsys.readouterr().out
        assert name in said
        assert not [code for code in CODES if code in said]
        assert "borne" not in said
        assert "at least 3 votes or points can win; 1 project had fewer" in said


def test_a_folder_is_answered_with_what_it_holds(pb: Path, capsys) -> None:
    (pb.parent / ".hidden").touch()
    assert run(["vote", str(pb.parent)]) == 2
    said = capsys.readouterr().err
    for wanted in ("is a folder", "Pabulib file (.pb)", "Decidim or CONSUL", "it holds vote.pb",
                   f'isopolis vote "{pb}"'):  # fmt: skip
        assert wanted in said
    assert ".hidden" not in said
    pb.rename(pb.with_suffix(".txt"))
    assert run(["vote", str(pb.parent)]) == 2
    said = capsys.readouterr().err
    assert "it holds vote.txt" in said
    assert "try" not in said


def test_winners_are_written_as_a_file(pb: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "won.pb"
    got = answered(capsys, str(pb), "--rule", "greedy", "--pb", str(out))
    again = answered(capsys, str(out), "--rule", "greedy")
    assert sorted(again["official"]["winners"]) == sorted(got["winners"])
    assert ";sex" not in out.read_text(encoding="utf-8")


@pytest.mark.parametrize(("arguments", "code", "said"), [
    (["--rule", "fairest"], 2, 'rule of a rule card cannot be "fairest"'),
    (["--set", "utility"], 2, "NAME=VALUE"),
    (["--set", "utilty=cost"], 2, 'did you mean "utility"'),
    (["--set", "floors=x"], 2, "must be JSON"),
    (["--set", 'lot_order=["z"]'], 1, "lot names a project that does not exist"),
    (["--set", "attribute=district"], 1, "do not say this about voters"),
    (["--card", "none.json"], 1, "cannot be read"),
    (["ballots.csv"], 2, "there is no file"),
    (["--budget", "1000"], 2, "a .pb file says its own budget"),
    (["--pot", "North"], 2, "a .pb file says its own budget"),
])  # fmt: skip
def test_what_is_wrong_is_said(
    pb: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, said: str
) -> None:
    assert run(["vote", str(pb), *arguments]) == code
    assert said in " ".join(capsys.readouterr().err.split())


def test_a_tie_stops_and_asks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tie.pb"
    path.write_text(PB.replace("c;40;", "c;60;").replace("b,c", "b"), encoding="utf-8")
    tied = path.read_text(encoding="utf-8").replace("3;a;F", "3;c,a;F").replace("budget;100", "budget;70")
    path.write_text(tied, encoding="utf-8")
    assert run(["vote", str(path), "--json"]) == 1
    both = capsys.readouterr()
    assert both.out == ""
    assert "Draw a lot" in both.err
    assert answered(capsys, str(path), "--set", "lot_seed=dice 3 3 1")["ties"][0]["by"] == "lot"


def test_machine_code_is_kept_and_only_whole_code_of_ours_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first run says that it compiles; the next loads what was kept and says nothing."""
    code = bytes(range(256)) * 9
    said: list[str] = []
    monkeypatch.setenv("ISOPOLIS_CACHE", str(tmp_path / "kept"))
    monkeypatch.setattr(machine, "_compile", lambda _: code)
    monkeypatch.setattr(machine, "_load", lambda _, found: (None, found))
    for _ in range(2):
        assert machine.Machine(vote._Kept(), lambda: said.append("compiling"))._run == code
    assert said == ["compiling"]
    (file,) = (tmp_path / "kept").iterdir()
    for spoil in (lambda: file.write_bytes(file.read_bytes()[:-1]), lambda: os.chmod(file, 0o666)):
        assert vote._Kept().get(file.name) == code
        spoil()
        assert vote._Kept().get(file.name) is None
        vote._Kept().put(file.name, code)
    monkeypatch.setenv("ISOPOLIS_CACHE", str(file / "no folder"))
    lost = vote._Kept()
    lost.put("x", code)  # nowhere to keep it: for as long as the program runs
    assert lost.get("x") == code
