"""Barcelona and Berlin go through the gate; a second release finds nothing to subtract."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

import isopolis
from isopolis.model import City, Mechanism
from isopolis.privacy import Ledger, Policy, release, suppress

from .tables import SECRET

ROOT = Path(__file__).resolve().parents[2]


def city(data: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> City:
    monkeypatch.setenv("ISOPOLIS_DATA", str(data))
    return isopolis.load(ROOT / "examples" / name)


def tables(place: City, date: str) -> list:
    """Everything of one date but the crossing by age, whose whole-number proofs take longer."""
    return [c for c in place.counts if c.date == date and c.values[0].size < 16]


@pytest.mark.parametrize("protection", ["cell_key", "suppress"])
@pytest.mark.parametrize(("name", "date"), [("barcelona", ""), ("berlin", "2020-12-31")])
def test_a_city_is_released_twice(
    name: str, date: str, protection: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = city(data, name, monkeypatch)
    policy, ledger, spent = Policy(protection=protection), Ledger(), time.process_time()
    for number in (1, 2):
        out = release(
            tables(place, date),
            policy,
            ledger,
            secret=SECRET,
            purpose="t",
            now="n",
            parents=place.zones.parents,
        )
        assert len(out.tables) == len(tables(place, date))
        assert out.ledger.next_number == number + 1
        ledger = out.ledger
    for true, made in zip(tables(place, date), out.tables, strict=True):
        shown = made.mechanism < Mechanism.INTERVAL
        most = 5 if protection == "cell_key" else 0
        assert np.abs(made.values - true.values)[shown].max() <= most
        hidden = made.hidden
        if hidden.any():
            assert (made.lower[hidden] <= true.values[hidden]).all()
            assert (true.values[hidden] <= made.upper[hidden]).all()
    assert time.process_time() - spent < 60


def test_suppressed_berlin_is_proven_safe(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = city(data, "berlin", monkeypatch)
    age = next(c for c in place.counts if [d.name for d in c.dimensions] == ["age"])
    out = suppress([age], place.zones.parents)
    assert out.safe
    assert all(a.low == 0 and a.high >= 10 for a in out.audit if a.primary)
    assert sum(not a.primary for a in out.audit) < 2 * sum(a.primary for a in out.audit)
