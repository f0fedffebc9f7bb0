"""Commands for those who write rules and questionnaires, and the examples of their documents."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from isopolis.act import frames, rules
from isopolis.cli.app import run

ROOT = Path(__file__).resolve().parents[2]


def examples(document: str) -> list[str]:
    """The YAML blocks of a document."""
    return re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / document).read_text(encoding="utf-8"), re.S)


def test_the_examples_of_the_document_of_rules_are_right(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rule, tests = examples("rules.md")
    (tmp_path / "mine.yaml").write_text(rule, encoding="utf-8")
    (tmp_path / "mine.test.yaml").write_text(tests, encoding="utf-8")
    assert run(["rules", "check", str(tmp_path / "mine.yaml")]) == 0
    assert "4 tests passed, 0 failed" in capsys.readouterr().out
    (tmp_path / "mine.yaml").write_text(rule.replace("at_least: 1, of_every: 2", "at_least: 1, of_every: 3"))
    assert run(["rules", "check", str(tmp_path / "mine.yaml")]) == 1
    assert 'test "two men in a row": parity should be no and is yes' in capsys.readouterr().out


def test_a_rule_without_tests_is_not_covered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.yaml").write_text(examples("rules.md")[0], encoding="utf-8")
    assert run(["rules", "check", str(tmp_path / "mine.yaml")]) == 1
    assert "no test expects yes or no or unknown of parity" in capsys.readouterr().out


def test_every_shipped_rule_is_checked_by_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["rules", "check", "--all"]) == 0
    out = capsys.readouterr().out
    for name in rules.shipped_names():
        assert name in out
    assert run(["rules", "list"]) == 0
    assert "https://urban-initiative.eu/faq-eui-city-city-exchange" in capsys.readouterr().out


def test_facts_are_judged_by_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    facts = tmp_path / "facts.yaml"
    facts.write_text("visits: 4\n", encoding="utf-8")
    assert run(["rules", "judge", "eui_city_to_city", str(facts), "--on", "2026-11-22"]) == 0
    out = capsys.readouterr().out
    assert "eui_city_to_city on 2026-11-22: no" in out
    assert "→ Plan at most three visits." in out


@pytest.mark.parametrize(
    ("call", "code", "says"),
    [
        (["rules", "check"], 2, "--all"),
        (["rules", "check", "gone.yaml"], 2, "cannot be read"),
        (["rules", "check", "broken.yaml"], 1, "the data has"),
        (["rules", "check", "no.yaml"], 2, "no.yaml"),
        (["rules", "judge", "nothing", "facts.yaml"], 2, "no rules"),
        (["rules", "judge", "eui_peer_review", "facts.yaml"], 1, "unknown here"),
        (["rules", "judge", "eui_peer_review", "facts.yaml", "--on", "soon"], 2, "soon"),
        (["frames", "template", "nothing"], 2, "no frame"),
        (["frames", "check", "broken.yaml"], 1, "the data has"),
        (
            ["frames", "table", "facts.yaml", "--source", "https://example.org", "--read", "2026-01-01"],
            2,
            "--into",
        ),
        (
            ["frames", "table", "t.csv", "--id", "x", "--source", "https://example.org", "--read", "x"],
            2,
            "no day",
        ),
    ],
)
def test_wrong_calls_are_said_in_a_sentence(
    call: list[str], code: int, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.yaml").write_text("id: x\n", encoding="utf-8")
    (tmp_path / "no.yaml").write_text("a: [", encoding="utf-8")
    (tmp_path / "facts.yaml").write_text("visit: 1\n", encoding="utf-8")
    (tmp_path / "t.csv").write_text("id,text\na,A?\n", encoding="utf-8")
    assert run(call) == code
    assert says in capsys.readouterr().err


def test_the_example_of_a_questionnaire_and_the_way_to_fill_gaps(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.yaml").write_text(examples("frames.md")[0], encoding="utf-8")
    assert run(["frames", "check", str(tmp_path / "mine.yaml")]) == 0
    assert "3 questions, 1 absent" in capsys.readouterr().out
    assert run(["frames", "template", "cemr_charter", "--absent"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert len(rows) == 1 + 24
    column = rows[0].split(",").index("text")
    filled = [
        ",".join(["example text" if n == column else c for n, c in enumerate(r.split(","))])
        for r in rows[1:3]
    ]
    (tmp_path / "gaps.csv").write_text("\n".join([rows[0], *filled]), encoding="utf-8")
    call = ["frames", "table", str(tmp_path / "gaps.csv"), "--into", "cemr_charter"]
    assert run([*call, "--source", "https://example.org/charter", "--read", "2026-12-01"]) == 0
    made = frames.read_text(capsys.readouterr().out, "charter.yaml")
    assert len(made.absent()) == 22
    assert len(made.asked()) == 17
    assert run(["frames", "list"]) == 0
    assert "cemr_charter" in capsys.readouterr().out
