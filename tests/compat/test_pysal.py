"""PySAL's names give PySAL's values, and not its defects."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from isopolis.compat import base, pysal
from isopolis.measure import CATALOGUE
from isopolis.model import CallError

CLOSE = {"rel": 0, "abs": 1e-12}


@pytest.fixture(scope="module")
def barcelona(data: Path) -> dict[str, Any]:
    with (data / "barcelona_neighbourhoods" / "neighbourhoods.csv").open(
        newline="", encoding="utf-8"
    ) as file:
        rows = list(csv.DictReader(file))
    names = ("total", "age_65_plus", "female")
    return {n: np.array([float(r[n]) for r in rows]) for n in names}


def classes(*bases: type) -> list[str]:
    return [n for n in pysal.__all__ if issubclass(getattr(pysal, n), bases)]


ONE = classes(base.SingleGroupIndex, base.SeparateZonesIndex)
MANY = [n for n in classes(base.MultiGroupIndex) if n != "GlobalDistortion"]
LOCAL = [n for n in classes(base.LocalIndex) if n.startswith("MultiLoc")]


def test_values_of_barcelona(data: Path, barcelona: dict[str, Any]) -> None:
    want = json.loads((data / "barcelona_neighbourhoods" / "expected.json").read_text(encoding="utf-8"))
    for group in ("age_65_plus", "female"):
        values = want["single_group"][f"{group} of total"]
        checked = [n for n in ONE if n in values]
        assert len(checked) >= 8
        for name in checked:
            made = getattr(pysal, name)(barcelona, group, "total")
            assert made.statistic == pytest.approx(values[name], **CLOSE), name


TABLE = {"a": [4, 0, 7, 3], "b": [16, 15, 11, 27], "c": [3, 3, 0, 9]}
TABLE["all"] = [sum(r) for r in zip(TABLE["a"], TABLE["b"], strict=True)]


@pytest.mark.parametrize("name", [*ONE, *MANY, *LOCAL])
def test_every_class_is_the_kernel_behind_it(name: str) -> None:
    made = getattr(pysal, name)
    if name in ONE:
        index = made(TABLE, "a", "all")
        x = np.array([TABLE["a"], TABLE["b"]], dtype=float).T
        options = {"draws": 500} if name == "ModifiedGini" else {}
        assert index.statistic == CATALOGUE[index.index].kernel(x, **options)
    else:
        index = made(TABLE, ["a", "b", "c"])
        x = np.array([TABLE[g] for g in "abc"], dtype=float).T
        value = index.statistics if isinstance(index, base.LocalIndex) else index.statistic
        np.testing.assert_array_equal(value, CATALOGUE[index.index].kernel(x))
    np.testing.assert_array_equal(index.core_data, x)
    assert name in repr(index)


@pytest.mark.parametrize("name", pysal.__all__)
def test_every_name_stands_in_the_catalogue(name: str) -> None:
    spec = CATALOGUE[getattr(pysal, name).index]
    assert spec.explain.title
    assert any(f" {name}" in p for p in spec.peers if p.startswith("PySAL"))


def test_options_keep_their_names() -> None:
    x = np.array([TABLE["a"], TABLE["b"]], dtype=float).T
    assert pysal.Atkinson(TABLE, "a", "all", b=0.3).statistic == CATALOGUE["atkinson"].kernel(x, shape=0.3)
    assert pysal.MultiDiversity(TABLE, ["a", "b"], normalized=True).index == "normalised_diversity"
    one, two = (pysal.ModifiedGini(TABLE, "a", "all", iterations=50, seed=7).statistic for _ in range(2))
    assert one == two


def test_a_group_with_nobody_in_it_does_not_make_nan() -> None:
    table = TABLE | {"none": [0, 0, 0, 0]}
    for name in MANY:
        with_none = getattr(pysal, name)(table, ["a", "b", "none"]).statistic
        assert with_none == pytest.approx(getattr(pysal, name)(table, ["a", "b"]).statistic, **CLOSE)


def test_no_value_is_an_error_with_the_reason_and_no_0() -> None:
    table = TABLE | {"none": [0, 0, 0, 0]}
    for name in ONE:
        with pytest.raises(CallError, match=f"{name} has no value here: Nobody of this group was counted"):
            getattr(pysal, name)(table, "none", "all")
    for name in MANY:
        if CATALOGUE[getattr(pysal, name).index].family != "composition":
            with pytest.raises(CallError, match="Only one group was counted"):
                getattr(pysal, name)(table, ["a", "none"])
    for name in [*MANY, *LOCAL]:
        with pytest.raises(CallError, match="Nobody was counted here"):
            getattr(pysal, name)({"a": [0, 0], "b": [0, 0]}, ["a", "b"])


def test_maps_are_masked_where_nobody_lives() -> None:
    for name in LOCAL:
        found = getattr(pysal, name)({"a": [1, 0, 3], "b": [2, 0, 2]}, ["a", "b"]).statistics
        assert np.ma.getmaskarray(found).reshape(3, -1).any(axis=1).tolist() == [False, True, False]


def test_modified_dissimilarity_is_the_same_every_time() -> None:
    assert len({pysal.ModifiedDissim(TABLE, "a", "all").statistic for _ in range(5)}) == 1


def test_what_is_wrong_is_named() -> None:
    with pytest.raises(CallError, match='no column of numbers called "d"'):
        pysal.Dissim(TABLE, "d", "all")
    with pytest.raises(CallError, match="row 0: all is larger than a"):
        pysal.Dissim(TABLE, "all", "a")
    with pytest.raises(CallError, match="row 1 of a, b is not a count"):
        pysal.MultiDissim({"a": [1, -1], "b": [2, 3]}, ["a", "b"])
    with pytest.raises(CallError, match="not a count"):
        pysal.MultiDissim({"a": [1, float("nan")], "b": [2, 3]}, ["a", "b"])
    with pytest.raises(TypeError, match="'w'"):
        pysal.BiasCorrectedDissim(TABLE, "a", "all", w=np.eye(4))  # surroundings share people
