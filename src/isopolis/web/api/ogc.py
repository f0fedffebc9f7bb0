"""OGC API Features, Part 1 (OGC 17-069r4): the documents, made from layers and addresses."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from .features import Box, Layer

__all__ = [
    "CONFORMANCE", "CRS84", "GEOJSON", "OPENAPI", "Collection", "Question", "QuestionError", "collection",
    "collections", "conformance", "item", "items", "landing", "question_of",
]  # fmt: skip

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
GREGORIAN = "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"
CONFORMANCE = tuple(
    f"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/{name}" for name in ("core", "geojson", "html")
)
GEOJSON, JSON, HTML = "application/geo+json", "application/json", "text/html"
OPENAPI = "application/vnd.oai.openapi+json;version=3.1"
DEFAULT, MOST, FARTHEST = 100, 1000, 10**9
PARAMETERS = ("f", "limit", "offset", "bbox", "datetime")
_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt](\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?:[Zz]|([+-])(\d\d):(\d\d)))?"
)


class QuestionError(ValueError):
    """A parameter that is unknown or cannot be understood."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(f"{where}: {message}")
        self.where, self.message = where, message


@dataclass(frozen=True, slots=True)
class Collection:
    """Features of one kind from one result.

    Parameters
    ----------
    key : str
        Name in addresses.
    title, description : str
    tag : str
        Names the content; another content has another tag.
    open : callable
        Returns the layer; nothing is read before it is called.
    """

    key: str
    title: str
    description: str
    tag: str
    open: Callable[[], Layer]

    @property
    def layer(self) -> Layer:
        """The features."""
        return self.open()


@dataclass(frozen=True, slots=True)
class Question:
    """Which features are asked for."""

    limit: int = DEFAULT
    offset: int = 0
    box: Box | None = None
    when: tuple[float, float] | None = None
    sought: tuple[tuple[str, str], ...] = ()


# -- what is asked -------------------------------------------------------------------------------------
def question_of(asked: Mapping[str, Sequence[str]], sought: Sequence[str]) -> Question:
    """Read the parameters of a request for items.

    Raises
    ------
    QuestionError
        For an unknown parameter, one that is there twice, or a value that has not its form.
    """
    known = [*PARAMETERS, *(s for s in sought if s not in PARAMETERS)]
    for name, values in asked.items():
        if name not in known:
            raise QuestionError(name, f"there is no such parameter; known are {', '.join(known)}")
        if len(values) != 1:
            raise QuestionError(name, "give it once")
    said = {name: values[0] for name, values in asked.items()}
    limit = _whole("limit", said.get("limit", str(DEFAULT)))
    if limit < 1:
        raise QuestionError("limit", "at least 1")
    return Question(
        min(limit, MOST),
        _whole("offset", said.get("offset", "0")),
        _box(said["bbox"]) if "bbox" in said else None,
        _span(said["datetime"]) if "datetime" in said else None,
        tuple((name, said[name]) for name in known[len(PARAMETERS) :] if name in said),
    )


def _whole(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > FARTHEST:
        raise QuestionError(name, f"must be a whole number from 0 to {FARTHEST}")
    return int(text)


def _box(text: str) -> Box:
    try:
        numbers = [float(part) for part in text.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
        raise QuestionError("bbox", "must be west,south,east,north in degrees")
    half = len(numbers) // 2
    west, south, east, north = numbers[0], numbers[1], numbers[half], numbers[half + 1]
    if max(abs(west), abs(east)) > 180 or max(abs(south), abs(north)) > 90 or south > north:
        raise QuestionError("bbox", "longitudes go from -180 to 180, latitudes from -90 to 90, south first")
    return west, south, east, north


def _span(text: str) -> tuple[float, float]:
    parts = text.split("/")
    if len(parts) == 1:
        return _moment(text)
    if len(parts) != 2 or all(p in ("", "..") for p in parts):
        raise QuestionError("datetime", "must be a time, or two of them with / between, one may be ..")
    start = -math.inf if parts[0] in ("", "..") else _moment(parts[0])[0]
    end = math.inf if parts[1] in ("", "..") else _moment(parts[1])[1]
    if start > end:
        raise QuestionError("datetime", "the first time must not be later than the second")
    return start, end


def _moment(text: str) -> tuple[float, float]:
    """Return first and last second of a day, or one moment twice."""
    match = _TIME.fullmatch(text)
    wrong = QuestionError("datetime", "a time looks like 2024-03-31 or 2024-03-31T12:00:00Z")
    if match is None:
        raise wrong
    year, month, day, hour, minute, second, part, sign, hours, minutes = match.groups()
    try:
        start = datetime(int(year), int(month), int(day), tzinfo=UTC).timestamp()
    except ValueError:
        raise wrong from None
    if hour is None:
        return start, start + 86_399
    if (
        int(hour) > 23
        or int(minute) > 59
        or int(second) > 60
        or int(hours or 0) > 23
        or int(minutes or 0) > 59
    ):
        raise wrong
    moment = start + int(hour) * 3600 + int(minute) * 60 + int(second) + float(part or 0)
    if sign:
        moment += (-1 if sign == "+" else 1) * (int(hours) * 3600 + int(minutes) * 60)
    return moment, moment


# -- what is answered ----------------------------------------------------------------------------------
def _link(href: str, rel: str, kind: str, title: str) -> dict[str, str]:
    return {"href": href, "rel": rel, "type": kind, "title": title}


def _twice(href: str, kind: str, title: str, *, html: bool) -> list[dict[str, str]]:
    """Link the document itself, and as a page for people."""
    links = [_link(href, "self", kind, title)]
    if html:
        sign = "&" if "?" in href else "?"
        links.append(_link(f"{href}{sign}f=html", "alternate", HTML, f"{title} (HTML)"))
    return links


def landing(root: str, title: str, text: str, document: str, manual: str, *, html: bool) -> dict[str, Any]:
    """Return the first document, which leads to all others."""
    return {
        "title": title,
        "description": text,
        "links": [
            *_twice(f"{root}/", JSON, title, html=html),
            _link(document, "service-desc", OPENAPI, "What can be asked, for programs"),
            _link(manual, "service-doc", HTML, "What can be asked, for people"),
            _link(f"{root}/conformance", "conformance", JSON, "Which parts of the standard are kept"),
            _link(f"{root}/collections", "data", JSON, "Collections of features"),
        ],
    }


def conformance(root: str, *, html: bool) -> dict[str, Any]:
    """Return which conformance classes are kept; HTML only where browsers can come."""
    kept = [c for c in CONFORMANCE if html or not c.endswith("/html")]
    return {"conformsTo": kept, "links": _twice(f"{root}/conformance", JSON, "Conformance", html=html)}


def collections(root: str, found: Sequence[Collection], *, html: bool) -> dict[str, Any]:
    """Return all collections."""
    return {
        "links": _twice(f"{root}/collections", JSON, "Collections", html=html),
        "collections": [collection(root, c, html=html) for c in found],
    }


def collection(root: str, found: Collection, *, html: bool) -> dict[str, Any]:
    """Return what one collection is."""
    address, layer = f"{root}/collections/{quote(found.key)}", found.layer
    extent: dict[str, Any] = {}
    if layer.about["extent"]:
        extent["spatial"] = {"bbox": [layer.about["extent"]], "crs": CRS84}
    if layer.about["interval"]:
        extent["temporal"] = {"interval": [[_stamp(s) for s in layer.about["interval"]]], "trs": GREGORIAN}
    links = _twice(address, JSON, found.title, html=html)
    links.append(_link(f"{address}/items", "items", GEOJSON, "The features"))
    if html:
        links.append(_link(f"{address}/items?f=html", "items", HTML, "The features (HTML)"))
    out = {
        "id": found.key, "title": found.title, "description": found.description, "itemType": "feature",
        "crs": [CRS84], "links": links,
    }  # fmt: skip
    return out | ({"extent": extent} if extent else {})


def _stamp(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def items(root: str, found: Collection, asked: Question, said: Mapping[str, str], *, html: bool) -> bytes:
    """Return one page of features; `said` are the parameters as they came, for the links."""
    layer = found.layer
    places = layer.matching(asked.box, asked.when, dict(asked.sought))
    shown = places[asked.offset : asked.offset + asked.limit]
    address = f"{root}/collections/{quote(found.key)}"
    at = partial(_page, f"{address}/items", {k: v for k, v in said.items() if k != "f"})
    links = _twice(at({}), GEOJSON, "This page", html=html)
    links.append(_link(address, "collection", JSON, found.title))
    if asked.offset + asked.limit < len(places):
        further = {"limit": asked.limit, "offset": asked.offset + asked.limit}
        links.append(_link(at(further), "next", GEOJSON, "The next page"))
    if asked.offset:
        before = {"limit": asked.limit, "offset": max(0, asked.offset - asked.limit)}
        links.append(_link(at(before), "prev", GEOJSON, "The page before"))
    head = {"type": "FeatureCollection", "numberMatched": len(places), "numberReturned": len(shown)}
    text = json.dumps(head | {"links": links}, ensure_ascii=False)[:-1].encode()
    return text + b', "features": [' + b",\n".join(layer.lines(shown)) + b"]}\n"


def _page(address: str, said: Mapping[str, str], changes: Mapping[str, int]) -> str:
    asked = urlencode({**said, **changes})
    return address + (f"?{asked}" if asked else "")


def item(root: str, found: Collection, fid: str, *, html: bool) -> dict[str, Any] | None:
    """Return one feature; None when there is no such feature."""
    layer = found.layer
    places = layer.matching(sought={"id": fid})
    if not len(places):
        return None
    feature: dict[str, Any] = json.loads(layer.lines(places[:1])[0])
    address = f"{root}/collections/{quote(found.key)}"
    links = _twice(f"{address}/items/{quote(fid, safe='')}", GEOJSON, "This feature", html=html)
    return feature | {"links": [*links, _link(address, "collection", JSON, found.title)]}
