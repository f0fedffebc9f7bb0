"""City and Zones travel between processes: equal, frozen and checked when they arrive."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pytest
from shapely.geometry import Point, box

from isopolis.model import CallError, City, Counts, Dimension, Mechanism, Problem, Source, Zones
from isopolis.model.text import phrase

WAYS: dict[str, Callable[[Any], Any]] = {
    "pickle": lambda thing: pickle.loads(pickle.dumps(thing)),
    "oldest protocol": lambda thing: pickle.loads(pickle.dumps(thing, 2)),
    "deepcopy": copy.deepcopy,
    "copy": copy.copy,
}


def zones() -> Zones:
    ids = np.array(["001", "002", "003"], dtype=object)
    return Zones(
        ids,
        names=np.array(["a", "b", "c"], dtype=object),
        kind="grid cell",
        parents={"district": np.array(["x", "x", "y"], dtype=object)},
        geometry=np.array([box(0, 0, 1, 1), None, Point(3, 3).buffer(1)], dtype=object),
        crs="EPSG:3035",
        area=np.array([1.0, 2.0, 3.0]),
        centroid=np.array([[0.5, 0.5], [np.nan, np.nan], [3, 3]]),
    )


def city() -> City:
    origin = Dimension("origin", ("here", "abroad"), labels={"here": "Born here"})
    hidden = np.array([[0, 0], [6, 0], [0, 0]], dtype=np.uint8)
    values = np.arange(6.0).reshape(3, 2)
    ids = np.array(["001", "002", "003"], dtype=object)
    counts = (
        # a mechanism that was broadcast, and one that was not, with bounds
        Counts(ids, (origin,), values, np.uint8(Mechanism.EXACT), "2020"),
        Counts(ids, (origin,), values, hidden, "2021", lower=values, upper=values + 4, se=np.float64(0.5)),
    )
    return City(
        "Town",
        zones(),
        counts,
        sources=(Source("s", sha256={"a.csv": "00"}),),
        caveats=(Problem("odd", phrase("{n} rows are odd", n=3), "a.csv", (2, 3), fatal=False),),
        notes=("example data, not a real place",),
        context={"income": np.array([1.0, 2.0, 3.0])},
    )


def assert_same(a: Any, b: Any, where: str = "") -> None:
    assert type(a) is type(b), where
    if is_dataclass(a):
        for f in fields(a):
            assert_same(getattr(a, f.name), getattr(b, f.name), f"{where}.{f.name}")
    elif isinstance(a, np.ndarray):
        assert a.dtype == b.dtype, where
        assert a.shape == b.shape, where
        assert a.flags.writeable == b.flags.writeable, where
        assert all(same(x, y) for x, y in zip(a.ravel(), b.ravel(), strict=True)), where
    elif isinstance(a, Mapping):
        assert list(a) == list(b), where
        for key in a:
            assert_same(a[key], b[key], f"{where}[{key}]")
    elif isinstance(a, tuple):
        assert len(a) == len(b), where
        for place, (x, y) in enumerate(zip(a, b, strict=True)):
            assert_same(x, y, f"{where}[{place}]")
    else:
        assert a == b, where


def same(x: Any, y: Any) -> bool:
    return bool(x == y) or (x != x and y != y)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("made", [zones, city], ids=["zones", "city"])
def test_equal_after_a_round_trip(way: str, made: Callable[[], Any]) -> None:
    thing = made()
    assert_same(thing, WAYS[way](thing))
    assert_same(thing, WAYS[way](WAYS[way](thing)))


def test_cloudpickle_which_workers_use() -> None:
    import cloudpickle  # comes with the extra "cluster"

    thing = city()
    assert_same(thing, pickle.loads(cloudpickle.dumps(thing)))


def test_what_arrives_is_still_frozen() -> None:
    again = pickle.loads(pickle.dumps(city()))
    with pytest.raises(ValueError, match="read-only"):
        again.counts[1].values[0, 0] = 9
    with pytest.raises(ValueError, match="read-only"):
        again.zones.area[0] = 9
    with pytest.raises(TypeError):
        again.zones.parents["new"] = again.zones.ids
    with pytest.raises(TypeError):
        again.context["new"] = 1


def test_a_broadcast_array_is_sent_once() -> None:
    many, ids = 20_000, np.array([str(i) for i in range(20_000)], dtype=object)
    origin = Dimension("origin", ("here", "abroad"))
    counts = Counts(ids, (origin,), np.zeros((many, 2)), np.uint8(Mechanism.EXACT))
    small = len(pickle.dumps(counts))
    full = Counts(ids, (origin,), np.zeros((many, 2)), np.zeros((many, 2), dtype=np.uint8))
    assert small < len(pickle.dumps(full)) - 2 * many * 0.9
    assert pickle.loads(pickle.dumps(counts)).mechanism.shape == (many, 2)


def test_a_damaged_pickle_gives_no_wrong_city() -> None:
    made, (kind, values) = city().zones.__reduce__()
    with pytest.raises(CallError, match="unique"):
        made(kind, values | {"ids": np.array(["001", "001", "003"], dtype=object)})
