"""Maps: the right zones in the right class, gaps drawn as gaps, too many zones drawn as fewer."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model import Zones
from isopolis.report import units as units_module
from isopolis.report.atlas import Atlas
from isopolis.report.classes import classify
from isopolis.report.local import Local
from isopolis.report.maps import _round_length
from isopolis.report.prose import Names
from isopolis.report.style import RAMP
from isopolis.report.units import units_of

from .conftest import HOSTILE, make_diagnosis, squares

SVG = "{http://www.w3.org/2000/svg}"


def local_of(diagnosis, name: str = "origin") -> Local:
    return Local(next(t for t in diagnosis.local if t.name == name), diagnosis.city.zones)


def drawn_zones(svg: str) -> dict[str, str]:
    """Title of each zone → its fill."""
    out = {}
    for group in ET.fromstring(svg).iter(f"{SVG}g"):
        title, path = group.find(f"{SVG}title"), group.find(f".//{SVG}path")
        if title is not None and title.text and path is not None:
            out[title.text] = (
                re.findall(r"fill:\s*([^;]+)", path.get("style") or "") or [path.get("fill", "")]
            )[0]
    return out


@pytest.fixture(scope="module")
def drawn():
    made = make_diagnosis(64)
    atlas, local = Atlas(made.city, Names(made.city)), local_of(made)
    figure = atlas.score(local, "m")
    assert figure is not None
    return made, local, figure


def test_each_zone_carries_its_name_and_its_class_colour(drawn) -> None:
    made, local, figure = drawn
    titles = drawn_zones(figure.svg)
    assert len(titles) == made.city.zones.drawable.sum()
    average = np.average(local.score[local.shown], weights=local.people[local.shown])
    for zone in np.flatnonzero(local.shown & made.city.zones.drawable):
        text = next(t for t in titles if t.startswith(f"{made.city.zones.names[zone]}: "))
        ratio = local.score[zone] / average
        expected = RAMP[sum(ratio >= b for b in (0.25, 0.5, 1, 2, 4))]
        assert titles[text].lower() == expected, text
    assert any(HOSTILE in t for t in titles)


def test_gaps_are_hatched_and_in_the_legend(drawn) -> None:
    made, local, figure = drawn
    gaps = {t for t in drawn_zones(figure.svg) if t.endswith(": no data")}
    hidden = np.flatnonzero(~local.shown & made.city.zones.drawable)
    assert sorted(gaps) == sorted(f"{made.city.zones.names[z]}: no data" for z in hidden)
    assert {3, 5, 7, 11} <= set(hidden.tolist())  # nobody, fewer than thirty, suppressed, not collected
    fills = drawn_zones(figure.svg)
    assert all(fills[t].startswith("url(#m-") for t in gaps)
    assert "fewer than 30 people" in figure.svg


def test_legend_scale_bar_and_numbers_are_text(drawn) -> None:
    words = {"".join(t.itertext()) for t in ET.fromstring(drawn[2].svg).iter(f"{SVG}text")}
    assert {"over 4 times", "under 0.25 times", "500 m", "1", "2"} <= words


def test_drawings_carry_no_stray_ids_styles_or_metadata(drawn) -> None:
    root = ET.fromstring(drawn[2].svg)
    tags = {e.tag.removeprefix(SVG) for e in root.iter()}
    assert not tags & {"metadata", "style", "script"}
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert all(i.startswith("m-") for i in ids)
    assert len(ids) == len(set(ids))


def test_top_zones_are_those_that_contribute_most(drawn) -> None:
    _, local, figure = drawn
    slow = sorted(np.flatnonzero(local.shown), key=lambda z: (-local.contribution[z], z))[:10]
    assert local.top(10) == slow
    assert [row[1] for row in figure.table.rows] == [local.name(z) for z in slow]


def test_many_zones_are_drawn_as_pixels() -> None:
    made = make_diagnosis(1_600)
    figure = Atlas(made.city, Names(made.city)).score(local_of(made), "m")
    assert figure is not None
    assert "data:image/png;base64" in figure.svg
    assert "http" not in figure.svg.replace("http://www.w3.org/", "")
    assert len(figure.svg) < 600_000


def test_too_many_zones_become_squares_with_the_average_of_their_people(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(units_module, "AGGREGATE_ABOVE", 500)
    monkeypatch.setattr(units_module, "GRID_CELLS", 100)
    made = make_diagnosis(900)
    units = units_of(made.city)
    assert units is not None
    assert 30 < len(units) < 200
    assert "squares of" in units.note
    local = local_of(made)
    mean = units.mean(local.score, local.people)
    for cell in range(len(units)):
        inside = np.flatnonzero(units.of_zone == cell)
        slow = sum(local.score[z] * local.people[z] for z in inside) / max(
            sum(local.people[z] for z in inside), 1
        )
        assert mean[cell] == pytest.approx(slow)
        box = shapely.box(*shapely.total_bounds(units.shapes[cell : cell + 1])).buffer(1)
        assert all(box.contains(shapely.centroid(made.city.zones.geometry[z])) for z in inside)
    figure = Atlas(made.city, Names(made.city)).score(local, "m")
    assert figure is not None
    assert "squares of" in figure.note


def test_too_many_zones_become_their_parents_where_these_are_fine_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(units_module, "AGGREGATE_ABOVE", 500)
    made = make_diagnosis(900)
    blocks = np.array([f"B{(i % 30) // 3}-{i // 90}" for i in range(900)], dtype=object)
    old = made.city.zones
    city = replace(
        made.city, zones=Zones(old.ids, old.names, old.kind, {"block": blocks}, squares(900), old.crs)
    )
    units = units_of(city)
    assert units is not None
    assert len(units) == 100
    assert 'the level "block"' in units.note
    assert shapely.area(units.shapes).sum() == pytest.approx(shapely.area(squares(900)[:-1]).sum(), rel=0.01)


def test_points_without_extent_can_be_drawn(tmp_path: Path) -> None:
    shapes = shapely.points(np.random.default_rng(1).uniform(0, 5_000, (40, 2)))
    made = make_diagnosis(40, shapes=np.asarray(shapes, dtype=object))
    figure = Atlas(made.city, Names(made.city)).score(local_of(made), "m")
    assert figure is not None
    assert len(drawn_zones(figure.svg)) == 40


def test_overlapping_outlines_are_still_drawn() -> None:
    shapes = np.array([shapely.Point(i * 10, 0).buffer(50) for i in range(20)], dtype=object)
    made = make_diagnosis(20, shapes=shapes)
    assert Atlas(made.city, Names(made.city)).score(local_of(made), "m") is not None


def test_nothing_stands_out_where_everyone_is_mixed_alike() -> None:
    made = make_diagnosis(20)
    table = made.local[0]
    even = replace(table, local_m=table.local_m * 0, contribution=table.contribution * 0)
    assert Atlas(made.city, Names(made.city)).score(Local(even, made.city.zones), "m") is None


@given(st.floats(1e-3, 1e7))
def test_scale_bars_are_round_and_fit(longest: float) -> None:
    length = _round_length(longest)
    assert longest / 2.5 <= length * (1 + 1e-9)
    assert length <= longest
    assert f"{length:e}"[0] in "125"


@given(st.lists(st.floats(0, 10), min_size=1, max_size=50))
def test_a_value_on_a_break_belongs_above_it(values: list[float]) -> None:
    breaks = (0.5, 1.0, 2.0)
    slow = [sum(v >= b for b in breaks) for v in values]
    assert classify(np.array(values), breaks).tolist() == slow
