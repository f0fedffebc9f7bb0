"""What OGC API Features answers and may be asked, for the OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ninja import Schema

from . import ogc

__all__ = [
    "ASKED",
    "FORMAT",
    "FREE",
    "CollectionOut",
    "Collections",
    "Conformance",
    "FeatureOut",
    "Items",
    "Landing",
]


class Link(Schema):
    """A link as in RFC 8288."""

    href: str
    rel: str
    type: str
    title: str


class Landing(Schema):
    """The first document."""

    title: str
    description: str
    links: list[Link]


class Conformance(Schema):
    """Parts of the standard that are kept."""

    conformsTo: list[str]  # noqa: N815
    links: list[Link]


class CollectionOut(Schema):
    """One collection."""

    id: str
    title: str
    description: str
    itemType: str  # noqa: N815
    crs: list[str]
    links: list[Link]
    extent: dict[str, Any] | None = None


class Collections(Schema):
    """All collections."""

    links: list[Link]
    collections: list[CollectionOut]


class Feature(Schema):
    """One feature (RFC 7946), in longitude and latitude."""

    type: str
    id: str | int
    geometry: dict[str, Any] | None
    properties: dict[str, Any]


class FeatureOut(Feature):
    """One feature by itself."""

    links: list[Link]


class Items(Schema):
    """One page of features."""

    type: str
    numberMatched: int  # noqa: N815
    numberReturned: int  # noqa: N815
    links: list[Link]
    features: list[Feature]


def _parameter(name: str, text: str, schema: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"in": "query", "name": name, "required": False, "description": text, "schema": schema} | more


NUMBERS = {"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}
FORMAT = _parameter("f", "format of the answer", {"type": "string", "enum": ["json", "html"]})
ASKED = [
    _parameter("limit", "how many features at most", {
        "type": "integer", "minimum": 1, "maximum": ogc.MOST, "default": ogc.DEFAULT,
    }),
    _parameter("offset", "how many features to leave out", {
        "type": "integer", "minimum": 0, "maximum": ogc.FARTHEST, "default": 0,
    }),
    _parameter("bbox", "west,south,east,north in degrees", NUMBERS, style="form", explode=False),
    _parameter("datetime", "a time, or two with / between", {"type": "string"}, style="form", explode=False),
]  # fmt: skip
FREE = _parameter(
    "filter", "property=value, such as measure=dissimilarity",
    {"type": "object", "additionalProperties": {"type": "string"}}, style="form", explode=True,
)  # fmt: skip
