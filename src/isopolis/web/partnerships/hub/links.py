"""Addresses of other rooms of the platform; empty where such a page is not there."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

__all__ = ["collection_url", "library_url", "record_url"]


def library_url(theme: str = "") -> str:
    """Address of the library, narrowed to a theme."""
    try:
        page = reverse("library")
    except NoReverseMatch:
        return ""
    return f"{page}?{urlencode({'theme': theme})}" if theme else page


def record_url(record: str) -> str:
    """Address of a record of the library."""
    return _one("library_record", record)


def collection_url(collection: str) -> str:
    """Address of a collection of the library."""
    return _one("library_collection", collection)


def _one(page: str, key: str) -> str:
    if not key:
        return ""
    try:
        return reverse(page, args=[key])
    except NoReverseMatch:
        return ""
