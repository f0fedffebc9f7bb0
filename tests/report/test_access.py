"""The page about access: a table and words beside every figure, nothing fetched, nothing left out."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from isopolis.explain.languages import said
from isopolis.flows.access import access
from isopolis.flows.access_asked import AccessAsked, AccessFound
from isopolis.flows.access_load import load_access
from isopolis.flows.access_words import in_short
from isopolis.flows.example import write_example
from isopolis.report.access import access_report
from isopolis.report.agreement import page
from isopolis.report.blocks import Figure, Table

from .conftest import HOSTILE
from .test_html import Page


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> AccessFound:
    folder = tmp_path_factory.mktemp("access") / "city"
    write_example(folder, zones=40)
    data = load_access(folder)
    data = replace(data, name=f"Gridville {HOSTILE}", sources=(*data.sources, f"Register {HOSTILE}"))
    asked = AccessAsked(
        "health_centre", "manual_wheelchair", others=("adult", "night"), by=(("age",), ("age", "disability")),
        at="Tu 11:00", sites=1, changes=("add:0104", "close:health_centre-001"),
    )  # fmt: skip
    return access(data, asked)


@pytest.fixture(scope="module")
def source(found: AccessFound) -> str:
    return page(access_report(found))


@pytest.fixture(scope="module")
def read(source: str) -> Page:
    return Page(source)


def test_every_figure_has_words_and_a_table(found: AccessFound) -> None:
    figures = [b for s in access_report(found).sections for b in s.blocks if isinstance(b, Figure)]
    assert {f.key for f in figures} >= {"near", "bodies", "groups", "bounds", "survey"}
    for figure in figures:
        assert figure.title
        assert figure.summary
        assert figure.svg
        assert isinstance(figure.table, Table)
        assert figure.table.rows
        assert all(len(row) == len(figure.table.head) for row in figure.table.rows)


def test_rows_fit_their_heads_and_none_says_nan(found: AccessFound, source: str) -> None:
    tables = [b for s in access_report(found).sections for b in s.blocks if isinstance(b, Table)]
    assert tables
    for table in tables:
        assert all(len(row) == len(table.head) for row in table.rows), table.caption
        assert all(cell for row in table.rows for cell in row), table.caption
    words = re.sub(r"<style.*?</style>|<svg.*?</svg>|data:[^\"']+", "", source, flags=re.S)
    assert not re.search(r"\b(nan|NaN|inf|None|Undefined)\b", words)
    assert "{" not in re.sub(r"<[^>]+>", "", words)  # no sentence with a hole


def test_the_page_balances_and_its_references_lead_somewhere(read: Page) -> None:
    assert not read.wrong
    assert not read.open
    ids = [a["id"] for _, a in read.elements if "id" in a]
    assert len(ids) == len(set(ids))
    for _, attrs in read.elements:
        for name in ("aria-labelledby", "aria-describedby"):
            for target in (attrs.get(name) or "").split():
                assert target in ids
        for value in attrs.values():
            for target in re.findall(r"url\(#([^)]+)\)", value or ""):
                assert target in ids


def test_every_drawing_is_named_and_described(read: Page) -> None:
    drawings = read.all("svg")
    assert len(drawings) >= 5
    for attrs in drawings:
        assert attrs["role"] == "img"
        assert attrs["aria-label"]
        assert attrs["aria-describedby"]
    for attrs in read.all("img"):
        assert attrs["alt"]
    assert len(read.all("caption")) == len(read.all("table"))
    assert all(a.get("scope") in ("col", "row") for a in read.all("th"))


def test_nothing_is_fetched_and_nothing_runs(read: Page, source: str) -> None:
    assert not read.all("script", "iframe", "object", "embed", "form", "base")
    for tag, attrs in read.elements:
        for name in ("src", "srcset", "data", "poster", "background", "xlink:href"):
            assert not (attrs.get(name) or "").startswith(("http", "//")), tag
        if tag == "link":
            assert not (attrs.get("href") or "").startswith(("http", "//"))
        assert not [n for n in attrs if n.startswith("on")]
    for style in re.findall(r"<style.*?</style>", source, re.S):
        assert "http" not in style
        assert "@import" not in style


def test_hostile_names_are_only_text(read: Page, source: str) -> None:
    assert "<script>alert(1)" not in source
    assert HOSTILE in "".join(read.text)


def test_what_must_be_said_is_there(found: AccessFound, read: Page) -> None:
    text = " ".join("".join(read.text).split())
    for sentence in in_short(found):
        assert " ".join(str(sentence).split()) in text
    for problem in found.caveats:
        assert " ".join(str(problem.said()).split()) in text
    for note in found.data.notes:
        assert note in text
    for origin in found.data.sources:
        assert " ".join(origin.split()) in text
    for part in found.profiles:
        assert str(part.title) in text
    for change in found.changed:
        assert str(change.said) in text
    for site in found.sites:
        assert site.name in text
    for line in found.barriers:
        assert str(line) in text


@pytest.mark.parametrize("code", ["ar", "fr"])
def test_a_page_in_another_language_says_which(found: AccessFound, code: str) -> None:
    made = Page(page(access_report(found, code, partial(said, code=code))))
    assert made.all("html")[0]["lang"] == code
    assert not made.wrong
    if code == "ar":
        assert made.all("html")[0].get("dir") == "rtl"


def test_a_city_with_a_matrix_alone_has_a_page(belo: AccessFound) -> None:
    report = access_report(belo)
    assert not any(s.key == "bodies" for s in report.sections)
    made = Page(page(report))
    assert not made.wrong
    assert "In reach, on average" in "".join(made.text)


@pytest.fixture(scope="module")
def belo(data: Path, tmp_path_factory: pytest.TempPathFactory) -> AccessFound:
    import shutil

    from isopolis.cli.app import run

    place = tmp_path_factory.mktemp("real") / "belo_horizonte"
    shutil.copytree(data / "access_belo_horizonte", place, copy_function=shutil.copyfile)
    place.chmod(0o755)
    (place / "expected.json").unlink()
    assert run(["init", str(place)]) == 0
    return access(load_access(place), AccessAsked("jobs", minutes=30))
