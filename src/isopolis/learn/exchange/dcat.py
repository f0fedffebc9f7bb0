"""A library as a catalogue in JSON-LD, after DCAT-AP: for European and national data portals.

Classes and properties: W3C DCAT 3 and DCAT-AP; languages are those of the authority table of the
Publications Office of the EU. A record is a ``dcat:Dataset`` whose distributions are its documents.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from isopolis.learn.countries import country_name
from isopolis.learn.record import Contact, Document, Record, Source, Texts

from .json_form import public

__all__ = ["CONTEXT", "to_dcat", "to_dcat_text"]

LANGUAGES = {
    "ar": "ARA", "bg": "BUL", "cs": "CES", "da": "DAN", "de": "DEU", "el": "ELL", "en": "ENG", "es": "SPA",
    "et": "EST", "fi": "FIN", "fr": "FRA", "ga": "GLE", "hr": "HRV", "hu": "HUN", "it": "ITA", "lt": "LIT",
    "lv": "LAV", "mt": "MLT", "nl": "NLD", "pl": "POL", "pt": "POR", "ro": "RON", "ru": "RUS", "sk": "SLK",
    "sl": "SLV", "sv": "SWE", "tr": "TUR", "uk": "UKR",
}  # fmt: skip
AUTHORITY = "http://publications.europa.eu/resource/authority"
THEME = f"{AUTHORITY}/data-theme/SOCI"
CONTEXT: dict[str, Any] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "adms": "http://www.w3.org/ns/adms#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "schema": "https://schema.org/",
    "isopolis": "urn:isopolis:terms:",
}


def to_dcat(records: Iterable[Record], *, address: str, publisher: str, title: str) -> dict[str, Any]:
    """Return the catalogue as a JSON-LD object.

    Parameters
    ----------
    address : str
        Address of the library, without a slash at its end; records are ``<address>/<id>``.
    publisher, title : str
        Who publishes the catalogue and what it is called.
    """
    base = address.rstrip("/")
    agent = {"@id": f"{base}#publisher", "@type": "foaf:Agent", "foaf:name": publisher}
    return {
        "@context": CONTEXT,
        "@id": f"{base}#catalogue",
        "@type": "dcat:Catalog",
        "dct:title": title,
        "dct:description": title,
        "dct:publisher": agent,
        "foaf:homepage": {"@id": base},
        "dcat:dataset": [_dataset(public(r), base) for r in records],
    }


def to_dcat_text(records: Iterable[Record], *, address: str, publisher: str, title: str) -> str:
    """Return `to_dcat` as text."""
    whole = to_dcat(records, address=address, publisher=publisher, title=title)
    return json.dumps(whole, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _dataset(record: Record, base: str) -> dict[str, Any]:
    here = f"{base}/{record.id}"
    languages = [record.language, *(c for c in record.translations if c != record.language)]
    out: dict[str, Any] = {
        "@id": here,
        "@type": "dcat:Dataset",
        "dct:identifier": record.id,
        "dct:type": record.kind,
        "dct:title": _said(record.title),
        "dct:description": _said(record.summary or record.title),
        "dct:language": [_language(c) for c in languages],
        "dcat:theme": [{"@id": THEME}],
        "dcat:keyword": [t for _path, _schemes, t in record.terms()],
        "dcat:landingPage": {"@id": here},
        "dct:source": [{"@id": s.url} if s.url else _cited(s) for s in record.sources],
        "dcat:distribution": [_file(d, here, n) for n, d in enumerate(record.documents, 1)],
        "isopolis:evidenceGrade": record.evidence_grade,
    }
    if record.licence:
        out["dct:license"] = {"@type": "dct:LicenseDocument", "dct:title": record.licence}
    for name, moment in (("dct:issued", record.created), ("dct:modified", record.updated)):
        if moment:
            out[name] = _dated(moment)
    out |= _spatial(record) | _temporal(record)
    if record.contact:
        out["dcat:contactPoint"] = _contact(record.contact)
    return {k: v for k, v in out.items() if v != []}


def _said(texts: Texts) -> list[dict[str, str]]:
    return [{"@language": code, "@value": text} for code, text in texts.items()]


def _language(code: str) -> dict[str, str]:
    known = LANGUAGES.get(code.split("-")[0])
    return {"@id": f"{AUTHORITY}/language/{known}"} if known else {"@value": code}


def _dated(moment: str) -> dict[str, str]:
    kinds = {4: "xsd:gYear", 7: "xsd:gYearMonth", 10: "xsd:date"}
    return {"@type": kinds.get(len(moment), "xsd:dateTime"), "@value": moment}


def _cited(source: Source) -> dict[str, Any]:
    given = {"dct:title": source.title, "dct:publisher": source.publisher, "dct:issued": source.published}
    return {"@type": "dct:BibliographicResource"} | {k: v for k, v in given.items() if v}


def _spatial(record: Record) -> dict[str, Any]:
    place = record.place
    if place is None:
        return {}
    out: dict[str, Any] = {"@type": "dct:Location", "skos:prefLabel": place.name}
    if place.country:
        out["schema:addressCountry"] = place.country
        out["schema:name"] = country_name(place.country)
    if place.lat is not None and place.lon is not None:
        point = f"POINT({place.lon} {place.lat})"
        out["dcat:centroid"] = {"@type": "http://www.opengis.net/ont/geosparql#wktLiteral", "@value": point}
    return {"dct:spatial": out}


def _temporal(record: Record) -> dict[str, Any]:
    period = record.period
    ends = {"dcat:startDate": period.start, "dcat:endDate": period.end} if period else {}
    given = {name: _dated(day) for name, day in ends.items() if day}
    return {"dct:temporal": {"@type": "dct:PeriodOfTime"} | given} if given else {}


def _contact(contact: Contact) -> dict[str, Any]:
    given: dict[str, Any] = {
        "vcard:fn": contact.name or contact.organisation,
        "vcard:organization-name": contact.organisation,
        "vcard:hasEmail": {"@id": f"mailto:{contact.email}"} if contact.email else None,
        "vcard:hasURL": {"@id": contact.url} if contact.url else None,
    }
    return {"@type": "vcard:Kind"} | {k: v for k, v in given.items() if v}


def _file(document: Document, here: str, number: int) -> dict[str, Any]:
    out: dict[str, Any] = {
        "@id": f"{here}#document-{number}",
        "@type": "dcat:Distribution",
        "dct:title": _said(document.title),
        "dcat:accessURL": {"@id": document.url or here},
    }
    if document.media_type:
        out["dcat:mediaType"] = document.media_type
    if document.size is not None:
        out["dcat:byteSize"] = document.size
    if document.sha256:
        out["spdx:checksum"] = {
            "@type": "spdx:Checksum",
            "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256"},
            "spdx:checksumValue": document.sha256,
        }
    return out
