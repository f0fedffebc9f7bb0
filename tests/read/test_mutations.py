"""Damaged folders: a clear message or a city with caveats, never anything else."""

from __future__ import annotations

from pathlib import Path

import pytest

from isopolis.model import City, DataError, Problem
from isopolis.read import read_city

from ..mutate import Mutation, mutations
from .small_city import write_small


def judge(mutation: Mutation, target: Path) -> str:
    """Read the damaged folder; whatever is wrong must be said in words."""
    city, problems = attempt(mutation.write(target))
    if city is not None:
        assert city.counts, mutation.name
        return "read"
    assert any(p.fatal for p in problems), mutation.name
    for p in problems:
        assert p.message, mutation.name
        assert "Traceback" not in str(p), mutation.name
        assert p.file or p.code in ("nothing-usable", "guessed", "nothing-counted"), (mutation.name, p)
    return "stopped"


def attempt(folder: Path) -> tuple[City | None, tuple[Problem, ...]]:
    """Read, or say why not; any other exception is a failure."""
    try:
        return read_city(folder), ()
    except DataError as error:
        return None, error.problems


@pytest.mark.parametrize("part", range(6))
@pytest.mark.parametrize("toml", [True, False])
def test_a_damaged_small_city(tmp_path: Path, toml: bool, part: int) -> None:
    sound = write_small(tmp_path / "sound", toml=toml)
    every = mutations(sound, 90, seed=1)
    results = [judge(m, tmp_path / f"m{k}") for k, m in enumerate(every[part::6])]
    assert set(results) == {"stopped", "read"}


@pytest.mark.parametrize(("name", "n"), [("barcelona_neighbourhoods", 36), ("berlin_planning_areas", 8)])
def test_a_damaged_real_city(data: Path, tmp_path: Path, name: str, n: int) -> None:
    every = mutations(data / name, n, seed=2)
    results = [judge(m, tmp_path / f"m{k}") for k, m in enumerate(every)]
    assert "read" in results


CAVEATS = {
    "suppressed": None,
    "ids without zeros": "repaired-ids",
    "ids as floats": "repaired-ids",
    "total row": "total-row",
    "title rows": "title-rows",
    "footnote": "footnotes",
    "missing outline": "no-outline",
    "empty outline": "no-outline",
    "crossing outline": "mended-outline",
    "repeated outline": "repeated-outline",
    "two outlines with one id": "conflicting-outlines",
    "in degrees": "projected",
    "no reference system": "no-crs",
    "half the outlines": "counts-without-outline",
    "dropped rows": "zone-without-counts",
}
FATAL = {
    "text in a count": "text-in-counts",
    "negative count": "negative-count",
    "infinite count": "infinite-count",
    "percent": "percent-in-counts",
    "huge count": "text-in-counts",
    "emptied": "empty-file",
    "removed": "missing-file",
    "heading only": "no-rows",
    "repeated row": "duplicate-zone",
    "repeated table": "duplicate-zone",
    "unclosed quote": "unclosed-quote",
    "longer row": "ragged-rows",
    "other ids": "no-match",
    "blank ids": "row-without-zone",
    "degrees claimed": "wrong-crs",
    "degrees in metres": "wrong-crs",
    "no outlines column": "no-outlines",
    "renamed ids": "no-match",
    "not TOML": "bad-toml",
    "unknown key": "unknown-key",
    "unknown layout": "wrong-value",
    "unknown column": "unknown-column",
    "missing file": "missing-file",
    "list for text": "wrong-type",
    "unknown reference system": "unknown-crs",
}


@pytest.fixture(scope="module")
def by_kind(small_shared: Path) -> dict[str, list[Mutation]]:
    out: dict[str, list[Mutation]] = {}
    for m in mutations(small_shared, 340, seed=5):
        out.setdefault(m.name.split(":")[0], []).append(m)
    return out


@pytest.mark.parametrize("kind", CAVEATS)
def test_damage_that_becomes_a_caveat(by_kind: dict[str, list[Mutation]], tmp_path: Path, kind: str) -> None:
    city = read_city(by_kind[kind][0].write(tmp_path / "m"))
    if CAVEATS[kind]:
        assert CAVEATS[kind] in {p.code for p in city.caveats}


@pytest.mark.parametrize("kind", FATAL)
def test_damage_that_stops_the_run(by_kind: dict[str, list[Mutation]], tmp_path: Path, kind: str) -> None:
    # damage to a column that only gives context does not stop anything: look for one that counts
    for k, mutation in enumerate(by_kind[kind]):
        _, problems = attempt(mutation.write(tmp_path / f"m{k}"))
        if problems:
            assert FATAL[kind] in {p.code for p in problems if p.fatal}
            return
    pytest.fail(f"no {kind} stopped the run")


def test_mutations_are_deterministic_and_leave_the_original_alone(small_shared: Path, tmp_path: Path) -> None:
    before = {p.name: p.read_bytes() for p in small_shared.iterdir()}
    one, other = (mutations(small_shared, 30, seed=9) for _ in range(2))
    assert [m.name for m in one] == [m.name for m in other]
    for k, (a, b) in enumerate(zip(one[:8], other[:8], strict=True)):
        files = [m.write(tmp_path / f"{k}{side}") / m.file for side, m in (("a", a), ("b", b))]
        if a.file.endswith((".csv", ".toml")) and files[0].exists():
            assert files[0].read_bytes() == files[1].read_bytes()
    assert {p.name: p.read_bytes() for p in small_shared.iterdir()} == before
