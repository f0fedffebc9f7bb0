"""`isopolis verify`, and the report and bundle that `isopolis vote --report` writes."""

from __future__ import annotations

import html
import json
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import pytest

from isopolis.cli.app import run

PB = """\
META
key;value
description;Two ponds (example data, not a real place)
currency;EUR
budget;100
vote_type;approval
rule;greedy
num_projects;4
num_votes;264
PROJECTS
project_id;cost;votes;name;category;selected;district
a;60;132;"Park <script>alert(1)</script>";green,play;1;North
b;45;132;Pond;green;0;South
c;40;120;Ωδείο;music;1;North
d;200;12;Tower;music;0;South
VOTES
voter_id;vote;age;sex
"""
VOTES = [["a", "b"], ["a"], ["b", "c"], ["c"]] * 60 + [["a", "d"], ["b", "d"], ["a"], ["b"]] * 6


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vote")
    rows = [f"{i};{','.join(v)};{20 + i % 57};{'FM'[i * 7 % 3 % 2]}" for i, v in enumerate(VOTES)]
    (folder / "vote.pb").write_text(PB + "\n".join(rows) + "\n", encoding="utf-8")
    assert (
        run(
            [
                "vote",
                str(folder / "vote.pb"),
                "--set",
                "lot_seed=3 May",
                "--report",
                str(folder / "out"),
                "-q",
            ]
        )
        == 0
    )
    return folder / "out"


def test_the_bundle_verifies_on_another_machine(written: Path, capsys, tmp_path: Path) -> None:
    assert run(["verify", str(written / "bundle.zip"), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["verified"] is True
    assert answer["winners"]
    with zipfile.ZipFile(written / "bundle.zip") as archive:
        archive.extractall(tmp_path)
    assert run(["verify", str(tmp_path), "--digest", answer["digest"]]) == 0
    assert "The result verifies" in capsys.readouterr().out
    assert run(["verify", str(tmp_path), "--digest", "0" * 64]) == 1
    assert "another bundle" in capsys.readouterr().out


def test_a_changed_bundle_does_not_verify_and_says_what_changed(
    written: Path, capsys, tmp_path: Path
) -> None:
    with zipfile.ZipFile(written / "bundle.zip") as archive:
        archive.extractall(tmp_path)
    ballots = tmp_path / "ballots.jsonl"
    ballots.write_text(ballots.read_text().replace('"ballots": ', '"ballots": 9', 1))
    assert run(["verify", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "does not verify" in said
    assert "ballots.jsonl was changed" in said
    assert "the number of ballots" in said


def test_what_is_no_bundle_is_refused_in_words(capsys, tmp_path: Path) -> None:
    assert run(["verify", str(tmp_path / "none.zip")]) == 2
    (tmp_path / "text.zip").write_text("hello")
    assert run(["verify", str(tmp_path / "text.zip")]) == 1
    assert "this is no bundle" in capsys.readouterr().err
    with zipfile.ZipFile(tmp_path / "many.zip", "w") as archive:
        for i in range(60):
            archive.writestr(f"{i}.txt", "x")
    assert run(["verify", str(tmp_path / "many.zip")]) == 1
    assert "far more than a bundle" in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert run(["verify", str(tmp_path / "empty")]) == 1
    said = capsys.readouterr().err
    for wanted in ("no bundle of a published result", "manifest.json, vote.json, ballots", "--report DIR"):
        assert wanted in said


def test_the_folder_of_a_report_is_answered_with_the_bundle_in_it(written: Path, capsys) -> None:
    assert run(["verify", str(written)]) == 1
    both = capsys.readouterr()
    assert both.out == ""
    assert "audit.json, bundle.zip, report.html" in both.err
    assert f"Name the ZIP file in it: {written / 'bundle.zip'}" in both.err


def test_a_bundle_without_its_manifest_is_still_a_bundle(written: Path, capsys, tmp_path: Path) -> None:
    with zipfile.ZipFile(written / "bundle.zip") as archive:
        archive.extractall(tmp_path)
    (tmp_path / "manifest.json").unlink()
    assert run(["verify", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "The result does not verify: 1 difference." in said
    assert "manifest.json is missing" in said


def test_the_bundle_holds_nothing_about_voters(written: Path) -> None:
    with zipfile.ZipFile(written / "bundle.zip") as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert "sex" not in texts["ballots.jsonl"]
    assert "age" not in texts["ballots.jsonl"]
    groups = json.loads(texts["groups.json"])["groups"]
    assert {r["label"]: r["voters"] for r in groups["equal_shares"]["sex"]} == {"F": 176, "M": 88}
    small = [r for rows in groups["equal_shares"].values() for r in rows if r["voters"] and r["voters"] < 10]
    assert small == []


class Page(HTMLParser):
    """Collects what the tests ask about."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def count(self, tag: str) -> int:
        return sum(t == tag for t, _ in self.tags)


def test_the_page_stands_alone_and_is_well_made(written: Path) -> None:
    text = (written / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.count("h1") == 1
    assert page.count("script") == 0
    assert "&lt;script&gt;" in text
    assert page.count("caption") == page.count("table") > 5
    assert page.count("svg") >= 4
    assert all("scope" in a for t, a in page.tags if t == "th")
    assert not re.search(r'(?:src|href)="(?!#|data:)', text)
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    assert "Example data, not a real place." in text


def test_the_page_says_what_a_journalist_asks(written: Path) -> None:
    text = (written / "report.html").read_text(encoding="utf-8")
    for wanted in (
        "voters (", "got none of the projects they support", "Why other projects were not funded", "Ωδείο",
        "It costs more than the whole budget.", "official outcome", "Money by place of the project",
        "Promises of fairness", "isopolis verify bundle.zip",
    ):  # fmt: skip
        assert wanted in text
    numbers = json.loads((written / "audit.json").read_text(encoding="utf-8"))
    assert numbers["bundle_sha256"] in text
    assert {o["name"] for o in numbers["outcomes"]} == {"equal_shares", "official", "greedy", "phragmen"}


def prose(text: str) -> str:
    """What a reader sees of a page."""
    text = re.sub(r"<(style|svg)\b.*?</\1>", "", text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


@pytest.fixture(scope="module")
def halves(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty want a stadium that takes everything, which the city built; forty a mill that costs 30 of 100."""
    file = tmp_path_factory.mktemp("halves") / "vote.pb"
    head = PB[: PB.index("PROJECTS")].replace("num_projects;4", "num_projects;2").replace("264", "100")
    projects = "PROJECTS\nproject_id;cost;votes;name;selected\ns;100;60;Stadium;1\nm;30;40;Mill;0\n"
    rows = "".join(f"{i};{'s' if i < 60 else 'm'}\n" for i in range(100))
    file.write_text(f"{head}{projects}VOTES\nvoter_id;vote\n{rows}", encoding="utf-8")
    return file


def reported(file: Path, out: Path, *more: str) -> str:
    assert run(["vote", str(file), *more, "--report", str(out), "-q"]) == 0
    return prose((out / "report.html").read_text(encoding="utf-8"))


def test_a_broken_promise_stands_there_once_with_all_rules_that_break_it(
    halves: Path, tmp_path: Path
) -> None:
    """By hand: forty could pay for the mill; city and most votes first leave them with nothing."""
    said = reported(halves, tmp_path / "out")
    short = said.split("Who falls short")[1].split("What other rules would have done")[0]
    nobody = "40 voters (40.0% of all) support “Mill”, and their part of the budget would pay for it."
    assert short.count(f"{nobody} Not one of them got any project.") == 1
    assert "Every group large enough for a project has at least one voter" in short
    assert "“official outcome” and “most votes first”" in short
    assert "method of equal shares" not in short, "it keeps them all"
    proofs = re.findall(r"40 voters \(.*? (?:due|any project|due: \d+)\.", short)
    assert len(proofs) == len(set(proofs)) > 1


def test_the_report_has_names_and_sentences_for_the_rule_card(written: Path) -> None:
    said = prose((written / "report.html").read_text(encoding="utf-8"))
    for code in ("equal_shares", "phragmen", "greedy", "add1", "lower_cost", "past budget", "bear it"):
        assert code not in said
    for words in (
        "Every voter has the same share of the budget.", "A project counts for a voter by what it costs.",
        "a lot that was drawn in public and stands here: “3 May”", "Supporters who pay for it",
    ):  # fmt: skip
        assert words in said


def test_a_threshold_is_said_where_it_decided(halves: Path, tmp_path: Path) -> None:
    said = reported(halves, tmp_path / "out", "--set", "min_score=50", "--set", "by=money")
    for wanted in (
        "Only projects with at least 50 votes or points can be funded; 1 project has fewer.",
        "The rules of this vote ask for at least 50 votes or points; it had fewer.",
        "got any project. The rules of this vote shut out “Mill”: fewer than 50 votes or points.",
        "A project needs at least 50 votes or points to be funded.",
        "Other settings of the rule card: by = money.",
    ):  # fmt: skip
        assert wanted in said


def test_a_comparison_is_told_on_the_page(halves: Path, tmp_path: Path) -> None:
    said = reported(halves, tmp_path / "out", "--set", "comparison=greedy")
    assert (
        "The rules of this vote ask for a comparison with “most votes first”: 60 voters gain more by it, 40 "
        "by “method of equal shares”. The outcome of “most votes first” counts."
    ) in said
    assert "who was left out: most votes first" in said
    assert "The price of the guarantee “comparison with most votes first”" in said


def test_a_report_replaces_only_a_report(written: Path, tmp_path: Path, capsys) -> None:
    source = str(written.parent / "vote.pb")
    assert run(["vote", source, "--report", str(written), "-q"]) == 0
    (tmp_path / "audit.json").write_text("{}")
    assert run(["vote", source, "--report", str(tmp_path), "-q"]) == 2
    assert "no report of Isopolis" in capsys.readouterr().err
    assert (tmp_path / "audit.json").read_text() == "{}"
    assert run(["vote", source, "--report", source, "-q"]) == 2
    assert "is a file" in capsys.readouterr().err
