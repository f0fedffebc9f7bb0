"""Tables of services: what is read, what is repaired and said, what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pyproj import Transformer

from isopolis.model import NO, UNKNOWN, YES, DataError, Places, Problem, Problems
from isopolis.read.access_data import read_access
from isopolis.read.access_places import Box, to_degrees
from isopolis.read.columns import Table
from isopolis.read.service_places import step_free_word

from .access_city import PLACES, SERVICES, write_services


def read(folder: Path) -> tuple[dict[str, Places], list[Problem]]:
    found = read_access(folder)
    return {p.kind: p for p in found.services}, list(found.caveats)


def refused(folder: Path) -> list[Problem]:
    with pytest.raises(DataError) as error:
        read_access(folder)
    return [p for p in error.value.problems if p.fatal]


def line(row: int, column: str, value: str, text: str = SERVICES) -> str:
    """The table with one cell changed (`row` as a spreadsheet counts)."""
    rows = [r.split(",") for r in text.replace('"3,50"', "3.50").splitlines()]
    rows[row - 1][rows[0].index(column)] = value
    return "\n".join(",".join(r) for r in rows) + "\n"


def test_every_column_is_read(tmp_path: Path) -> None:
    kinds, caveats = read(write_services(tmp_path / "c"))
    assert list(kinds) == ["library", "health_centre"]
    library, health = kinds.values()
    assert library.ids.tolist() == ["a1", "a2"]
    assert library.names.tolist() == ["Alpha", "Beta"]
    assert library.zone.tolist() == ["0100", "0107"]
    assert library.fee.tolist() == [0, 0]
    assert health.fee[0] == 3.5
    assert np.isnan(health.fee[1])
    assert library.capacity[0] == 40
    assert np.isnan(library.capacity[1])
    assert np.isnan(health.capacity[1])
    assert library.step_free.tolist() == [YES, NO]
    assert health.step_free.tolist() == [UNKNOWN, UNKNOWN]
    assert library.languages.tolist() == [("es", "ca"), ()]
    assert library.booking.tolist() == ["none", "phone"]
    assert health.booking.tolist() == ["online_only", ""]
    assert library.hours.tolist() == ["Mo-Fr 08:00-18:00", ""]
    assert health.eligibility.tolist() == ["65 and over", ""]
    back = Transformer.from_crs(25831, 4326, always_xy=True)
    assert np.allclose((library.lon[0], library.lat[0]), back.transform(425100.0, 4580100.0), atol=1e-9)
    assert not [p for p in caveats if p.file == "services.csv"]


@pytest.mark.parametrize(
    ("column", "value", "code", "field"),
    [
        ("fee_eur", "a fiver", "malformed-fee", "fee"),
        ("fee_eur", "-2", "malformed-fee", "fee"),
        ("capacity", "-40", "bad-capacity", "capacity"),
        ("capacity", "many", "bad-capacity", "capacity"),
        ("step_free", "perhaps", "step-free-word", "step_free"),
        ("languages", "Spanish!", "language-word", "languages"),
        ("booking", "by pigeon", "booking-word", "booking"),
        ("opening_hours", "8 to 6", "bad-opening-hours", ""),
    ],
)
def test_a_word_that_nobody_can_read_is_not_known_and_said(
    tmp_path: Path, column: str, value: str, code: str, field: str
) -> None:
    kinds, caveats = read(write_services(tmp_path / "c", line(2, column, value)))
    (said,) = [p for p in caveats if p.file == "services.csv"]
    assert (said.code, said.rows, said.column, said.value, said.count) == (code, (2,), column, value, 1)
    assert said.rule
    if field:
        got = getattr(kinds["library"], field)[0]
        assert got in (UNKNOWN, "", ()) if field not in ("fee", "capacity") else np.isnan(got)


@pytest.mark.parametrize(
    ("word", "answer"),
    [("Yes", YES), ("ja", YES), ("oui", YES), ("sí", YES), ("kyllä", YES), ("nein", NO), ("não", NO),
     ("0", NO), ("limited", UNKNOWN), ("teilweise", UNKNOWN), ("", UNKNOWN), ("?", UNKNOWN),
     ("perhaps", None)],
)  # fmt: skip
def test_words_for_step_free(word: str, answer: int | None) -> None:
    assert step_free_word(word) == answer


# -- coordinates --------------------------------------------------------------
def test_longitude_and_latitude_need_no_system(tmp_path: Path) -> None:
    expected, _ = read(write_services(tmp_path / "a"))
    rows = [r.split(",") for r in SERVICES.replace('"3,50"', "3.50").splitlines()]
    back = Transformer.from_crs(25831, 4326, always_xy=True)
    for r in rows[1:]:
        r[4], r[5] = (f"{v:.9f}" for v in back.transform(float(r[4]), float(r[5])))
    text = "\n".join(",".join(r) for r in rows)
    got, caveats = read(write_services(tmp_path / "b", text, PLACES.replace('crs = "EPSG:25831"\n', "")))
    for kind, places in expected.items():
        assert np.allclose(got[kind].lon, places.lon, atol=1e-8)
        assert np.allclose(got[kind].lat, places.lat, atol=1e-8)
    assert not [p for p in caveats if p.file == "services.csv"]
    # and the other way round
    swapped = PLACES.replace('x = "x"\ny = "y"\ncrs = "EPSG:25831"', 'x = "y"\ny = "x"')
    (problem,) = refused(write_services(tmp_path / "c", text, swapped))
    assert problem.code == "wrong-crs"
    assert "swapped" in problem.hint
    assert 'x = "x", y = "y" for' in problem.hint  # and no system, since degrees need none


@pytest.mark.parametrize("stated", ["EPSG:4326", "EPSG:3035", "EPSG:32633"])
def test_the_likely_system_is_named(tmp_path: Path, stated: str) -> None:
    (problem,) = refused(write_services(tmp_path / "c", section=PLACES.replace("EPSG:25831", stated)))
    assert (problem.code, problem.count) == ("wrong-crs", 4)
    assert 'crs = "EPSG:25831"' in problem.hint
    assert stated in problem.message
    assert ("look like metres" in problem.message) == (stated == "EPSG:4326")


DEGREES = "id,kind,longitude,latitude\na,library,{}\nb,library,{}\nc,library,{}\n"
IN_DEGREES = """
[[places]]
file = "services.csv"
id = "id"
kind = "kind"
x = "longitude"
y = "latitude"
"""


def in_degrees(folder: Path, *points: str, more: str = "") -> Path:
    """Three libraries whose coordinates are in degrees; without zones, as in most tables of points."""
    return write_services(folder, DEGREES.format(*points), IN_DEGREES + more)


@pytest.mark.parametrize("stated", ["", "EPSG:4326", "EPSG:25831"])
def test_swapped_degrees_are_told_from_metres(tmp_path: Path, stated: str) -> None:
    more = f'crs = "{stated}"\n' if stated else ""
    swapped = in_degrees(tmp_path / "c", "41.372,2.106", "41.374,2.114", "41.371,2.11", more=more)
    with pytest.raises(DataError) as error:
        read_access(swapped)
    # nothing is said of rows without coordinates: they have some
    (problem,) = [p for p in error.value.problems if p.file == "services.csv"]
    assert (problem.code, problem.rows, problem.column) == ("wrong-crs", (2, 3, 4), "longitude")
    wanted = 'x = "latitude", y = "longitude"' + (', crs = "EPSG:4326"' if stated == "EPSG:25831" else "")
    assert wanted + " for this table" in problem.hint
    assert "proj" not in problem.hint
    # what it says to write is right
    written = IN_DEGREES.replace('x = "longitude"\ny = "latitude"', wanted.replace(", ", "\n"))
    mended = write_services(tmp_path / "d", (swapped / "services.csv").read_text("utf-8"), written)
    assert read(mended)[0]["library"].lat.tolist() == [41.372, 41.374, 41.371]


LOCAL = "+proj=laea +lat_0=-30.03 +lon_0=-51.2 +x_0=0 +y_0=0 +datum=WGS84 +units=m +no_defs"
"""Zones in degrees outside Europe are worked on in such a system; its origin is in the city."""


def refusal(x: list[float], y: list[float], stated: str = "") -> Problem:
    """What is said of points in degrees beside a city with outlines in `LOCAL`."""
    problems, box = Problems(), Box(-51.3, -30.2, -51.0, -29.9, (LOCAL,))
    table = Table("services.csv", {}, np.arange(2, 2 + len(x)))
    lon, _ = to_degrees(np.array(x), np.array(y), stated, box, ("lon", "lat"), table, problems)
    (problem,) = problems
    assert problem.fatal
    assert np.isnan(lon).all()
    return problem


def test_swapped_degrees_are_never_offered_a_metric_system() -> None:
    problem = refusal([-30.03, -30.05, -30.1], [-51.2, -51.1, -51.25])
    assert problem.hint.endswith('write x = "lat", y = "lon" for this table in city.toml.')
    # and where the right latitude is beyond 90, as in China
    box, problems = Box(121.3, 31.1, 121.6, 31.4, (LOCAL,)), Problems()
    table = Table("services.csv", {}, np.arange(2, 4))
    to_degrees(np.array([31.2, 31.3]), np.array([121.4, 121.5]), "", box, ("a", "b"), table, problems)
    assert [p.code for p in problems] == ["wrong-crs"]
    assert 'x = "b", y = "a" for' in next(iter(problems)).hint


@pytest.mark.parametrize("place", [(0.0, 0.0), (-30.5, 40.2), (120.1, -35.0)])
def test_degrees_in_the_sea_lie_so_far_and_are_to_be_corrected(place: tuple[float, float]) -> None:
    problem = refusal([place[0]] * 3, [place[1]] * 3)
    assert "crs =" not in problem.hint
    assert "swapping" in problem.hint
    assert "correct the coordinates" in problem.hint
    away = _arc(*place, -51.15, -30.05)  # to the middle, where the message counts from the edge
    said = float(problem.message.removesuffix(" km from the city").rpartition(" ")[2].replace(",", ""))
    assert said == pytest.approx(away, abs=30)


def _arc(lon: float, lat: float, other_lon: float, other_lat: float) -> float:
    """Kilometres by the angle between two directions in space."""
    one, other = (
        np.array([np.cos(b) * np.cos(a), np.cos(b) * np.sin(a), np.sin(b)])
        for a, b in (np.radians([lon, lat]), np.radians([other_lon, other_lat]))
    )
    return float(6371.0 * np.arccos(one @ other))


def test_metres_of_an_unusual_system_are_to_be_looked_up() -> None:
    problem = refusal([7_000_000.0] * 2, [9_000_000.0] * 2, "EPSG:32633")
    assert 'crs = "EPSG:..."' in problem.hint


def test_half_of_the_rows_swapped(tmp_path: Path) -> None:
    (problem,) = refused(in_degrees(tmp_path / "c", "2.106,41.372", "41.374,2.114", "41.371,2.11"))
    assert (problem.code, problem.rows) == ("wrong-crs", (3, 4))
    assert "In these rows" in problem.hint
    assert "swapped" in problem.hint


def test_a_system_that_is_not_stated_is_told_from_the_city(tmp_path: Path) -> None:
    folder = write_services(tmp_path / "c", section=PLACES.replace('crs = "EPSG:25831"\n', ""))
    kinds, caveats = read(folder)
    assert kinds["library"].lon[0] == pytest.approx(2.1044, abs=1e-3)
    assert [p.code for p in caveats if p.file == "services.csv"] == ["crs-assumed"]


def test_an_unknown_system(tmp_path: Path) -> None:
    problems = refused(write_services(tmp_path / "c", section=PLACES.replace("25831", "999999")))
    assert [p.code for p in problems] == ["unknown-crs"]


def test_one_place_far_away_is_known_by_its_zone_only(tmp_path: Path) -> None:
    kinds, caveats = read(write_services(tmp_path / "c", line(2, "x", "925100.0")))
    assert np.isnan(kinds["library"].lon).tolist() == [True, False]
    assert kinds["library"].zone[0] == "0100"
    assert [p.code for p in caveats if p.file == "services.csv"] == ["far-place", "place-by-zone-only"]
    # 49 km are a neighbour's, not an error
    near, caveats = read(write_services(tmp_path / "d", line(2, "x", "378000.0")))
    assert np.isfinite(near["library"].lon).all()
    assert not [p for p in caveats if p.file == "services.csv"]


def test_half_of_the_places_far_away_are_another_system(tmp_path: Path) -> None:
    text = line(2, "x", "925100.0", line(3, "x", "928900.0"))
    assert [p.code for p in refused(write_services(tmp_path / "c", text)) if p.fatal] == ["wrong-crs"]


@pytest.mark.parametrize("mark", [".", ","])
def test_degrees_of_three_decimals_are_no_thousands(tmp_path: Path, mark: str) -> None:
    text = "id;kind;lon;lat\na;library;2.106;41.372\nb;library;2.114;41.374\n".replace(".", mark)
    section = '[[places]]\nfile = "services.csv"\nid = "id"\nkind = "kind"\nx = "lon"\ny = "lat"\n'
    kinds, _ = read(write_services(tmp_path / "c", text, section))
    assert kinds["library"].lon.tolist() == [2.106, 2.114]
    assert kinds["library"].lat.tolist() == [41.372, 41.374]


def test_a_place_without_place_or_zone_is_counted_and_left_out(tmp_path: Path) -> None:
    text = line(3, "zone", "", line(3, "x", ""))
    kinds, caveats = read(write_services(tmp_path / "c", text))
    assert kinds["library"].ids.tolist() == ["a1"]
    assert [(p.code, p.rows) for p in caveats if p.file == "services.csv"] == [("place-without-place", (3,))]


def test_an_unknown_zone_is_said(tmp_path: Path) -> None:
    kinds, caveats = read(write_services(tmp_path / "c", line(3, "zone", "9999")))
    assert kinds["library"].zone.tolist() == ["0100", ""]
    assert [p.code for p in caveats if p.file == "services.csv"] == ["unknown-zone"]


def test_points_drawn_in_a_file(tmp_path: Path) -> None:
    import geopandas

    folder = write_services(
        tmp_path / "c", section='[[places]]\nfile = "p.gpkg"\nid = "n"\nservice = "park"\n'
    )
    points = geopandas.points_from_xy([425100.0, 428900.0], [4580100.0, 4580400.0])
    geopandas.GeoDataFrame({"n": ["p", "q"]}, geometry=points, crs=25831).to_file(folder / "p.gpkg")
    expected, _ = read(write_services(tmp_path / "d"))
    kinds, _ = read(folder)
    assert np.allclose(kinds["park"].lon, expected["library"].lon, atol=1e-9)


# -- repeated rows -------------------------------------------------------------
def test_repeated_rows_are_used_once_and_repeated_ids_refused(tmp_path: Path) -> None:
    again = SERVICES + SERVICES.splitlines()[1] + "\n"
    kinds, caveats = read(write_services(tmp_path / "c", again))
    assert len(kinds["library"]) == 2
    assert [(p.code, p.rows) for p in caveats if p.file == "services.csv"] == [("repeated-row", (6,))]
    (problem,) = refused(write_services(tmp_path / "d", line(3, "id", "a1")))
    assert (problem.code, problem.rows, problem.value) == ("repeated-place", (3,), "a1")
    other = line(3, "id", "b1")  # another kind may use the id
    assert len(read(write_services(tmp_path / "e", other))[0]["library"]) == 2


def test_two_ids_at_one_spot_are_kept_and_said(tmp_path: Path) -> None:
    row = SERVICES.splitlines()[1].replace("a1,", "a9,")
    kinds, caveats = read(write_services(tmp_path / "c", SERVICES + row + "\n"))
    assert len(kinds["library"]) == 3
    assert [p.code for p in caveats if p.file == "services.csv"] == ["same-spot"]


def test_every_problem_is_said_at_once(tmp_path: Path) -> None:
    section = PLACES.replace('kind = "kind"', 'kind = "kinds"').replace("25831", "3035")
    section += '[[places]]\nfile = "nowhere.csv"\nservice = "park"\nx = "x"\ny = "y"\n'
    problems = refused(write_services(tmp_path / "c", section=section))
    assert {p.code for p in problems} == {"unknown-column", "missing-file"}
    section = PLACES.replace('x = "x"\n', "").replace(
        'kind = "kind"', 'kind = "kind"\nservice = "park"\nfees = "x"'
    )
    codes = sorted(p.code for p in refused(write_services(tmp_path / "d", section=section)))
    assert codes == ["missing-key", "missing-key", "unknown-key"]


# -- counts ------------------------------------------------------------------------
COUNTED = '[[places]]\nfile = "services.csv"\nzone = "id"\ncolumns = ["schools", "jobs"]\n'


def test_counts_per_zone(tmp_path: Path) -> None:
    text = "id,schools,jobs\n0100,2,0\n0101,,7\n0102,0,3\n9999,1,1\n"
    kinds, caveats = read(write_services(tmp_path / "c", text, COUNTED))
    found = read_access(tmp_path / "c")
    assert kinds["schools"].ids.tolist() == ["0100"]
    assert kinds["schools"].amount.tolist() == [2]
    assert kinds["jobs"].ids.tolist() == ["0101", "0102"]
    assert kinds["jobs"].amount.tolist() == [7, 3]
    row = found.origins.ids.tolist().index("0100")
    assert (kinds["schools"].lon[0], kinds["schools"].lat[0]) == (
        found.origins.lon[row],
        found.origins.lat[row],
    )
    codes = [p.code for p in caveats if p.file == "services.csv"]
    assert codes == ["unknown-zone", "unknown-amount", "place-without-place"]
    none = COUNTED + 'empty = "none"\n'
    _, caveats = read(write_services(tmp_path / "d", text, none))
    assert [p.code for p in caveats if p.file == "services.csv"][1] == "empty-means-none"


def test_counts_that_stand_twice(tmp_path: Path) -> None:
    same = "id,schools,jobs\n0100,2,5\n0101,1,7\n0100,2,5\n"
    kinds, _ = read(write_services(tmp_path / "same", same, COUNTED))
    assert kinds["schools"].amount.tolist() == [2, 1]
    other = "id,schools,jobs\n0100,2,5\n0101,1,7\n0100,3,5\n"
    (problem,) = refused(write_services(tmp_path / "other", other, COUNTED))
    assert (problem.code, problem.column, problem.rows, problem.value) == (
        "repeated-place", "schools", (4,), "0100",
    )  # fmt: skip


def test_text_cells_in_counts_are_refused_with_their_rows(tmp_path: Path) -> None:
    text = "id,schools,jobs\n0100,two,5\n0101,1,7\n0102,many,3\n"
    (problem,) = refused(write_services(tmp_path / "c", text, COUNTED))
    assert (problem.code, problem.rows, problem.value) == ("bad-amount", (2, 4), "two")


@pytest.mark.parametrize(
    ("cell", "places"),
    [("1,200", 1200), ("1.200", 1200), ("1 200", 1200), ("1.200.000", 1_200_000), ("12,5", 12.5),
     ("0.500", 0.5), ("40", 40), ("12.50", 12.5)],
)  # fmt: skip
def test_capacity_in_thousands(cell: str, places: float) -> None:
    from isopolis.read.service_places import _capacity

    assert _capacity(cell) == places


def test_negative_counts_are_refused(tmp_path: Path) -> None:
    (problem,) = refused(write_services(tmp_path / "c", "id,schools,jobs\n0100,-2,0\n0101,1,7\n", COUNTED))
    assert (problem.code, problem.rows, problem.column) == ("bad-amount", (2,), "schools")


def test_two_tables_of_one_kind_become_one_service(tmp_path: Path) -> None:
    second = '[[services]]\nfile = "more.csv"\nid = "id"\nservice = "library"\nzone = "zone"\n'
    second += 'terms = { library = "service:library" }\n'
    folder = write_services(tmp_path / "c", section=PLACES + second)
    (folder / "more.csv").write_text("id,zone\nm1,0103\n", encoding="utf-8")
    library = read(folder)[0]["library"]
    assert library.ids.tolist() == ["a1", "a2", "m1"]
    assert library.step_free.tolist() == [YES, NO, UNKNOWN]
    assert library.term == "service:library"
    (folder / "more.csv").write_text("id,zone\na1,0103\n", encoding="utf-8")
    assert [p.code for p in refused(folder)] == ["repeated-place"]
