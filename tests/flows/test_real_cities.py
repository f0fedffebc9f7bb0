"""Barcelona and Berlin from their own files, by the city.toml in examples/."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import isopolis
from isopolis.explain.plain import LONGEST
from isopolis.flows.diagnosis import Diagnosis

ROOT = Path(__file__).resolve().parents[2]


def diagnosis(data: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> Diagnosis:
    monkeypatch.setenv("ISOPOLIS_DATA", str(data))
    return isopolis.diagnose(isopolis.load(ROOT / "examples" / name), simulations=19)


@pytest.fixture(scope="module")
def patch() -> pytest.MonkeyPatch:  # type: ignore[misc]
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def barcelona(data: Path, patch: pytest.MonkeyPatch) -> Diagnosis:
    return diagnosis(data, "barcelona", patch)


@pytest.fixture(scope="module")
def berlin(data: Path, patch: pytest.MonkeyPatch) -> Diagnosis:
    return diagnosis(data, "berlin", patch)


def against_rest(found: Diagnosis, measure: str, people: int, date: str = "") -> float:
    """Value of a measure for the group of so many people against the rest."""
    fitting = {
        f.number
        for f in found.findings
        if (f.measure, f.n_group, f.versus, f.scope) == (measure, people, "rest", "city")
        and f.date.startswith(date)
    }
    assert fitting, f"no {measure} of a group of {people:,} people"
    return max(fitting)


ONE_GROUP = {
    "Dissim": "dissimilarity",
    "Gini": "gini",
    "Entropy": "information_theory",
    "Isolation": "isolation",
    "CorrelationR": "variance_ratio",
}


def test_barcelona_has_the_values_of_pysal(barcelona: Diagnosis, data: Path) -> None:
    want = json.loads((data / "barcelona_neighbourhoods" / "expected.json").read_text(encoding="utf-8"))
    for text, values in want["single_group"].items():
        people = round(want["totals"][text.split(" of ")[0]])
        for theirs, ours in ONE_GROUP.items():
            got = against_rest(barcelona, ours, people)
            assert got == pytest.approx(values[theirs], rel=0, abs=1e-12), (text, ours)


@pytest.mark.parametrize("period", ["2015h1", "2020h2"])
def test_berlin_has_the_values_of_pysal_and_loses_no_resident(
    berlin: Diagnosis, data: Path, period: str
) -> None:
    want = json.loads((data / "berlin_planning_areas" / "expected.json").read_text(encoding="utf-8"))
    want = want["periods"][period]
    for text in ("foreigners of total", "with_migration_background of total", "age_above_65 of total"):
        people = round(want["totals"][text.split(" of ")[0]])
        for theirs, ours in ONE_GROUP.items():
            got = against_rest(berlin, ours, people, period[:4])
            assert got == pytest.approx(want["single_group"][text][theirs], rel=0, abs=1e-12), (text, ours)
    whole = {
        f.n_people
        for f in berlin.findings
        if f.measure == "gini" and f.date.startswith(period[:4]) and f.scope == "city"
    }
    assert max(whole) == want["totals"]["total"]


def test_berlin_names_the_traps(berlin: Diagnosis) -> None:
    said = "\n".join(
        [*map(str, berlin.city.caveats), *berlin.unknowns, *(c for f in berlin.findings for c in f.caveats)]
    )
    assert "04030417" in said  # counts without an outline
    assert "06010102" in said  # an outline twice
    assert "09041403" in said or "447 zones with people" in said  # an area of one date only
    assert re.search(r"round|3, 6 or 9", said)  # small counts


def test_both_headline_what_is_known_of_them(barcelona: Diagnosis, berlin: Diagnosis) -> None:
    assert any("abroad" in h.group for h in barcelona.headlines)
    assert any("foreign" in h.group or "migration" in h.group for h in berlin.headlines)
    for found in (barcelona, berlin):
        assert 3 <= len(found.headlines) <= 10
        assert len({(h.measure, h.group) for h in found.headlines}) == len(found.headlines)


@pytest.mark.parametrize("name", ["barcelona", "berlin"])
def test_sentences_read_well(name: str, request: pytest.FixtureRequest) -> None:
    found: Diagnosis = request.getfixturevalue(name)
    texts = (
        {f.explanation for f in found.findings} | set(found.unknowns) | set(found.headline_reasons.values())
    )
    assert len(texts) > 100
    for text in texts:
        assert text[0].isupper() or text[0].isdigit(), text
        assert text.endswith("."), text
        assert not re.search(r"  | \.| ,|\.\.|nan|None|[{}_]|unknown|e-\d\d|[a-z][.?!][A-Z]", text), text
        assert not re.search(r"\b(\w+) \1\b", text), text
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])", text):
            words = re.sub(r"“[^”]*”( \([^)]*\))?", "X", sentence).split()
            # a group counts as one word: how long it is lies with the city
            assert len(words) <= LONGEST + 8, text
