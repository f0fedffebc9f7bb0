"""What a folder says about getting around, from guesses to `AccessData`."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import shapely
from pyproj import Transformer

from isopolis.model import CallError, DataError
from isopolis.read import guess_city, init_city, read_city
from isopolis.read.access_data import read_access
from isopolis.read.config_access import AccessConfig, load_access, parse_access
from isopolis.read.guess import guess
from isopolis.read.toml_access import access_text

from .access_city import (
    PLACES,
    SERVICES,
    minutes,
    travel_csv,
    write_feed,
    write_services,
    write_streets,
    zone_ids,
)
from .small_city import TOML, squares, write_small


@pytest.fixture(scope="module")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every kind of file and no city.toml; not to be written to."""
    folder = write_small(tmp_path_factory.mktemp("rich") / "rich", toml=False)
    (folder / "services.csv").write_text(SERVICES, encoding="utf-8")
    (folder / "times.csv").write_text(travel_csv(minutes()), encoding="utf-8")
    write_streets(folder / "streets.gpkg")
    headways = "trip_id,start_time,end_time,headway_secs\nt,08:00:00,10:00:00,600\n"
    write_feed(folder / "bus.zip", frequencies=headways)
    (folder / "elevation.tif").write_bytes(b"not looked into when guessing")
    (folder / "inner.osm").write_text("<osm/>", encoding="utf-8")
    return folder


def copied(source: Path, target: Path) -> Path:
    shutil.copytree(source, target)
    for p in (target, *target.iterdir()):
        p.chmod(0o755)
    return target


# -- origins ---------------------------------------------------------------------
def test_people_start_inside_of_their_zone(tmp_path: Path) -> None:
    folder = write_small(tmp_path / "c")
    found = read_access(folder)
    forth = Transformer.from_crs(4326, 25831, always_xy=True)
    for outline, lon, lat in zip(squares(), found.origins.lon, found.origins.lat, strict=True):
        assert shapely.contains_xy(outline, *forth.transform(lon, lat))
    assert found.origins.ids.tolist() == zone_ids()
    city = read_city(folder)
    assert [c.dimensions for c in found.origins.counts] == [c.dimensions for c in city.counts]
    assert np.array_equal(found.origins.columns["rent_eur"], city.context["rent_eur"])
    assert found.origins.kind == "block"
    assert found.notes == ("example data, not a real place",)
    assert (found.services, found.streets, found.timetable, found.travel) == ((), None, None, ())


def test_of_several_dates_the_newest_is_taken(tmp_path: Path) -> None:
    folder = write_small(tmp_path / "c")
    second = TOML[TOML.index("[[tables]]") :].replace('date = "2024"', 'date = "2019"')
    (folder / "city.toml").write_text(TOML + second, encoding="utf-8")
    found = read_access(folder)
    assert {c.date for c in found.origins.counts} == {"2024"}
    assert list(found.origins.columns) == ["rent_eur"]


def test_a_class_of_zones_counts_everybody_once_and_keeps_the_unknown(tmp_path: Path) -> None:
    folder = write_small(tmp_path / "c")
    rows = (folder / "people.csv").read_text().splitlines()
    tenth = ["", *(str(1 + k % 3) for k in range(23))]
    text = "\n".join([f"{rows[0]},decile", *(f"{r},{t}" for r, t in zip(rows[1:], tenth, strict=True))])
    (folder / "people.csv").write_text(text + "\n", encoding="utf-8")
    toml = TOML.replace('context = ["rent_eur"]', 'context = ["rent_eur", "decile"]')
    (folder / "city.toml").write_text(toml + '[origins]\nclasses = ["decile"]\n', encoding="utf-8")
    found = read_access(folder)
    (counts,) = [c for c in found.origins.counts if c.has(["decile"])]
    assert counts.dimensions[0].categories == ("1", "2", "3", "unknown")
    total = read_city(folder).table("sex").totals()
    for row, people in enumerate(total):
        column = 3 if row == 0 else (row - 1) % 3
        assert counts.values[row].tolist() == [people * (k == column) for k in range(4)]
    assert "class-of-zones" in {p.code for p in found.caveats}


def test_a_class_of_zones_keeps_how_people_were_counted() -> None:
    from isopolis.model import Counts, Mechanism
    from isopolis.read.access_origins import _spread

    zones = np.array(["a", "b"], dtype=object)
    sampled = np.array([Mechanism.SAMPLE, Mechanism.EXACT], dtype=np.uint8)
    people = Counts(zones, (), np.array([30.0, 40.0]), sampled, se=np.array([4.0, 0.0]))
    inside = np.array([[True, False], [False, True]])
    found = _spread(people, "decile", ("1", "2"), inside, ordered=True)
    assert found.dimensions[0].categories == ("1", "2")
    assert found.mechanism.tolist() == [[Mechanism.SAMPLE, 0], [0, Mechanism.EXACT]]
    assert found.se.tolist() == [[4.0, 0.0], [0.0, 0.0]]
    assert found.values.tolist() == [[30.0, 0.0], [0.0, 40.0]]


@pytest.mark.parametrize(
    ("heading", "factor", "seconds"),
    [("travel_time", 60, True), ("travel_time", 1, False), ("minutes", 60, False), ("time_seconds", 1, True)],
)
def test_seconds_are_told_from_minutes(tmp_path: Path, heading: str, factor: int, seconds: bool) -> None:
    folder = write_small(tmp_path / "c", toml=False)
    text = travel_csv(minutes() * factor).replace("travel_time", heading)
    (folder / "times.csv").write_text(text, encoding="utf-8")
    (found,) = guess(folder).access.travel
    assert (found.minutes, found.seconds) == (("", heading) if seconds else (heading, ""))


def test_points_of_people_finer_than_the_zones(tmp_path: Path) -> None:
    folder = write_small(tmp_path / "c")
    text = "house,lon,lat,residents,women\n"
    text += "".join(f"h{k},{2.11 + k / 1000:.4f},41.37,{10 + k},{k}\n" for k in range(12))
    (folder / "houses.csv").write_text(text, encoding="utf-8")
    section = '[origins]\nfile = "houses.csv"\nid = "house"\nx = "lon"\ny = "lat"\ntotal = "residents"\n'
    (folder / "city.toml").write_text(TOML + section, encoding="utf-8")
    found = read_access(folder)
    assert found.origins.ids.tolist() == [f"h{k}" for k in range(12)]
    assert np.allclose(found.origins.lon, [2.11 + k / 1000 for k in range(12)], atol=1e-8)
    (counts,) = found.origins.counts
    assert counts.totals().tolist() == [10 + k for k in range(12)]
    (folder / "city.toml").unlink()
    assert not guess(folder).access  # alone they say nothing about access
    write_feed(folder / "bus.zip")
    assert guess(folder).access.origins.file == "houses.csv"


def test_zones_without_outlines_have_no_place(tmp_path: Path) -> None:
    folder = write_small(tmp_path / "c")
    (folder / "city.toml").write_text(TOML.replace('file = "zones.gpkg"\n', ""), encoding="utf-8")
    found = read_access(folder)
    assert not found.origins.located.any()
    assert "no-outlines" in {p.code for p in found.caveats}


def test_digital_shares_are_columns_of_the_origins(tmp_path: Path) -> None:
    folder = write_small(tmp_path / "c")
    (folder / "net.csv").write_text("zone,fibre\n0100,97.5\n0101,unknown\n0102,250\n", encoding="utf-8")
    section = '[digital]\nfile = "net.csv"\nzone = "zone"\ncolumns = ["fibre"]\n'
    (folder / "city.toml").write_text(TOML + section, encoding="utf-8")
    found = read_access(folder)
    fibre = found.origins.columns["fibre"]
    assert fibre[0] == 97.5
    assert np.isnan(fibre[1:]).all()
    (said,) = [p for p in found.caveats if p.code == "bad-share"]
    assert said.count == 2  # a word, and 250 percent


# -- guesses -----------------------------------------------------------------------
def test_every_kind_of_file_is_recognised(rich: Path) -> None:
    found = guess(rich)
    access = found.access
    assert access.streets is not None
    assert (access.streets.file, access.streets.elevation) == ("inner.osm", "elevation.tif")
    assert "streets are taken from inner.osm" in found.ignored["streets.gpkg"]
    assert [f.file for f in access.feeds] == ["bus.zip"]
    (places,) = access.places
    assert (places.file, places.kind, places.x, places.y) == ("services.csv", "kind", "x", "y")
    assert (places.zone, places.id, places.name) == ("zone", "id", "name")
    assert (places.fee, places.step_free, places.opening_hours) == ("fee_eur", "step_free", "opening_hours")
    (travel,) = access.travel
    assert (travel.from_, travel.to, travel.minutes) == ("from_id", "to_id", "travel_time")
    assert [t.file for t in found.config.tables] == ["people.csv"]
    text = found.text
    assert "frequencies.txt" in text
    assert "Not used: bus.zip" not in text


def test_lines_are_streets_and_never_zones(rich: Path, tmp_path: Path) -> None:
    folder = copied(rich, tmp_path / "c")
    (folder / "inner.osm").unlink()
    (folder / "elevation.tif").unlink()
    found = guess(folder)
    assert found.config.zones.file == "zones.gpkg"
    streets = found.access.streets
    assert streets is not None
    assert (streets.file, streets.id, streets.tags) == ("streets.gpkg", "street_id", ("highway", "width_m"))
    data = read_access(folder)
    assert data.streets is not None
    assert data.streets.kilometres == pytest.approx(12, rel=0.002)  # 24 sides of 500 m
    assert [p.kind for p in data.services] == ["library", "health_centre"]
    assert data.timetable is not None
    assert len(data.timetable("2025-03-04").trip_ids)
    with pytest.raises(DataError):
        data.timetable("2031-01-01")
    assert len(data.travel[0].costs) == np.isfinite(minutes()).sum()
    assert read_access(folder, streets=False, travel=False).streets is None


def test_a_feed_that_stands_unpacked_is_read(rich: Path, tmp_path: Path) -> None:
    import zipfile

    folder = copied(rich, tmp_path / "c")
    (folder / "inner.osm").unlink()
    (folder / "elevation.tif").unlink()
    zipfile.ZipFile(folder / "bus.zip").extractall(folder / "bus")
    (folder / "bus.zip").unlink()
    assert [f.file for f in guess(folder).access.feeds] == ["bus"]
    data = read_access(folder)
    assert data.timetable is not None
    assert len(data.timetable("2025-03-04").trip_ids)


def test_rows_that_stand_twice_do_not_hide_the_id(rich: Path, tmp_path: Path) -> None:
    folder = copied(rich, tmp_path / "c")
    lines = SERVICES.splitlines()
    (folder / "services.csv").write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    (places,) = [p for p in guess(folder).access.places if p.file == "services.csv"]
    assert places.id == "id"
    library = read_access(folder, streets=False).service("library")
    assert len(library) == 2
    assert "repeated-row" in {p.code for p in library.caveats}
    (folder / "services.csv").write_text(
        "\n".join([*lines, lines[1].replace("Alpha", "Other")]) + "\n", encoding="utf-8"
    )
    (places,) = [p for p in guess(folder).access.places if p.file == "services.csv"]
    assert places.id == ""


def test_what_init_writes_reads_back_as_guessed(rich: Path, tmp_path: Path) -> None:
    folder = copied(rich, tmp_path / "c")
    found = guess(folder)
    written = init_city(folder)
    assert load_access(written) == found.access
    assert written.read_text(encoding="utf-8") == guess_city(rich).replace('"Rich"', '"C"').replace(
        '"rich"', '"c"'
    )
    # every section has its reason above it
    lines = written.read_text(encoding="utf-8").splitlines()
    for k, line in enumerate(lines):
        if line in ("[[places]]", "[streets]", "[[feeds]]", "[[travel]]"):
            assert lines[k - 1].startswith("# ")


def test_a_folder_without_them_is_guessed_as_before(small_shared: Path) -> None:
    found = guess(small_shared)
    assert not found.access
    assert access_text(found.access, {}) == ""
    assert not any(
        s in found.text for s in ("[[places]]", "[streets]", "[[feeds]]", "[[travel]]", "[origins]")
    )


def test_heights_from_several_files(rich: Path, tmp_path: Path) -> None:
    import rasterio
    from rasterio.transform import from_origin

    folder = copied(rich, tmp_path / "c")
    for name in ("inner.osm", "elevation.tif"):
        (folder / name).unlink()
    for k, name in enumerate(("dem_west.tif", "dem_east.tif")):
        # 20 m cells that rise by their column; the border lies in the middle of the city
        place = from_origin(424_000 + 3000 * k, 4_583_000, 20, 20)
        shape = {"height": 200, "width": 150 if k == 0 else 200, "count": 1}
        with rasterio.open(folder / name, "w", dtype="float32", crs=25831, transform=place, **shape) as out:
            columns = np.arange(shape["width"], dtype="float32") + 150 * k
            out.write(np.tile(columns, (shape["height"], 1)), 1)
    streets = guess(folder).access.streets
    assert streets is not None
    assert streets.elevation == ("dem_east.tif", "dem_west.tif")
    made = read_access(folder).streets
    assert made is not None
    assert made.height is not None
    x, _ = Transformer.from_crs(4326, 25831, always_xy=True).transform(made.lon, made.lat)
    known = np.isfinite(made.height)
    assert known.mean() > 0.9
    off = np.abs(made.height[known] - (x[known] - 424_010) / 20)
    seam = (
        np.abs(x[known] - 427_000) < 20
    )  # half a cell beside the border there is nothing to interpolate with
    assert off[~seam].max() < 1e-3
    assert off[seam].max() <= 0.501


# -- city.toml -----------------------------------------------------------------------
def test_sections_survive_writing() -> None:
    text = PLACES + 'where = { open = "1" }\nterms = { library = "service:library" }\n'
    text += '[[places]]\nfile = "z.csv"\nzone = "id"\ncolumns = ["a", "b b"]\nempty = "none"\n'
    text += '[streets]\nfile = "s.gpkg"\ntags = { breite = "width" }\nelevation = "e.tif"\n'
    text += '[[feeds]]\nfile = "f.zip"\n[[travel]]\nfile = "t.csv"\nfrom = "a"\nto = "b"\nseconds = "c"\n'
    text += 'price = "p"\nmost = 4.5\n[digital]\nfile = "d.csv"\nzone = "z"\ncolumns = ["x"]\n'
    text += '[origins]\nfile = "o.csv"\nid = "i"\nx = "x"\ny = "y"\ntotal = "t"\n'
    text += 'dimensions = { sex = ["f", "m"] }\n'
    config = parse_access(text)
    assert parse_access(access_text(config, {("streets",): "two\nlines"})) == config
    assert config.files == ("s.gpkg", "f.zip", "services.csv", "z.csv", "t.csv", "d.csv", "o.csv")
    assert not AccessConfig()


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[[feeds]]\nfiel = "a.zip"\n', "unknown-key"),
        ("[[feeds]]\n", "missing-key"),
        ("[streets]\n", "missing-key"),
        ("[streets]\nfile = 3\n", "wrong-type"),
        ("places = 3\n", "wrong-type"),
        ('[[places]]\nfile = "a.csv"\nx = "x"\ny = "y"\n', "missing-key"),
        ('[[places]]\nfile = "a.csv"\nservice = "s"\nx = "x"\n', "missing-key"),
        ('[[places]]\nfile = "a.csv"\nservice = "s"\nzone = "z"\nempty = "nothing"\n', "wrong-value"),
        ('[[travel]]\nfile = "a"\nfrom = "a"\nto = "b"\n', "missing-key"),
        ('[[travel]]\nfile = "a"\nfrom = "a"\nto = "b"\nminutes = "m"\nprice = "p"\n', "missing-key"),
        ('[[feeds]]\nfile = "a.zip"\nsource = "nobody"\n', "unknown-source"),
        ('[origins]\nfile = "a.csv"\nid = "i"\nx = "x"\ny = "y"\n', "missing-key"),
    ],
)
def test_mistakes_in_the_sections_are_named(text: str, code: str) -> None:
    with pytest.raises(DataError) as error:
        parse_access(text)
    assert code in {p.code for p in error.value.problems}
    assert all(p.file == "city.toml" for p in error.value.problems)


def test_problems_of_all_files_are_said_together(tmp_path: Path) -> None:
    more = '[streets]\nfile = "nowhere.pbf"\n[[feeds]]\nfile = "none.zip"\n'
    more += '[[travel]]\nfile = "none.csv"\nfrom = "a"\nto = "b"\nminutes = "m"\n'
    folder = write_services(tmp_path / "c", section=PLACES.replace("25831", "3035") + more)
    with pytest.raises(DataError) as error:
        read_access(folder)
    fatal = [(p.code, p.file) for p in error.value.problems if p.fatal]
    assert fatal == [("wrong-crs", "services.csv"), ("missing-file", "none.csv"),
                     ("missing-file", "nowhere.pbf"), ("missing-file", "none.zip")]  # fmt: skip
    # the people are read as ever
    assert len(read_city(folder).zones) == 24


def test_credits_and_calls(tmp_path: Path) -> None:
    sources = '[[sources]]\nkey = "svc"\ntitle = "List of services"\npublisher = "Town"\nlicence = "CC0"\n'
    folder = write_services(tmp_path / "c", section=PLACES + 'source = "svc"\n' + sources)
    assert read_access(folder / "city.toml").sources == ("List of services; Town; CC0",)
    assert read_access(folder).service("health centre").kind == "health_centre"
    with pytest.raises(CallError, match="no service"):
        read_access(folder).service("swimming")
    with pytest.raises(CallError, match="no file or folder"):
        read_access(tmp_path / "nowhere")
    with pytest.raises(CallError, match="one file"):
        read_access(folder / "zones.gpkg")


# -- real folders -------------------------------------------------------------------
def test_porto_alegre_without_editing(data: Path, tmp_path: Path) -> None:
    folder = copied(data / "access_porto_alegre", tmp_path / "poa")
    (folder / "poa_osm.pbf").rename(tmp_path / "kept.pbf")  # reading streets has its own tests
    (folder / "poa_osm.pbf").write_bytes(b"never opened")
    init_city(folder)
    found = read_access(folder, streets=False)
    origins = found.origins
    assert (len(origins), int(origins.located.sum())) == (1227, 1227)
    (residents,) = origins.counts
    assert residents.dimensions == ()
    assert residents.totals().sum() == 812_935
    assert not origins.columns  # schools, jobs and healthcare are places
    services = {p.kind: (len(p), p.amount.sum()) for p in found.services}
    assert services["schools"][1] == 194
    assert services["jobs"][1] == 337_921
    assert services["healthcare"][1] == 141
    assert services["points_of_interest"] == (15, 15)
    jobs = found.service("jobs")
    row = origins.ids.tolist().index("89a901291abffff")
    assert jobs.ids[0] == "89a901291abffff"
    assert (jobs.lon[0], jobs.lat[0]) == (origins.lon[row], origins.lat[row])
    assert origins.lon[row] == pytest.approx(-51.1582459466033, abs=1e-9)
    none = [p for p in found.caveats if p.code == "empty-means-none"]
    assert {p.column: p.count for p in none} == {"jobs": 5, "healthcare": 5}
    assert load_access(folder / "city.toml").streets is not None
    assert found.timetable is not None
    assert any("OpenStreetMap" in s for s in found.sources)


def test_belo_horizonte_without_editing(data: Path, tmp_path: Path) -> None:
    import json

    folder = copied(data / "access_belo_horizonte", tmp_path / "bh")
    init_city(folder)
    found = read_access(folder)
    expected = json.loads((folder / "expected.json").read_text())
    people = next(c for c in found.origins.counts if not c.dimensions)
    by_decile = next(c for c in found.origins.counts if c.has(["income_decile"]))
    assert people.totals().sum() == by_decile.totals().sum() == 941_160
    assert by_decile.dimensions[0].categories == (*(str(k) for k in range(1, 11)), "unknown")
    (travel,) = found.travel
    assert len(travel.costs) == 748_437
    # what the file keeps as expected: jobs within half an hour, added up by hand from the arrays
    jobs = found.service("jobs")
    amount = np.zeros(len(travel.places))
    order = {str(p): k for k, p in enumerate(travel.places)}
    for place, many in zip(jobs.ids, jobs.amount, strict=True):
        amount[order[str(place)]] = many
    near = travel.costs <= 30 * 60_000
    reached = np.bincount(travel.rows()[near], amount[travel.indices[near]], minlength=len(travel.origins))
    told = expected["cumulative"]["30min"]
    assert reached.sum() == told["jobs_total"]
    richest = by_decile.values[:, 9]
    mean = (reached * richest).sum() / richest.sum()
    assert mean == pytest.approx(told["jobs_weighted_mean_by_income_decile"]["10"], rel=1e-12)


def test_the_example_city(tmp_path: Path) -> None:
    from isopolis.flows.example import write_example

    folder = write_example(tmp_path / "b", zones=24)
    found = read_access(folder)
    assert len(found.origins) == 24
    assert found.streets is not None
    rows = (folder / "services.csv").read_text(encoding="utf-8").splitlines()[1:]
    kinds = [r.split(",")[2] for r in rows]
    assert {p.kind: len(p) for p in found.services} == {k: kinds.count(k) for k in kinds}
    assert len({*kinds}) == 13
    assert "coverage_1gbit_pct" in found.origins.columns
    assert not [p for p in found.caveats if p.file in ("services.csv", "broadband.csv")]
    assert found.notes == ("example data, not a real place",)
    assert len(found.sources) == 2
