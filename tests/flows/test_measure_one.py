"""`isopolis.measure`: one measure at a time, the same as in the diagnosis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import isopolis
from isopolis.flows.change import change
from isopolis.flows.diagnosis import Diagnosis
from isopolis.model import CallError, Finding

from .towns import ORIGIN, SEX, counts, ordinary_town, run, town, values


@pytest.fixture(scope="module")
def ordinary() -> Diagnosis:
    return run(ordinary_town())


def test_measure_gives_the_value_of_the_diagnosis(ordinary: Diagnosis) -> None:
    city = ordinary.city
    asked: list[tuple[Finding, Callable[[], Finding]]] = []
    for f in ordinary.findings:
        if f.scope != "city" or f.measure.endswith("_change") or f.measure == "share":
            continue
        more: dict[str, Any] = {"date": f.date, "simulations": 19}
        if f.measure == "spatial_information_theory":
            more["radius"] = float(f.scale.split()[0])
        if f.measure.startswith("mutual_information_"):
            more["level"] = f.scale
        if f.versus not in ("", "rest"):
            more["versus"] = f.versus
        text = f.group or f.dimension
        asked.append((f, lambda f=f, t=text, m=more: isopolis.measure(city, f.measure, t, **m)))  # type: ignore[misc]
    assert len(asked) > 60
    for f, ask in asked[::3]:
        g = ask()
        assert g.value == pytest.approx(f.value, abs=1e-12)
        if "exact mean" in f.null_method:
            assert g.expected == pytest.approx(f.expected, abs=1e-12)
        labels = (
            "measure",
            "dimension",
            "group",
            "versus",
            "scale",
            "date",
            "n_people",
            "n_group",
            "n_zones",
        )
        assert [getattr(g, k) for k in labels] == [getattr(f, k) for k in labels]
        assert g.explanation == f.explanation


def test_an_index_of_the_catalogue_is_told_where_it_is(ordinary: Diagnosis) -> None:
    where = r"atkinson is in the catalogue.*dissimilarity.*docs/measures\.md"
    with pytest.raises(CallError, match=where):
        isopolis.measure(ordinary.city, "atkinson", "origin")
    with pytest.raises(CallError, match=where):
        change(ordinary.city, "origin", measure="atkinson")


def test_measure_takes_crossings_and_two_groups() -> None:
    city = town(counts(values(45, (3, 2)), ORIGIN, SEX))
    x = city.table("origin", "sex").values
    f = isopolis.measure(city, "dissimilarity", "origin=abroad & sex=female", "origin=here", simulations=19)
    a, b = x[:, 1, 0], x[:, 0].sum(axis=1)
    assert f.number == pytest.approx(0.5 * np.abs(a / a.sum() - b / b.sum()).sum(), abs=1e-12)
    assert f.n_group == a.sum()
    everyone = isopolis.measure(city, "information_theory", "origin × sex", simulations=19)
    assert everyone.dimension == "origin × sex"
    assert isopolis.measure(city, "share", "sex=female", simulations=19).number == x[:, :, 0].sum() / x.sum()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("dissimilarty", "sex=female"), 'did you mean "dissimilarity"'),
        (("dissimilarity", "sexx"), 'did you mean "sex"'),
        (("dissimilarity", "sex=femal"), 'did you mean "female"'),
        (("isolation", "sex"), "is about one group"),
        (("share", "sex"), "is about one group"),
        (("exposure", "sex=female"), "needs versus"),
        (("dissimilarity", "sex", "sex=male"), "is a dimension"),
        (("dissimilarity", "sex=female", "sex=female"), "share people"),
        (("information_theory", "sex=female", "origin=here"), "share people"),
        (("mutual_information_between", "sex=female"), "all groups at once"),
        (("spatial_information_theory", "sex"), "needs a radius"),
        (("location_quotient", "sex=female"), "one value per zone"),
        (("dissimilarity", "sex=female & sex=male"), "two categories"),
    ],
)
def test_a_wrong_call_says_what_to_do(arguments: tuple[str, ...], message: str) -> None:
    city = town(counts(values(45, (3, 2)), ORIGIN, SEX))
    with pytest.raises(CallError, match=message):
        isopolis.measure(city, *arguments)  # type: ignore[arg-type]


def test_measure_says_what_the_city_lacks() -> None:
    city = town(counts(values(45, (2,)), SEX), drawn=False, districts=False)
    with pytest.raises(CallError, match="no outlines"):
        isopolis.measure(city, "spatial_information_theory", "sex", radius=500)
    with pytest.raises(CallError, match="Town has none"):
        isopolis.measure(city, "mutual_information_between", "sex")
    with pytest.raises(CallError, match="at 1999"):
        isopolis.measure(city, "gini", "sex", date="1999")
    with pytest.raises(CallError, match="19"):
        isopolis.measure(city, "gini", "sex", simulations=3)
    with pytest.raises(CallError, match="19"):
        isopolis.diagnose(city, simulations=3)
