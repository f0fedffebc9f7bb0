"""The same dimension of several populations is told apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from isopolis.flows.diagnose import diagnose
from isopolis.flows.universes import told_apart
from isopolis.model import City, Counts, Dimension, Zones


def table(ids: np.ndarray, name: str, universe: str, seed: int) -> Counts:
    x = np.random.default_rng(seed).integers(1, 500, (len(ids), 2)).astype(float)
    return Counts(ids, (Dimension(name, ("f", "m")),), x, np.uint8(0), date="2021", universe=universe)


def city() -> City:
    ids = np.array([f"z{i}" for i in range(30)], dtype=object)
    tables = (
        table(ids, "sex", "candidates", 1),
        table(ids, "sex", "residents", 2),
        table(ids, "side", "residents", 3),
    )
    return City("Town", Zones(ids), tables)


def test_only_what_has_several_populations_is_renamed() -> None:
    apart = told_apart(city())
    assert apart.dimension_names() == ("sex (candidates)", "sex (residents)", "side")
    assert [c.universe for c in apart.counts] == ["candidates", "residents", "residents"]
    one = replace(city(), counts=city().counts[1:])
    assert told_apart(one) is one


def test_findings_never_mix_two_populations() -> None:
    found = diagnose(city(), simulations=19)
    whole = [f for f in found.findings if f.measure == "information_theory" and f.group == ""]
    assert sorted(f.dimension for f in whole) == ["sex (candidates)", "sex (residents)", "side"]
    keys = [(f.measure, f.dimension, f.group, f.versus, f.scale, f.scope, f.date) for f in found.findings]
    assert len(keys) == len(set(keys))
    by_name = {c.dimensions[0].name: c.values.sum() for c in found.city.counts}
    assert all(f.n_people == by_name[f.dimension] for f in whole)
