"""What strangers may send: real files are kept, attacks are refused with reasons and leave nothing."""

from __future__ import annotations

import io
import re
import sqlite3
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from isopolis.read.tables import OUTLINE_SUFFIXES, TABLE_SUFFIXES
from isopolis.web.datasets.actions import CorrectConfig, RemoveDataset
from isopolis.web.datasets.config_check import foreign_names
from isopolis.web.datasets.contents import suspicion
from isopolis.web.datasets.models import Dataset
from isopolis.web.datasets.names import SUFFIXES, wrong_name

from .conftest import CSV, TOML
from .towns import diagnosed, upload, work


def packed(files: dict[str, bytes], links: tuple[str, ...] = ()) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = ((stat.S_IFLNK if name in links else stat.S_IFREG) | 0o644) << 16
            archive.writestr(info, content)
    return out.getvalue()


def locked() -> bytes:
    raw = bytearray(packed({"people.csv": CSV}))
    for at in (raw.find(b"PK\x03\x04") + 6, raw.find(b"PK\x01\x02") + 8):
        raw[at] |= 1
    return bytes(raw)


def geopackage(tmp_path: Path, statement: str) -> bytes:
    path = tmp_path / "made.gpkg"
    base = sqlite3.connect(path)
    base.execute(statement)
    base.commit()
    base.close()
    return path.read_bytes()


GEOJSON = b'{"type": "FeatureCollection", "features": []}'
LAUGHS = b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">]><worksheet/>'
WIDE = '<?xml version="1.0" encoding="utf-16"?><!DOCTYPE x><x/>'.encode("utf-16")
ATTACKS: dict[str, tuple[dict[str, bytes], str]] = {
    "zip bomb": ({"a.zip": packed({"a.csv": b"0" * 60_000_000})}, "fill the disk"),
    "too large unpacked": ({"a.zip": packed({f"{i}.csv": CSV * 400 for i in range(9)})}, "at most 1 MB"),
    "path upwards": ({"a.zip": packed({"../../evil.csv": CSV})}, "points outside"),
    "absolute path": ({"a.zip": packed({"/etc/evil.csv": CSV})}, "points outside"),
    "windows path": ({"a.zip": packed({"C:\\evil.csv": CSV})}, "points outside"),
    "link": ({"a.zip": packed({"people.csv": b"/etc/passwd"}, ("people.csv",))}, "is a link"),
    "zip in zip": ({"a.zip": packed({"b.zip": packed({"c.csv": CSV})})}, "zip inside a zip"),
    "locked zip": ({"a.zip": locked()}, "password"),
    "no zip": ({"a.zip": b"PK\x03\x04 but no more"}, "cannot be unpacked"),
    "program": ({"run.sh": b"#!/bin/sh"}, "of no kind that can be read"),
    "page": ({"people.html": b"<script>"}, "of no kind that can be read"),
    "drawing": ({"map.svg": b"<svg onload='x'/>"}, "of no kind that can be read"),
    "no suffix": ({"people": CSV}, "of no kind that can be read"),
    "hidden": ({"a.zip": packed({".htaccess.csv": CSV})}, "signs in its name"),
    "control sign": ({"a.zip": packed({"a\nb.csv": CSV})}, "signs in its name"),
    "variable": ({"a.zip": packed({"$HOME.csv": CSV})}, "signs in its name"),
    "twice": ({"a.zip": packed({"people.csv": CSV, "PEOPLE.csv": CSV})}, "there twice"),
    "too many": ({"a.zip": packed({f"{i}.csv": b"x" for i in range(101)})}, "More than 100 files"),
    "nothing": ({"a.zip": packed({"__MACOSX/x": b"x"})}, "no file in it"),
    "false workbook": ({"people.xlsx": b"zone;people"}, "does not hold what its name says"),
    "billion laughs": ({"people.xlsx": packed({"xl/worksheets/sheet1.xml": LAUGHS})}, "declares things"),
    "laughs in UTF-16": ({"people.xlsx": packed({"xl/workbook.xml": WIDE})}, "declares things"),
    "workbook bomb": ({"people.xlsx": packed({"xl/workbook.xml": b" " * 60_000_000})}, "fill the disk"),
    "false geopackage": ({"zones.gpkg": b"<OGRVRTDataSource>"}, "does not hold what its name says"),
    "recipe for GDAL": ({"zones.geojson": b'{"type": "gdal_streamed_alg"}'}, "no GeoJSON"),
    "hidden recipe": ({"zones.json": GEOJSON[:-1] + b', "x": "gdal_streamed_alg"}'}, "other files"),
    "other files": ({"zones.json": GEOJSON[:-1] + b', "x": "/vsicurl/http://x"}'}, "other files"),
    "xml as json": ({"zones.json": b"<OGRVRTDataSource/>"}, "no GeoJSON"),
    "config not text": ({"people.csv": CSV, "city.toml": b"\xff\xfe\x00"}, "not UTF-8"),
    "foreign file": (
        {"people.csv": CSV, "city.toml": TOML.replace("people.csv", "/etc/passwd").encode()}, "no such file",
    ),
}  # fmt: skip


def many_entries() -> bytes:
    """A zip whose list of entries alone would take more memory than a server has for it."""
    entry = struct.pack(
        "<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 3, 20, 0, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0
    )
    many = (entry + b"x") * 100_000
    return many + struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65_535, 65_535, len(many), 0, 0)


def squeezed(way: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", way) as archive:
        archive.writestr("people.csv", CSV)
    return out.getvalue()


ATTACKS |= {
    "endless list": ({"a.zip": many_entries()}, "cannot be unpacked"),
    "endless list of a workbook": ({"people.xlsx": b"PK\x03\x04" + many_entries()}, "damaged or locked"),
    "packing that eats memory": ({"a.zip": squeezed(zipfile.ZIP_LZMA)}, "packed in an unusual way"),
    "endless config": ({"people.csv": CSV, "city.toml": b"#" * 900_000}, "too long"),
}


@pytest.mark.parametrize("what", ATTACKS)
def test_an_attack_is_refused_with_its_reason(owner: Any, city: Any, settings: Any, what: str) -> None:
    files, reason = ATTACKS[what]
    if what == "too large unpacked":
        settings.OPTIONS = settings.OPTIONS | {"unpacked_mb": 1}
    with pytest.raises(ValidationError) as refused:
        upload(owner, city, files)
    assert reason in " ".join(refused.value.messages)
    assert not Dataset.objects.exists()
    assert [p for p in settings.DATA_DIR.rglob("*") if p.is_file()] == []


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("CREATE VIEW zones AS SELECT 1", "is a view"),
        ("CREATE VIRTUAL TABLE zones USING dbstat", "made by"),
    ],
)
def test_a_geopackage_with_a_trick_is_refused(
    owner: Any, city: Any, tmp_path: Path, statement: str, reason: str
) -> None:
    try:
        content = geopackage(tmp_path, statement)
    except sqlite3.OperationalError:  # this SQLite has no such module: write the row that would make it
        content = geopackage(tmp_path, "CREATE VIEW v AS SELECT 1")
        reason = "is a view"
    with pytest.raises(ValidationError, match=reason):
        upload(owner, city, {"zones.gpkg": content})


def crafted(tmp_path: Path, sql: str, kind: str = "table", before: int = 0) -> bytes:
    """A file whose list of tables was written by hand."""
    path = tmp_path / "crafted.gpkg"
    base = sqlite3.connect(path)
    for n in range(before):
        base.execute(f"CREATE TABLE t{n} (x)")
    base.execute("CREATE TABLE zones (x)")
    base.execute("PRAGMA writable_schema=ON")
    base.execute("UPDATE sqlite_master SET type = ?, sql = ? WHERE name = 'zones'", [kind, sql])
    base.commit()
    base.close()
    return path.read_bytes()


@pytest.mark.parametrize(
    ("sql", "before", "said"),
    [
        ("CREATE VIEW zones AS SELECT 1", 0, "is a view"),
        ("create/**/view zones as select 1", 0, "is a view"),
        ("create -- x\n temp view zones as select 1", 0, "is a view"),
        ("CREATE VIEW zones AS SELECT 1", 2000, "more than 2000"),
        ('CREATE VIRTUAL TABLE zones USING "VirtualShape"(x)', 0, "made by"),
        ('CREATE VIRTUAL TABLE "using rtree" USING VirtualShape(x)', 0, "made by"),
        ("create/*x*/virtual table zones using VirtualShape(x)", 0, "made by"),
        ("CREATE VIRTUAL TABLE" + "/**/" * 5000 + "!", 0, "made by"),
        (f"CREATE TABLE zones (x) -- {'x' * 1_100_000}", 0, "cannot be opened"),
    ],
)
def test_a_geopackage_may_lie_about_its_tables(tmp_path: Path, sql: str, before: int, said: str) -> None:
    path = tmp_path / "zones.gpkg"
    path.write_bytes(crafted(tmp_path, sql, before=before))
    # a file that cannot even be opened is refused for that
    assert re.search(f"{said}|cannot be opened", suspicion(path, "zones.gpkg"))


@pytest.mark.parametrize("name", ['"rtree_zones--old_geom"', "`r`", "[r]", "'r'", "r"])
def test_an_index_of_places_is_no_trick(tmp_path: Path, name: str) -> None:
    path = tmp_path / "zones.gpkg"
    path.write_bytes(geopackage(tmp_path, f"CREATE VIRTUAL TABLE {name} USING rtree(id, a, b)"))
    assert suspicion(path, "zones.gpkg") == ""


def test_many_tables_hide_no_view(tmp_path: Path) -> None:
    base = sqlite3.connect(tmp_path / "zones.gpkg")
    base.execute("PRAGMA synchronous=OFF")
    for n in range(2000):
        base.execute(f"CREATE TABLE t{n} (x)")
    base.execute("CREATE VIEW zones AS SELECT 1")
    base.commit()
    base.close()
    assert "more than 2000" in suspicion(tmp_path / "zones.gpkg", "zones.gpkg")


def test_all_reasons_come_at_once(owner: Any, city: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        upload(owner, city, {"a.sh": b"", "b.exe": b"", "c.xlsx": b"x"})
    assert len(refused.value.messages) == 3


def test_what_is_larger_than_allowed_is_not_even_read(
    owner: Any, city: Any, browse: Callable[[Any], Any]
) -> None:
    client = browse(owner)
    for path, length in ((f"/w/{city.slug}/data/upload/", 10**10), ("/accounts/login/", 10**7)):
        answer = client.post(path, {"files": "x"}, CONTENT_LENGTH=length)
        assert answer.status_code == 413
        assert b"too large" in answer.content


def test_suffixes_are_those_of_the_reader() -> None:
    shapefile = {".shx", ".dbf", ".prj", ".cpg"}
    macros = {".xlsm"}
    assert set(SUFFIXES) - shapefile - {".pmtiles"} == {*TABLE_SUFFIXES, *OUTLINE_SUFFIXES} - macros
    assert [n for n in ("people.csv", "data/Wohnbevölkerung 2024.xlsx", "city.toml") if wrong_name(n)] == []


@pytest.mark.parametrize(
    "line",
    [
        'file = "/etc/passwd"',
        'file = "../other/people.csv"',
        'file = "$HOME/x.csv"',
        'file = "~/x.csv"',
        "file = 3",
    ],
)
@pytest.mark.parametrize("section", ["zones", "streets.more", "[tables]"])
def test_city_toml_names_only_files_of_its_upload(section: str, line: str) -> None:
    assert [p.code for p in foreign_names(f"[{section}]\n{line}\n", ["people.csv"])] == ["foreign-file"]


def test_a_correction_cannot_reach_out_either(owner: Any, city: Any, browse: Callable[[Any], Any]) -> None:
    dataset = upload(owner, city)
    work()
    answer = browse(owner).post(
        dataset.get_absolute_url(), {"text": TOML.replace("people.csv", "/etc/passwd")}
    )
    assert answer.status_code == 422
    assert b"this upload has no such file" in answer.content
    dataset.refresh_from_db()
    assert "/etc/passwd" not in dataset.config


def test_a_zip_of_a_folder_is_read_like_its_files(owner: Any, city: Any) -> None:
    folder = {"town/people.csv": CSV, "town/city.toml": TOML.encode(), "__MACOSX/town/._people.csv": b"x"}
    one, other = upload(owner, city, {"town.zip": packed(folder)}), upload(owner, city)
    assert one.names == other.names == ["people.csv"]
    assert one.digest == other.digest
    assert {j.state for j in work()} == {"done"}
    for dataset in (one, other):
        dataset.refresh_from_db()
        assert (dataset.state, dataset.summary["zones"]) == ("ready", 24)


def test_what_the_reader_finds_is_shown_with_its_place(
    owner: Any, city: Any, browse: Callable[[Any], Any]
) -> None:
    wrong = CSV.replace(b"Z03,221,159,62", b"Z03,221,many,62")
    dataset = upload(owner, city, {"people.csv": wrong, "city.toml": TOML.encode()})
    work()
    page = browse(owner).get(dataset.get_absolute_url()).content.decode()
    assert "people.csv, row 5, column &quot;born_here&quot;" in page
    assert "<code>many</code>" in page
    assert "Run the diagnosis" not in page


def test_a_guess_can_be_corrected(owner: Any, city: Any, browse: Callable[[Any], Any]) -> None:
    dataset = upload(owner, city, {"people.csv": CSV})
    work()
    dataset.refresh_from_db()
    assert dataset.config_guessed
    assert dataset.state == "ready"
    text = dataset.config.replace("name = ", 'name = "Mytown" # ', 1)
    client = browse(owner)
    assert client.post(dataset.get_absolute_url(), {"text": text}).status_code == 302
    work()
    dataset.refresh_from_db()
    assert (dataset.summary["name"], dataset.config_guessed) == ("Mytown", False)
    # back to what it was: read again as well, though the same text was read before
    CorrectConfig(owner, city, dataset, TOML).run()
    CorrectConfig(owner, city, dataset, text).run()
    work()
    dataset.refresh_from_db()
    assert (dataset.state, dataset.summary["name"]) == ("ready", "Mytown")


def test_deleting_takes_files_jobs_and_results_along(owner: Any, city: Any, settings: Any) -> None:
    job = diagnosed(owner, city)
    assert any(p.name == "report.html" for p in settings.DATA_DIR.rglob("*"))
    RemoveDataset(owner, city, Dataset.objects.get(pk=job.subject)).run()


@pytest.mark.django_db(transaction=True)
def test_deleted_files_are_gone_from_the_disk(owner: Any, city: Any, settings: Any) -> None:
    dataset = upload(owner, city)
    work()
    dataset.refresh_from_db()
    RemoveDataset(owner, city, dataset).run()
    assert [p for p in settings.DATA_DIR.rglob("*") if p.is_file()] == []


def test_who_may_not_upload_leaves_no_file(staff: dict[str, Any], city: Any, settings: Any) -> None:
    with pytest.raises(PermissionDenied):
        upload(staff["viewer"], city)
    assert not settings.DATA_DIR.exists()


def test_the_form_takes_several_files(owner: Any, city: Any, browse: Callable[[Any], Any]) -> None:
    files = [SimpleUploadedFile("people.csv", CSV), SimpleUploadedFile("city.toml", TOML.encode())]
    answer = browse(owner).post(f"/w/{city.slug}/data/upload/", {"files": files})
    assert answer.status_code == 302
    assert Dataset.objects.get().names == ["people.csv"]


def test_a_large_body_of_a_stranger_is_not_even_read(db: None, city: Any) -> None:
    path, large = f"/w/{city.slug}/data/upload/", {"CONTENT_LENGTH": "50000000"}
    assert Client().generic("POST", path, b"", **large).status_code == 413
    known = Client()
    known.cookies["sessionid"] = "x" * 32
    assert known.generic("POST", path, b"", **large).status_code != 413
