"""Differencing attacks between releases are found and named."""

from __future__ import annotations

import numpy as np
import pytest

from isopolis.model import CallError, Dimension
from isopolis.privacy import Ledger, blocks, differences, entry_of

from .tables import AGE, SEX, table


def entries(counts, number: int = 1, parents: dict | None = None, only: tuple | None = None) -> list:
    parts = [b for b in blocks(counts, parents) if only is None or (b.level, b.names) in only]
    return [entry_of(b, number, "yearbook", "2026-01-01") for b in parts]


def compare(old: list, new: list, **options):
    return differences(new, Ledger(tuple(old)), **options)


def test_the_same_counts_again_are_no_attack() -> None:
    counts = table([[50, 60], [70, 80]], SEX)
    assert compare(entries(counts), entries(counts, 2)).clashes == ()


def test_a_revision_by_a_few_people() -> None:
    old, new = table([[50, 60], [70, 80]], SEX), table([[50, 63], [70, 80]], SEX)
    zone = [c for c in compare(entries(old), entries(new, 2)).clashes if "zone z0, sex=male" in c.whole]
    assert zone
    assert "release 2" in zone[0].whole
    assert "release 1" in zone[0].parts
    assert " 3 " not in str(zone[0])
    large = table([[50, 90], [70, 80]], SEX)
    assert compare(entries(old), entries(large, 2)).clashes == ()


def test_a_zone_and_its_parts() -> None:
    districts = {"district": ["a", "a", "a"]}
    counts = table([[50, 60], [2, 1], [70, 80]], SEX)
    old = entries(counts, parents=districts, only={("district", ())})
    part = table([[50, 60], [70, 80]], SEX, ids=["z0", "z2"])
    clashes = compare(old, entries(part, 2, only={("zone", ())})).clashes
    assert len(clashes) == 1
    assert "district a" in clashes[0].whole
    # the other way round: the parts first, the whole later
    back = compare(entries(part, only={("zone", ())}), entries(counts, 2, districts, {("district", ())}))
    assert len(back.clashes) == 1


def test_a_group_and_what_is_left_of_everybody() -> None:
    everybody = entries(table([[100, 40]], SEX), only={("zone", ())})
    most = Dimension("citizenship", ("citizens",), exhaustive=False)
    clashes = compare(everybody, entries(table([[134]], most), 2, only={("zone", ("citizenship",))})).clashes
    assert [c.whole.split(" of ")[0] for c in clashes] == ["zone z0, everyone"]


def test_a_group_and_its_sub_group() -> None:
    old = entries(table([[100, 40]], SEX), only={("zone", ("sex",))})
    crossed = table([[[60, 35, 1], [10, 10, 20]]], SEX, AGE)
    assert len(compare(old, entries(crossed, 2, only={("zone", ("age", "sex"))})).clashes) == 1


def test_other_dates_and_people_are_other_questions() -> None:
    old, new = table([[50, 60]], SEX), table([[50, 63]], SEX, date="2021")
    assert compare(entries(old), entries(new, 2)).pairs == 0
    assert compare(entries(old), entries(new, 2), across_dates=True).clashes


def test_the_ledger_survives_json_and_holds_only_what_was_shown() -> None:
    from isopolis.privacy import suppress

    out = suppress([table([[20, 30, 4], [20, 30, 46]], AGE)])
    ledger = Ledger(tuple(entry_of(b, 1, "p", "now") for b in out.blocks[0]))
    text = ledger.to_json()
    assert Ledger.from_json(text) == ledger
    assert Ledger.from_json(text).to_json() == text
    assert ledger.next_number == 2
    hidden = out.tables[0].hidden.reshape(-1)
    assert [c is None for c in ledger.entries[0].cells] == hidden.tolist()
    assert np.isinf(ledger.entries[0].values[0, 2])
    with pytest.raises(CallError):
        Ledger.from_json('{"format": 99}')
