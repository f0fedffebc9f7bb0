"""Participedia's fields and ours, in both directions.

Field names after Participedia's case structure and CSV dump (repository ``participedia/api``,
``api/helpers/data/case-structure.json`` and ``api/helpers/create-csv-data-dump.js``). What is read
there is kept in its own words under ``participation``; nothing is turned into a term of our
vocabulary until a person says so.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from isopolis.learn.countries import country_code
from isopolis.learn.record import Participation, Record, Texts, problems
from isopolis.model.errors import Problem

from .guard import tidy, untagged

__all__ = ["CROSSWALK", "Imported", "from_participedia", "rows_of", "to_participedia"]

SITE = "https://participedia.net"
SCHEME = "participedia"

CROSSWALK: dict[str, str] = {
    "title": "title", "description": "summary", "body": "body", "url": "sources[0].url", "id": "identifiers",
    "type": "kind", "original_language": "language", "post_date": "created", "updated_date": "updated",
    "location_name": "place.name", "city": "place.city", "province": "place.region",
    "country": "place.country_name", "latitude": "place.lat", "longitude": "place.lon",
    "start_date": "period.start", "end_date": "period.end", "ongoing": "period.ongoing",
    "number_of_participants": "participants.n", "funder": "funding_sources[0].name",
    "general_issues": "participation.issues", "specific_topics": "participation.topics",
    "scope_of_influence": "participation.scope", "time_limited": "participation.time_limited",
    "purposes": "participation.purposes", "approaches": "participation.approaches",
    "public_spectrum": "participation.spectrum", "open_limited": "participation.open_limited",
    "recruitment_method": "participation.recruitment_method",
    "targeted_participants": "participation.targeted", "method_types": "participation.method_types",
    "tools_techniques_types": "participation.tool_types",
    "specific_methods_tools_techniques": "participation.methods", "legality": "participation.legality",
    "facilitators": "participation.facilitators",
    "facilitator_training": "participation.facilitator_training",
    "facetoface_online_or_both": "participation.facetoface_online",
    "participants_interactions": "participation.interactions",
    "learning_resources": "participation.learning_resources",
    "decision_methods": "participation.decision_methods", "if_voting": "participation.voting",
    "insights_outcomes": "participation.outcomes", "primary_organizer": "participation.primary_organizer",
    "primary_org_id": "participation.primary_organizer_id",
    "organizer_types": "participation.organizer_types", "funder_types": "participation.funder_types",
    "staff": "participation.staff", "volunteers": "participation.volunteers",
    "impact_evidence": "participation.impact_evidence", "change_types": "participation.change_types",
    "implementers_of_change": "participation.implementers_of_change",
    "formal_evaluation": "participation.formal_evaluation", "purpose_method": "participation.purposes",
}  # fmt: skip
"""Participedia's field → path of ours."""
OTHER_NAMES = {
    "method_id": "id", "primary_organizer_id": "primary_org_id",
    "primary_organizer_title": "primary_organizer",
    "specific_methods_tools_techniques_titles": "specific_methods_tools_techniques",
}  # fmt: skip
"""The same fields as the CSV dump and published tables call them."""
LISTS = {n for n, f in Participation.model_fields.items() if f.default == ()}
SPACED = re.compile(r"^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?)Z?$")
ITEM = re.compile(r'"((?:[^"\\]|\\.)*)"|([^,{}]+)')


@dataclass(frozen=True)
class Imported:
    """What came of a table: records, rows that could not be one, and columns that have no place here."""

    records: tuple[Record, ...]
    problems: tuple[Problem, ...]
    unmapped: dict[str, int]
    """Column → how many rows had something in it."""
    untitled: int
    """Rows without a title, which were named by their number and place."""


def rows_of(text: str) -> list[dict[str, str]]:
    """Read a CSV table of cases or methods."""
    csv.field_size_limit(max(csv.field_size_limit(), 1_000_000))
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def from_participedia(
    rows: Iterable[Mapping[str, Any]], read_on: date, *, file: str = "cases.csv"
) -> Imported:
    """Make records of rows or API objects.

    Parameters
    ----------
    rows : iterable of mapping
        Cases or methods by Participedia's field names; lists as lists, or as ``{a,b}`` or ``a, b``.
    read_on : date
        The day on which the table was fetched: the source of each record says so.
    """
    records, found, unmapped, untitled = [], [], Counter[str](), 0
    for number, row in enumerate(rows, 2):
        given = {OTHER_NAMES.get(k, k): v for k, v in row.items() if k is not None and not _empty(v)}
        unmapped.update(k for k in given if k not in CROSSWALK)
        untitled += "title" not in given
        plain = _record(given, read_on)
        wrong = problems(plain, file=f"{file}[{number}]")
        found += wrong
        if not wrong:
            records.append(Record.model_validate(plain))
    return Imported(tuple(records), tuple(found), dict(unmapped), untitled)


def _empty(value: Any) -> bool:
    return value is None or value in ("", "{}", [], {})


def _record(given: Mapping[str, Any], read_on: date) -> dict[str, Any]:
    kind = str(given.get("type", "case")).strip()
    kind = kind if kind in ("case", "method") else "case"
    number = str(given.get("id", "")).strip()
    language = str(given.get("original_language", "en")).strip().lower()[:2] or "en"
    title = untagged(str(given.get("title", ""))) or _named(kind, number, given)
    plain: dict[str, Any] = {
        "id": f"{SCHEME}-{kind}-{number}".lower(),
        "kind": kind,
        "language": language,
        "title": {language: title},
        "sources": [_source(given, kind, number, read_on)],
        "identifiers": [{"scheme": SCHEME, "value": number}],
    }
    taking_part = _participation(given)
    if taking_part:
        plain["participation"] = taking_part
    for theirs, ours in (("description", "summary"), ("body", "body")):
        words = untagged(str(given.get(theirs, "")))
        if words:
            plain[ours] = {language: words}
    for theirs, ours in (("post_date", "created"), ("updated_date", "updated")):
        if theirs in given:
            plain[ours] = _moment(str(given[theirs]))
    place, period = _place(given), _period(given)
    plain |= ({"place": place} if place else {}) | ({"period": period} if period else {})
    if "number_of_participants" in given:
        plain["participants"] = {"n": _number(given["number_of_participants"])}
    if "funder" in given:
        plain["funding_sources"] = [{"name": tidy(str(given["funder"]))}]
    return plain


def _named(kind: str, number: str, given: Mapping[str, Any]) -> str:
    """Name an entry that has no title by what is known: its number, its place."""
    where = [tidy(str(given[k])) for k in ("city", "country") if k in given]
    return f"Participedia {kind} {number}" + (f" ({', '.join(where)})" if where else "")


def _source(given: Mapping[str, Any], kind: str, number: str, read_on: date) -> dict[str, Any]:
    url = str(given.get("url") or f"{SITE}/{kind}/{number}")
    return {"url": url, "publisher": "Participedia", "read_on": read_on.isoformat()}


def _participation(given: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for theirs, ours in CROSSWALK.items():
        before, _, name = ours.partition(".")
        if before != "participation" or theirs not in given:
            continue
        out[name] = _items(given[theirs]) if name in LISTS else _word(given[theirs])
    return out


def _items(value: Any) -> list[str]:
    """Read ``{a,"b, c"}``, ``a, b``, or a list of words or of things with an id or a title."""
    if isinstance(value, list | tuple):
        return [_word(v) for v in value]
    text = str(value).strip()
    if text.startswith("{") and text.endswith("}"):
        found = (quoted.replace('\\"', '"') or bare for quoted, bare in ITEM.findall(text[1:-1]))
        return [t for t in map(tidy, found) if t]
    return [t for t in map(tidy, text.split(",")) if t]


def _word(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("title") or value.get("value") or value.get("id") or ""
    text = tidy(str(value))
    return text.removesuffix(".0") if re.fullmatch(r"\d+\.0", text) else text


def _moment(text: str) -> str:
    found = SPACED.match(text.strip())
    return f"{found[1]}T{found[2]}" if found else text.strip()


def _number(value: Any) -> Any:
    try:
        return float(str(value))
    except ValueError:
        return value


def _place(given: Mapping[str, Any]) -> dict[str, Any]:
    place: dict[str, Any] = {}
    for theirs, ours in (("city", "city"), ("province", "region"), ("country", "country_name")):
        if theirs in given:
            place[ours] = tidy(str(given[theirs]))
    for theirs, ours in (("latitude", "lat"), ("longitude", "lon")):
        if theirs in given:
            place[ours] = _number(given[theirs])
    code = country_code(place.get("country_name", ""))
    if code:
        place["country"] = code
    name = tidy(str(given.get("location_name", "")))
    shown = name or place.get("city") or place.get("region") or place.get("country_name")
    return {"name": shown} | place if shown else {}


def _period(given: Mapping[str, Any]) -> dict[str, Any]:
    period: dict[str, Any] = {}
    for theirs, ours in (("start_date", "start"), ("end_date", "end")):
        if theirs in given:
            period[ours] = str(given[theirs]).strip()[:10]
    if "ongoing" in given:
        said = str(given["ongoing"]).strip().lower()
        known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
        period["ongoing"] = known.get(said, said)
    return period


# -- and back --------------------------------------------------------------------------------------------
def to_participedia(record: Record) -> dict[str, Any]:
    """Return the record by Participedia's field names; lists are lists, what is not stated is left out."""
    plain = record.plain()
    numbers = [i.value for i in record.identifiers if i.scheme == SCHEME]
    out: dict[str, Any] = {"type": record.kind, "title": record.title.best([record.language]).text}
    out["original_language"] = record.language
    if numbers:
        out["id"] = numbers[0]
    for theirs, text in (("description", record.summary), ("body", record.body)):
        if isinstance(text, Texts):
            out[theirs] = text.best([record.language]).text
    for theirs, ours in CROSSWALK.items():
        if theirs in out or ours in ("title", "summary", "body", "identifiers", "kind", "language"):
            continue
        value = _at(plain, ours)
        if value is not None and value != "not stated":
            out[theirs] = (
                value.replace("T", " ").removesuffix("Z") if ours in ("created", "updated") else value
            )
    place = record.place
    if place and place.name == (place.city or place.region or place.country_name):
        out.pop("location_name", None)  # the name was only the nearest thing there was
    if record.kind != "method":
        out.pop("purpose_method", None)
    else:
        out.pop("purposes", None)
    return out


def _at(plain: Any, path: str) -> Any:
    for step in re.findall(r"[^.\[\]]+", path):
        if isinstance(plain, list):
            plain = plain[int(step)] if int(step) < len(plain) else None
        else:
            plain = plain.get(step) if isinstance(plain, dict) else None
    return plain
