"""The page: valid where it is easy to go wrong, self-contained, and nothing in it is run."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path

import pytest

from isopolis.report.html import css_string

from .conftest import HOSTILE, NOTICE

VOID = {"meta", "link", "br", "img", "input", "hr"}


class Page(HTMLParser):
    """Reads a page: elements with their attributes, ids, the text, and whether tags balance."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.text: list[str] = []
        self.parents: list[tuple[str, ...]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.parents.append(tuple(self.open))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.parents.append(tuple(self.open))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text.append(data)

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.elements if tag in tags]


@pytest.fixture(scope="module")
def source(made: dict[str, Path]) -> str:
    return made["report.html"].read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(source: str) -> Page:
    return Page(source)


def test_tags_balance_and_ids_are_unique(page: Page) -> None:
    assert not page.wrong
    assert not page.open
    ids = Counter(a["id"] for _, a in page.elements if "id" in a)
    assert ids
    assert {i: n for i, n in ids.items() if n > 1} == {}


def test_every_reference_has_its_target(page: Page) -> None:
    ids = {a["id"] for _, a in page.elements if "id" in a}
    for _, attrs in page.elements:
        for name in ("aria-labelledby", "aria-describedby"):
            for target in (attrs.get(name) or "").split():
                assert target in ids
        for name in ("href", "xlink:href"):
            link = attrs.get(name) or ""
            if link.startswith("#"):
                assert link[1:] in ids
        for value in attrs.values():
            for target in re.findall(r"url\(#([^)]+)\)", value or ""):
                assert target in ids


def test_language_landmarks_and_skip_link(page: Page) -> None:
    assert page.all("html")[0]["lang"] == "en"
    for tag in ("main", "header", "nav", "footer", "h1"):
        assert len(page.all(tag)) == 1, tag
    first = next(a for tag, a in page.elements if tag == "a")
    assert first["href"] == "#main"


def test_headings_never_skip_a_level(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))


def test_every_drawing_has_a_name_and_a_description(page: Page) -> None:
    drawings = page.all("svg")
    assert len(drawings) >= 15
    for attrs in drawings:
        assert attrs["role"] == "img"
        assert attrs["aria-label"]
        assert attrs["aria-describedby"]
    for attrs in page.all("img"):
        assert attrs["alt"]


def test_every_table_has_a_caption_and_scopes(page: Page) -> None:
    tables = page.all("table")
    assert len(page.all("caption")) == len(tables) > 15
    assert all(a.get("scope") in ("col", "row") for a in page.all("th"))


def test_tables_and_drawings_scroll_in_a_named_focusable_region(page: Page) -> None:
    regions = [a for a in page.all("div") if "scroll" in (a.get("class") or "")]
    assert len(regions) == len(page.all("table")) + len(page.all("svg"))
    for attrs in regions:
        assert attrs["role"] == "region"
        assert attrs["tabindex"] == "0"
        assert attrs.get("aria-label") or attrs.get("aria-labelledby")


def test_every_figure_has_words_and_numbers(page: Page) -> None:
    inside = {"figcaption": 0, "table": 0}
    for (tag, _), parents in zip(page.elements, page.parents, strict=True):
        if tag in inside and "figure" in parents:
            inside[tag] += 1
    figures = len(page.all("figure"))
    assert inside["figcaption"] == figures
    assert inside["table"] >= figures


def test_nothing_is_loaded_and_nothing_runs(page: Page, source: str) -> None:
    assert not page.all("script", "iframe", "object", "embed")
    for _, attrs in page.elements:
        assert not any(name.startswith("on") for name in attrs)
        for name in ("src", "xlink:href"):
            assert not (attrs.get(name) or "").startswith(("http", "//"))
    for attrs in page.all("link", "image", "use"):
        assert not (attrs.get("href") or "").startswith(("http", "//"))
    style = "".join(re.findall(r"<style>(.*?)</style>", source, re.S))
    assert "http" not in style
    assert "@import" not in style
    assert "default-src 'none'" in source


def test_hostile_names_are_text(page: Page, source: str) -> None:
    assert "<script" not in source
    text = "".join(page.text)
    assert HOSTILE in text
    assert "Origin <b>bold</b>" in text
    assert "Register & <i>more</i>" in text
    assert not page.all("b", "i")


def test_the_notice_is_on_top_and_on_every_printed_page(page: Page, source: str) -> None:
    before_title = source[: source.index("<h1>")]
    assert NOTICE in before_title.split("<body>")[1]
    assert '@top-center { content: "example data, not a real place"' in source
    assert NOTICE in source[source.index("<footer") :]


def test_the_reader_finds_what_the_brief_promises(page: Page) -> None:
    text = "".join(page.text)
    for heading in (
        "What stands out",
        "Where it shows most",
        "How evenly groups are spread",
        "Who lives near whom",
        "Near and far",
        "Between and within larger areas",
        "Inside each larger area",
        "In two groups at once",
        "65+, Women",
        "Change over time",
        "Caveats",
        "Method",
        "Sources",
        "What cannot be known from this data",
        "Known for the city as a whole only",
        "Settings of this run",
    ):
        assert heading in text, heading
    for word in (
        "Expected by chance",
        "Excess over chance",
        "Rank 1: large excess.",
        "zones.gpkg",
        "65",
        "CC BY 4.0",
    ):
        assert word in text, word
    assert "ab" * 32 in text
    assert "Nobody of this group is counted <here>." in text
    assert "nan" not in text.lower().split()


@pytest.mark.parametrize("text", ['"; } body { display: none', "</style><script>", "a\\b\nc", "é’ä", ""])
def test_css_strings_cannot_be_left(text: str) -> None:
    written = css_string(text)
    assert re.fullmatch(r'"(?:[A-Za-z0-9 ,.]|\\[0-9a-f]+ )*"', written)
    back = re.sub(r"\\([0-9a-f]+) ", lambda m: chr(int(m[1], 16)), written[1:-1])
    assert back == text
