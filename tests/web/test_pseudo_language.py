"""No English outside the catalogues: every page in a language that marks what was translated."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from isopolis.learn.vocabulary import shipped
from isopolis.web.accounts.models import User
from isopolis.web.languages import NAMES as OWN_NAMES
from isopolis.web.workspaces.models import Workspace

from .pseudo import spoken_as, untranslated
from .publishing import published
from .towns import diagnosed

# each language names itself
LANGUAGES = [re.escape(name) for name in OWN_NAMES.values()]
NAMES = re.compile(
    # names in the city's own data, and of the people who handle them
    r"[\w.-]+@[\w.-]+|Testville|How people share it|owner|birthplace|[Bb]orn[ _]here|born_abroad|Z\d\d|"
    # files and addresses
    r"\w+\.(csv|json|html|pdf|gpkg|parquet|toml|svg|txt|zip)\b|https?://\S+|\bkB\b|\bMB\b|"
    # the program, letters of measures, and formats that are the same in every language
    r"Isopolis|isopolis 0\.\d\.\d|\((Li|HO|HR)\)|\b(D|H|M)\b|"
    r"\b(CSV|JSON(-LD)?|SVG|PDF|SHA-256|GeoParquet|GeoPackage|Excel|XLSX|ZIP|HTML|UTF-8|TOML|API|OpenAPI|OGC|QGIS|"
    r"DCAT-AP|SKOS|Turtle)\b|русский|українська|Türkçe|" + "|".join(LANGUAGES)
)
NOT_PAGES = re.compile(
    r"/files/|/static/|/logout|/api/|/ogc|\.(csv|json|svg|png|pdf|parquet|geojson)(\?|$)|embed"
)


def crawl(client: Client, start: str, most: int) -> dict[str, set[tuple[str, str]]]:
    """Follow every link; return what is not translated on each page."""
    seen: dict[str, set[tuple[str, str]]] = {}
    waiting, kinds = [start], {}
    while waiting and len(seen) < most:
        path = waiting.pop(0)
        kind = re.sub(r"[0-9a-f-]{36}|\d+", "N", path)
        kinds[kind] = kinds.get(kind, 0) + 1
        # three pages of a kind say as much as three hundred
        if path in seen or NOT_PAGES.search(path) or kinds[kind] > 3:
            continue
        answer = client.get(path, follow=True, headers={"accept-language": "fr"})
        if answer.status_code != 200 or "text/html" not in answer.headers["Content-Type"]:
            continue
        text = answer.content.decode()
        seen[path] = untranslated(text, NAMES)
        waiting += sorted(set(re.findall(r'<a [^>]*href="(/[^"#]*)', text)))
    return seen


def said_by_the_vocabulary() -> set[str]:
    """Its labels are in its own files, in French too."""
    shipped_one = shipped()
    ids = [c.id for name in shipped_one.schemes for c in shipped_one.scheme(name)]
    return {label for id in ids for label in shipped_one.labels(id).get("fr", ())}


def assert_all(found: dict[str, set[tuple[str, str]]]) -> None:
    """Name every text that is not translated, and one page that shows it."""
    labels = said_by_the_vocabulary()
    wrong = {
        text: (place, path)
        for path, texts in found.items()
        for place, text in texts
        if not ({text} | set(re.split(", | · ", text))) & labels
    }
    assert not wrong, "\n".join(f"{path} {place}: {text[:200]}" for text, (place, path) in wrong.items())


@pytest.mark.django_db
def test_every_text_of_an_owner_is_translated(
    city: Workspace, owner: User, browse: Callable[[User], Client], monkeypatch: Any
) -> None:
    published(owner, city, diagnosed(owner, city))
    with spoken_as("fr", monkeypatch):
        found = crawl(browse(owner), "/", 110)
    assert len(found) > 15
    assert_all(found)


@pytest.mark.django_db
def test_every_text_for_visitors_is_translated(monkeypatch: Any) -> None:
    with spoken_as("fr", monkeypatch):
        found = crawl(Client(), "/", 40)
    assert_all(found)
