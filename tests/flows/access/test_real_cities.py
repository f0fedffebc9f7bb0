"""Two real folders from `isopolis init` to the answer, against figures that other tools worked out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from isopolis.flows.access import access
from isopolis.flows.access_asked import AccessAsked
from isopolis.flows.access_ground import Ground, Walk, ground_of
from isopolis.flows.access_load import load_access
from isopolis.flows.access_people import everybody
from isopolis.model import AccessData
from isopolis.reach.profiles import profile

OVERFLOWED = "7"
"""Decile whose sum of people times jobs ran over 32 bits where the expected values were made."""

WALKER = {
    "profile": "walker", "title": "Somebody on foot at 1 m/s", "note": "The model of the expected values.",
    "read": "2026-11-23", "sources": [{"cite": "expected.json", "where": "model", "url": "https://example.org"}],
    "speed": {"flat": 1.0, "slope": "none"}, "transit": {"walk_limit": 1000}, "max_minutes": 60,
    "snap_limit": 4000,
}  # fmt: skip


def _expected(data: Path, city: str) -> dict:
    return json.loads((data / f"access_{city}/expected.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def matrix_city(belo_horizonte: Path) -> AccessData:
    return load_access(belo_horizonte)


@pytest.fixture(scope="module")
def street_city(porto_alegre: Path) -> AccessData:
    return load_access(porto_alegre)


@pytest.mark.parametrize("minutes", [15, 30, 45, 60])
def test_jobs_by_income_decile_of_belo_horizonte(data: Path, matrix_city: AccessData, minutes: int) -> None:
    known = _expected(data, "belo_horizonte")["cumulative"][f"{minutes}min"]
    jobs = access(matrix_city, AccessAsked("jobs", minutes=minutes, by=(("income_decile",),)))
    deciles = known["jobs_weighted_mean_by_income_decile"]
    found = {g.group.partition("=")[2]: g.reached for g in jobs.main.groups[1:]}
    assert set(deciles) <= set(found)
    sound = minutes <= 30
    for decile, mean in deciles.items():
        if sound or decile != OVERFLOWED:
            assert found[decile] == pytest.approx(mean, rel=1e-9), decile
    if sound:
        everyone = jobs.main.everyone.reached
        assert everyone == pytest.approx(known["jobs_population_weighted_mean"], rel=1e-9)
    else:  # the right figure cannot be below the one that lost a part of its people's jobs
        assert found[OVERFLOWED] is not None
        assert found[OVERFLOWED] > deciles[OVERFLOWED]
    schools = access(matrix_city, AccessAsked("schools", minutes=minutes, by=(("income_decile",),)))
    everyone = schools.main.everyone
    assert 1 - everyone.finding.number == pytest.approx(known["share_of_population_with_no_school"], abs=1e-9)
    assert everyone.reached == pytest.approx(known["schools_population_weighted_mean"], rel=1e-9)


def test_a_matrix_alone_answers_and_says_what_it_cannot(matrix_city: AccessData) -> None:
    found = access(matrix_city, AccessAsked("schools", minutes=30))
    assert len(found.profiles) == 1
    assert found.streets is None
    assert found.split == {}
    assert found.sites == ()
    assert found.main.usable is None
    everyone = found.main.everyone  # the times are the times: nothing of streets is left open
    assert everyone.low is None
    assert everyone.high is None
    assert everyone.finding.detail["bounds"] is None
    assert {f.measure for f in found.inequality} >= {"access_gini", "access_palma", "access_concentration"}


@pytest.fixture(scope="module")
def ground(street_city: AccessData) -> Ground:
    found = ground_of(street_city, lambda _text: None)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def walk(ground: Ground) -> Walk:
    return ground.walk(profile(WALKER), lambda _text: None)


@pytest.mark.parametrize("minutes", [15, 30])
def test_walking_in_porto_alegre_as_osmium_and_scipy_have_it(
    data: Path, ground: Ground, walk: Walk, minutes: int
) -> None:
    """1 m/s on every way, and the way to the network not counted, as the expected values do."""
    from isopolis.reach.engine import matrix

    known = _expected(data, "porto_alegre")["walking_population_weighted_mean_reached"][f"{minutes}min"]
    people = everybody(ground.data.origins).values[:, 0]
    nothing = np.zeros(len(people), dtype=np.int32)
    for kind in ("healthcare", "schools", "jobs"):
        places = ground.data.service(kind)
        ends = ground.spots(places.lon, places.lat, walk.profile, walk.costs["expected"]).points
        indptr, indices, _ = matrix(
            walk.graphs["expected"], replace(walk.origins.points, offset=nothing),
            replace(ends, offset=np.zeros(len(places), dtype=np.int32)), limit=minutes * 60_000,
        )  # fmt: skip
        assert places.amount is not None
        amounts = np.concatenate([[0.0], np.cumsum(places.amount[indices])])
        reached = amounts[indptr[1:]] - amounts[indptr[:-1]]
        assert (reached * people).sum() / people.sum() == pytest.approx(known[kind], rel=0.02), kind
        if kind == "healthcare":
            without = people[reached < 0.5].sum() / people.sum()
            assert without == pytest.approx(known["share_population_without_healthcare"], abs=0.01)


def test_porto_alegre_on_foot_and_on_wheels(data: Path, street_city: AccessData) -> None:
    """The whole flow: everybody counted, bounds around, and a wheelchair's city smaller than an adult's."""
    known = _expected(data, "porto_alegre")
    shares = {}
    for body in ("adult", "older_person", "manual_wheelchair"):
        asked = AccessAsked("healthcare", body, 30, ("adult",), sites=0, transit=False)
        everyone = access(street_city, asked).main.everyone
        assert everyone.people == known["grid"]["population"]
        assert everyone.low is not None
        assert everyone.high is not None
        assert everyone.low <= everyone.finding.number <= everyone.high
        shares[body] = everyone.finding.number
    model = (
        1 - known["walking_population_weighted_mean_reached"]["30min"]["share_population_without_healthcare"]
    )
    # the model walks at 1 m/s, an adult at 1.33 and an older person at 0.97 with waits at crossings
    assert shares["manual_wheelchair"] < shares["older_person"] <= model <= shares["adult"]
    assert shares["older_person"] == pytest.approx(model, abs=0.05)


def test_service_of_porto_alegre_is_known_by_its_place_in_the_table(street_city: AccessData) -> None:
    found = street_city.service("healthcare")
    assert found.amount is not None
    assert found.amount.sum() == 141
    assert street_city.timetable is not None
    assert any("OpenStreetMap" in s for s in street_city.sources)
