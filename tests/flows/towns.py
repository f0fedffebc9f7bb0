"""Cities made for one purpose each, and what must be true of the diagnosis of every city."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np

import isopolis
from isopolis.flows.diagnosis import Diagnosis
from isopolis.model import City, Counts, Dimension, Finding, Mechanism, Undefined, Zones

ORIGIN = Dimension("origin", ("here", "abroad", "far"), labels={"abroad": "Born abroad"}, ground="origin")
SEX = Dimension("sex", ("female", "male"), ground="sex")
AGE = Dimension("age", ("0-17", "18-44", "45-64", "65+"), ordered=True, ground="age")
E, HIDDEN, NOT = Mechanism.EXACT, Mechanism.INTERVAL, Mechanism.NOT_COLLECTED


def values(zones: int, shape: tuple[int, ...], seed: int = 1, size: float = 200.0) -> np.ndarray:
    """People by zone and group, unevenly."""
    rng = np.random.default_rng(seed)
    groups = math.prod(shape)
    mix = rng.dirichlet(np.linspace(6, 2, groups), zones)
    return rng.poisson(mix * size).astype(float).reshape(zones, *shape)


def counts(x: np.ndarray, *dimensions: Dimension, date: str = "2020", **more: Any) -> Counts:
    ids = np.array([f"{i:03d}" for i in range(len(x))], dtype=object)
    return Counts(ids, dimensions, x, more.pop("mechanism", np.uint8(E)), date, **more)


def place(zones: int, *, drawn: bool = True, districts: bool = True, lost: tuple[int, ...] = ()) -> Zones:
    """Zones on a grid of 400 m, in districts of six."""
    points = np.array([(400.0 * (i % 6), 400.0 * (i // 6)) for i in range(zones)]).reshape(zones, 2)
    outlines = np.array([None if i in lost else object() for i in range(zones)], dtype=object)
    points[list(lost)] = np.nan
    return Zones(
        np.array([f"{i:03d}" for i in range(zones)], dtype=object),
        kind="tract",
        parents={"district": np.array([f"d{i // 6}" for i in range(zones)], dtype=object)}
        if districts
        else {},
        geometry=outlines if drawn else None,
        centroid=points if drawn else None,
    )


def town(*tables: Counts, **zones: Any) -> City:
    survey = zones.pop("survey", ())
    where = zones.pop("where", None) or place(len(tables[0].zone_ids) if tables else 12, **zones)
    return City("Town", where, tables, survey=survey)


def run(city: City, **more: Any) -> Diagnosis:
    found = isopolis.diagnose(city, **({"simulations": 19} | more))
    check_sound(found)
    return found


def check_sound(found: Diagnosis) -> None:
    """What must be true of every diagnosis of every city."""
    json.dumps(dict(found.settings), allow_nan=False)
    assert found.unknowns == tuple(u for u in found.unknowns if u.endswith("."))
    for f in found.findings:
        f.to_json()  # refuses NaN
        assert f.explanation.endswith(".")
        assert "nan" not in f.explanation.lower().split()
        assert "  " not in f.explanation
        assert "{" not in f.explanation
        assert f.interval_method, f.measure
        if isinstance(f.value, Undefined):
            assert f.value.reason.endswith(".")
            assert f.value.reason in f.explanation
            assert f.interval is None
            continue
        if f.expected is not None and not f.measure.endswith("_change"):
            assert f.null_method
        if f.interval is None:
            assert f.interval_method.startswith("none:")
            assert "no value" not in f.interval_method  # there is one
        else:
            assert f.interval[0] <= f.interval[1]
        assert f.p is None or 0 < f.p <= 1
    for h in found.headlines:
        assert h in found.findings
    assert set(found.headline_reasons) == set(range(len(found.headlines)))
    for table in found.local:
        for array in (table.people, table.share, table.quotient, table.local_m, table.contribution):
            assert np.isfinite(array).all()
            assert (array[~table.measured] == 0).all()


def pick(found: Diagnosis, measure: str, **labels: Any) -> Finding:
    labels = {"scope": "city"} | labels
    fitting = [
        f
        for f in found.findings
        if f.measure == measure and all(getattr(f, k) == v for k, v in labels.items())
    ]
    assert len(fitting) == 1, [(f.group, f.scale, f.date) for f in fitting]
    return fitting[0]


def ordinary_town() -> City:
    """Sixty zones in ten districts, two dates, one crossing."""
    tables = [counts(values(60, (3, 2), seed), ORIGIN, SEX, date=d) for seed, d in ((1, "2010"), (2, "2020"))]
    return town(*tables, counts(values(60, (4,), 3), AGE))
