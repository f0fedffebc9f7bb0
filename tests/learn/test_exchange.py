"""Records in other forms and between installations: nothing lost, nothing taken over, nothing believed."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.learn.countries import country_code, country_name
from isopolis.learn.exchange import (
    Held,
    bundle,
    canonical,
    checksum,
    from_csv,
    from_json,
    from_participedia,
    merge,
    neutral,
    rows_of,
    tidy,
    to_csv,
    to_dcat,
    to_dcat_text,
    to_json,
    to_participedia,
    untagged,
)
from isopolis.learn.exchange.guard import SIGNS
from isopolis.learn.library import shipped
from isopolis.learn.record import Record
from isopolis.model import DataError

from .test_record import RESULT, plain

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = date(2026, 11, 22)
A, B, C = (f"https://{n}.example/library/" for n in "abc")


def record(id: str = "one", **more: Any) -> Record:
    return Record.model_validate(plain(id=id, **more))


def full() -> Record:
    """A record with something in most fields, chosen to be awkward."""
    return record(
        "full",
        title={"en": '=SUM(A1), "quoted"; and more', "ar": "حافلات ليلية", "el": "Νυχτερινά"},
        translations={"ar": "machine", "el": "human"},
        summary={"en": "Line one\n\n- item\n- item"},
        place={"name": "A; B", "country": "FR", "lat": -3.5, "lon": 0.0, "degurba": 1},
        period={"start": "2019", "end": "2021-05", "ongoing": False},
        themes=["theme:mobility", "theme:safety"],
        intersections=[["group:women", "ground:income"]],
        gained={"groups": ["group:women"], "note": {"en": "-5 minutes"}},
        lost="not stated",
        participants={"recruited": {"en": "by lot"}, "n": 40, "targeted": ["group:women"]},
        participation={"approaches": ["a; b", "[c]", "'d"], "spectrum": "consult"},
        cost={"total": 1e6, "opex": 0, "currency": "EUR", "year": 2020, "note": {"en": "@home"}},
        staff_fte=1.5,
        funding_sources=[{"name": "ERDF", "amount": 5, "currency": "EUR"}],
        results=RESULT,
        evidence_grade=2,
        failures={"en": "'apostrophe"},
        transfer={"copied_by": [{"place": "X", "changes": "not stated"}], "conditions": "not stated"},
        contact={"organisation": "City", "name": "Ada", "consent": {"by": "Ada", "date": "2026-01-01"}},
        documents=[{"title": {"en": "x"}, "sha256": "0" * 64, "size": 3, "version": "1"}],
        identifiers=[{"scheme": "participedia", "value": "7"}],
        reviews=[{"by": "A", "date": "2026-01-01", "criteria": {"local_impact": 4}}],
        created="2020-01-01T10:00:00.5",
    )


# -- JSON and CSV ----------------------------------------------------------------------------------
@pytest.mark.parametrize("kept", [shipped, lambda: (full(),), tuple], ids=["shipped", "full", "none"])
def test_json_and_csv_lose_nothing(kept: Callable[[], tuple[Record, ...]]) -> None:
    records = kept()
    assert from_json(to_json(records)) == records
    assert to_json(from_json(to_json(records))) == to_json(records)
    assert from_csv(to_csv(records)) == records


def test_no_cell_is_a_formula() -> None:
    table = to_csv([full()])
    for row in csv.reader(io.StringIO(table)):
        for cell in row:
            assert not cell.startswith(("=", "+", "@", "\t")), cell
            assert not cell.startswith("-") or re.fullmatch(r"-?[\d.]+", cell), cell


@given(st.text(max_size=30))
def test_any_text_comes_back_from_a_cell(text: str) -> None:
    from isopolis.learn.exchange.csv_form import _restored

    assert _restored(neutral(text)) == text
    assert not neutral(text).startswith(("=", "+", "@"))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "no-json"), ("[" * 50_000, "too-deep"), ('{"a":1,"a":2}', "no-json"), ("[]" * 2, "no-json"),
        ('{"x": Infinity}', "no-json"), ("1" * 5000, "no-json"), ("[1]", "not-a-record"),
        ('{"x": 1e999}', "no-json"), ('{"x": -1e999}', "no-json"),
        ('{"format":"other","version":1,"records":[]}', "other-format"),
    ],
)  # fmt: skip
def test_broken_json_is_refused(text: str, code: str) -> None:
    with pytest.raises(DataError) as said:
        from_json(text)
    assert said.value.problems[0].code == code


@pytest.mark.parametrize("end", ["", "\\", "\\\n", '"'])
def test_no_sign_of_a_file_is_looked_at_twice(end: str) -> None:
    """Open quote, escaped ones after it: a search begun anew at each takes the square of their number."""
    for many in (10, 1_000):
        text = '["' + '\\"' * many + end
        found = [m.span() for m in SIGNS.finditer(text)]
        assert len(found) == 2, "the list, and one string, whatever it has in it"
        assert all(before[1] == after[0] for before, after in pairwise(found))
    whole = json.dumps({"a[": ['\\"]{', "\\", [""]]})
    assert "".join(m[0] for m in SIGNS.finditer(whole) if m[0][0] != '"') == "{[[]]}"


def growth(text: Callable[[int], str], n: int) -> float:
    """How many times as long reading takes when the text is four times as long."""
    took = []
    for many in (n, 4 * n):
        whole, times = text(many), []
        for _ in range(5):
            start = time.process_time()
            with pytest.raises(DataError):
                from_json(whole)
            times.append(time.process_time() - start)
        took.append(min(times))
    return took[1] / took[0]


def test_reading_takes_time_that_grows_as_the_file_does() -> None:
    assert growth(lambda n: '"' + '\\"' * n, 2_000) < 10, "16 when it grows with the square"


def test_a_broken_table_says_every_row() -> None:
    table = 'id,kind,language,title.en,sources,title\r\na,case,en,x,"[",\r\nb,case,en,x,[],y\r\nc,case\r\n'
    with pytest.raises(DataError) as said:
        from_csv(table)
    assert [(p.code, p.rows) for p in said.value.problems] == [
        ("bad-cell", (2,)), ("clash", (3,)), ("ragged", (4,)),
    ]  # fmt: skip


# -- Participedia ----------------------------------------------------------------------------------
MAPPED = (
    "id", "type", "post_date", "updated_date", "location_name", "city", "province", "country", "approaches",
    "method_types", "tools_techniques_types", "specific_methods_tools_techniques", "primary_org_id",
)  # fmt: skip
DERIVED = {"country_best", "city_best", "missing_org", "missing_methods", "missing_country"}
"""Columns that the author of the table computed from the others."""


def as_listed(value: Any) -> set[str]:
    """A slow other way to read ``{a,"b c"}``."""
    return {v.strip().strip('"') for v in str(value).strip("{}").split(",") if v.strip()}


def test_every_case_of_participedia_comes_in_and_goes_out(data: Path) -> None:
    rows = rows_of((data / "participedia_cases" / "cases.csv").read_text(encoding="utf-8"))
    assert len(rows) == 3314
    made = from_participedia(rows, TODAY)
    assert made.problems == ()
    assert len(made.records) == 3314
    assert set(made.unmapped) == DERIVED
    assert made.untitled == 3314, (
        "the table has no titles; nothing is invented but a name by number and place"
    )
    for row, found in zip(rows, made.records, strict=True):
        back = to_participedia(found)
        for name in MAPPED:
            there = back.get(name, "")
            if isinstance(there, list):
                assert set(there) == as_listed(row[name]), (row["id"], name)
            elif name == "primary_org_id":
                assert there == row[name].removesuffix(".0")
            elif name == "location_name" and row[name] == (row["city"] or row["province"] or row["country"]):
                assert there in ("", row[name]), "a name that says no more than the place"
            else:
                assert there == row[name].strip().replace("{}", ""), (row["id"], name)
    assert sum(r.place is None or r.place.country_name is None for r in made.records) == 801
    assert sum(r.place is not None and r.place.country == "US" for r in made.records) >= 414
    assert from_participedia([to_participedia(r) for r in made.records], TODAY).records == made.records


def test_methods_come_in_too(data: Path) -> None:
    rows = rows_of((data / "participedia_cases" / "methods.csv").read_text(encoding="utf-8"))
    made = from_participedia(rows, TODAY, file="methods.csv")
    assert made.problems == ()
    assert len(made.records) == len(rows)
    assert {r.kind for r in made.records} == {"method"}
    assert set(made.unmapped) == {"completeness", "collections"}


def test_an_entry_of_their_interface_is_mapped_by_hand() -> None:
    entry = {
        "id": 57, "type": "case", "title": "Budget", "original_language": "es",
        "description": "<p>How <b>it</b> went</p><script>x()</script>",
        "country": "España", "city": "Sevilla", "latitude": "37.4", "longitude": -5.99,
        "start_date": "2004-01-01T00:00:00.000Z", "ongoing": "no", "number_of_participants": 3000,
        "general_issues": ["planning", "social"], "targeted_participants": ["women", "youth"],
        "primary_organizer": {"id": 3, "title": "City of Seville"}, "recruitment_method": "open to all",
        "public_spectrum": "collaborate", "bookmarked": False,
    }  # fmt: skip
    made = from_participedia([entry], TODAY)
    assert made.problems == ()
    (found,) = made.records
    assert found.title["es"] == "Budget"
    assert found.summary is not None
    assert found.summary["es"] == "How it went", "tags and scripts are no words"
    assert found.place is not None
    assert (found.place.country, found.place.lat) == ("ES", 37.4)
    assert found.participation is not None
    assert found.participation.targeted == ("women", "youth")
    assert found.participation.primary_organizer == "City of Seville"
    assert found.groups == (), "their words become terms of ours only when a person says so"
    assert found.sources[0].url == "https://participedia.net/case/57"
    assert made.unmapped == {"bookmarked": 1}


def test_a_row_that_is_no_case_is_said_and_left_out() -> None:
    made = from_participedia([{"id": "1", "latitude": "49° 15'", "country": "France"}, {"id": "2"}], TODAY)
    assert [r.id for r in made.records] == ["participedia-case-2"]
    assert [(p.file, p.column) for p in made.problems] == [("cases.csv[2]", "place.lat")]


# -- DCAT-AP ---------------------------------------------------------------------------------------
def test_the_catalogue_has_what_dcat_ap_requires() -> None:
    whole = to_dcat(shipped(), address=A, publisher="Testville", title="Library")
    assert whole["@type"] == "dcat:Catalog"
    assert {"dct:title", "dct:description", "dct:publisher", "dcat:dataset"} <= set(whole)
    assert len(whole["dcat:dataset"]) == len(shipped())
    known = set(whole["@context"])
    for item in whole["dcat:dataset"]:
        assert item["dct:title"]
        assert item["dct:description"]
        assert {k.split(":")[0] for k in item if ":" in k} <= known
        assert item["@id"].startswith("https://a.example/library/")
    text = to_dcat_text(shipped(), address=A, publisher="Testville", title="Library")
    assert json.loads(text) == whole


def test_the_catalogue_names_languages_days_and_checksums() -> None:
    (item,) = to_dcat([full()], address=A, publisher="T", title="L")["dcat:dataset"]
    assert {"@id": "http://publications.europa.eu/resource/authority/language/ELL"} in item["dct:language"]
    assert item["dct:temporal"]["dcat:endDate"] == {"@type": "xsd:gYearMonth", "@value": "2021-05"}
    assert item["dcat:distribution"][0]["spdx:checksum"]["spdx:checksumValue"] == "0" * 64
    assert item["dcat:contactPoint"]["vcard:fn"] == "Ada"


# -- between installations -------------------------------------------------------------------------
def taken(library: dict[str, Held] | Any, text: str, **more: Any) -> Any:
    return merge(library, text, ours=B, clock=NOON, **more)


def codes(text: str, **more: Any) -> list[str]:
    with pytest.raises(DataError) as said:
        taken({}, text, **more)
    return [p.code for p in said.value.problems]


def test_a_thousand_records_come_in_once() -> None:
    records = [record(f"r{i}") for i in range(1000)]
    text = bundle(records, A, NOON)
    first = taken({}, text, expected=A)
    assert len(first.added) == 1000
    second = taken(first.library, text, expected=A)
    assert (second.changed, len(second.unchanged), second.library) == (False, 1000, first.library)
    later = taken(first.library, bundle(records, A, NOON + timedelta(hours=1)), expected=A)
    assert (later.changed, later.library) == (False, first.library), "nor does the same in a later file"
    held = first.library["r7"]
    assert (held.origin, held.checksum, held.made) == (A, checksum(records[7]), "2026-11-22T12:00:00Z")


def test_the_checksum_is_that_of_the_written_down_json() -> None:
    one = record(title={"en": "Ünï"})
    source = '{"read_on":"2026-11-22","title":"Report"}'
    written = (
        '{"evidence_grade":0,"id":"one","kind":"case","language":"en",'
        f'"sources":[{source}],"title":{{"en":"Ünï"}}}}'
    )
    assert checksum(one) == hashlib.sha256(written.encode()).hexdigest()


@pytest.mark.parametrize("name", ["isopolis", " Isopolis// ", "this installation", "This installation/"])
def test_nobody_has_the_names_of_what_ships_and_of_what_is_ours(name: str) -> None:
    assert codes(bundle([record("a")], name, NOON), expected=name) == ["our-origin"]


def test_no_person_travels() -> None:
    """Who agreed to be named, agreed to it in one installation."""
    assert "Ada" not in bundle([full()], A, NOON)
    whole = json.loads(bundle([full()], A, NOON))
    plain = full().plain()
    whole["records"] = [{"checksum": checksum(full()), "record": plain}]
    del whole["checksum"]
    whole["checksum"] = hashlib.sha256(canonical(whole)).hexdigest()
    first = taken({}, json.dumps(whole))
    held = first.library["full"]
    assert held.record.plain()["contact"] == {"organisation": "City"}
    assert held.checksum == checksum(held.record)
    assert taken(first.library, json.dumps(whole)).unchanged == ("full",)


def test_what_was_withdrawn_here_stays_so_whatever_its_origin_says() -> None:
    held = taken({}, bundle([record("a")], A, NOON)).library["a"]
    mine = {"a": replace(held, withdrawn=True, withdrawn_here=True)}
    for text in (
        bundle([record("a")], A, NOON + timedelta(hours=1)),
        bundle([record("a", kind="law")], A, NOON + timedelta(hours=1)),
    ):
        made = taken(mine, text)
        assert (made.library, [p.code for p in made.refused]) == (mine, ["withdrawn-here"])
    gone = taken(mine, bundle([], A, NOON + timedelta(hours=1), withdrawn=["a"]))
    assert (gone.library, gone.refused) == (mine, ())


def test_order_of_two_origins_does_not_matter() -> None:
    one, two = bundle([record("a"), record("x")], A, NOON), bundle([record("c")], C, NOON)
    assert dict(taken(taken({}, one).library, two).library) == dict(
        taken(taken({}, two).library, one).library
    )


def test_only_an_origin_changes_and_withdraws_its_own() -> None:
    mine = taken({}, bundle([record("a")], A, NOON)).library
    theirs = bundle(
        [record("a", kind="law"), record("b")], C, NOON + timedelta(days=0, hours=1), withdrawn=[]
    )
    made = taken(mine, theirs)
    assert (made.added, made.updated, [p.code for p in made.refused]) == (("b",), (), ["not-theirs"])
    assert made.library["a"] == mine["a"]
    gone = taken(mine, bundle([], C, NOON, withdrawn=["a"]))
    assert [p.code for p in gone.refused] == ["not-theirs"]
    newer = taken(mine, bundle([record("a", kind="law")], A, NOON + timedelta(hours=1)))
    assert newer.updated == ("a",)
    back = taken(newer.library, bundle([record("a")], A, NOON + timedelta(minutes=30)))
    assert [p.code for p in back.refused] == ["older"]
    out = taken(newer.library, bundle([], A, NOON + timedelta(hours=2), withdrawn=["a", "unknown"]))
    assert out.withdrawn == ("a",)
    assert out.library["a"].withdrawn
    again = taken(out.library, bundle([record("a", kind="law")], A, NOON + timedelta(hours=3)))
    assert again.updated == ("a",), "what was withdrawn may come back from where it came"


def test_lies_are_refused_as_a_whole() -> None:
    text = bundle([record("a")], A, NOON)
    assert codes(text.replace("Night", "Late")) == ["false-checksum"]
    inner = json.loads(text)
    inner["records"][0]["record"]["kind"] = "law"
    rest = {k: v for k, v in inner.items() if k != "checksum"}

    inner["checksum"] = hashlib.sha256(canonical(rest)).hexdigest()
    assert codes(json.dumps(inner)) == ["false-checksum"], "the outer one is right, that of the record is not"
    assert codes(bundle([], B.rstrip("/").upper(), NOON)) == ["our-origin"]
    assert codes(text, expected=C) == ["other-origin"]
    assert codes(bundle([], A, NOON + timedelta(days=2))) == ["from-the-future"]
    assert codes("[]") == ["no-bundle"]
    assert codes("x" * (64 * 1024 * 1024 + 1)) == ["too-large"]


def test_documents_that_are_not_public_stay_at_home() -> None:
    secret = {"title": {"en": "Secret minutes"}, "access": "members"}
    text = bundle([record("a", documents=[secret, {"title": {"en": "Open"}}])], A, NOON)
    assert "Secret" not in text
    assert [d.title["en"] for d in taken({}, text).library["a"].record.documents] == ["Open"]


@given(st.lists(st.sampled_from(["add", "change", "withdraw"]), max_size=6))
def test_whatever_happened_the_receiver_ends_with_what_the_sender_has(steps: list[str]) -> None:
    """The law of the exchange: after the newest bundle both sides hold the same records."""
    mine: dict[str, Record] = {}
    gone: set[str] = set()
    library: Any = {}
    for n, step in enumerate(steps, 1):
        if step == "add":
            mine[f"r{n}"] = record(f"r{n}")
        elif mine and step == "change":
            key = min(mine)
            mine[key] = record(key, title={"en": f"Changed {n}"})
        elif mine:
            gone.add(mine.pop(min(mine)).id)
        library = taken(
            library, bundle(mine.values(), A, NOON - timedelta(days=9) + timedelta(hours=n), withdrawn=gone)
        ).library
    assert {k: h.record for k, h in library.items() if not h.withdrawn} == mine


# -- small things ----------------------------------------------------------------------------------
def test_countries_are_known_by_many_names() -> None:
    assert [country_code(n) for n in ("France", "fr", "Belgique", "中国", "Atlantis", "")] == [
        "FR", "FR", "BE", "CN", None, None,
    ]  # fmt: skip
    assert country_name("NO") == "Norway", "and no truth value of YAML"
    assert country_name("QQ") == "QQ"


def test_texts_are_tidied() -> None:
    assert tidy(" a\r\nb\x00c\u0301 ") == "a\nbc\u0301".replace("c\u0301", "ć")
    assert untagged("<p>a &amp; b</p><style>x</style><p>c</p>") == "a & b\nc"
