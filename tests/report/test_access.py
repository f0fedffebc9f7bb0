"""The page about access: a table and words beside every figure, nothing fetched, nothing left out."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from isopolis.explain.languages import said
from isopolis.flows.access import access
from isopolis.flows.access_asked import AccessAsked, AccessFound, HourAccess, SiteFound
from isopolis.flows.access_load import load_access
from isopolis.flows.access_words import in_short
from isopolis.flows.example import write_example
from isopolis.model.text import phrase
from isopolis.report.access import access_report
from isopolis.report.access_charts import group_chart, hour_spans
from isopolis.report.access_maps import BOUNDS, _marks, _shapes, shapes_of, sites_map, spoken
from isopolis.report.access_tables import shares, sites_blocks
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


def _every_table(found: AccessFound) -> list[Table]:
    blocks = [b for s in access_report(found).sections for b in s.blocks]
    tables = [b.table if isinstance(b, Figure) else b for b in blocks]
    return [t for t in tables if isinstance(t, Table)]


def test_tables_have_rows_and_are_no_wider_than_a_page(found: AccessFound) -> None:
    tables = _every_table(found)
    assert len(tables) >= 8
    for table in tables:
        assert table.rows, table.caption
        assert len(table.head) <= 7, table.caption
        # a wide column of words stands beside one other column at most, so that a narrow screen shows it
        long = max(len(cell) for row in table.rows for cell in row[1:])
        assert long <= 60 or len(table.head) == 2 or table.folded, table.caption


def test_numbers_of_sites_stand_inside_their_zones(found: AccessFound) -> None:
    import shapely

    ids = [str(i) for i in found.data.origins.ids]
    sites = tuple(SiteFound(ids[i], f"Site {i}", 0.0, 0.0, 10.0, {}, (1, 2)) for i in (3, 17, 3))
    many = replace(found, sites=sites)
    marks = _marks(many)
    assert [text for *_, text in marks] == ["1, 3", "2"]
    shapes, _ = _shapes(found)
    units = shapes_of(found)
    assert units is not None
    for (x, y, _), i in zip(marks, (3, 17), strict=True):
        assert shapely.distance(shapely.convex_hull(shapes[i]), shapely.points(x, y)) == 0
        assert units.bounds[0] <= x <= units.bounds[2]
        assert units.bounds[1] <= y <= units.bounds[3]
    figure = sites_map(many, Table("", ("",), ()), str)
    assert figure is not None
    assert ">1, 3</text>" in figure.svg
    tables = [b.table if isinstance(b, Figure) else b for b in sites_blocks(many, str)]
    assert any(isinstance(t, Table) and {row[-1] for row in t.rows} == {"1 of 2"} for t in tables)


def test_hours_on_end_with_one_share_are_one_span() -> None:
    given = [0.2, 0.2004, 0.2, 0.3, 0.2, 0.2]
    hours = [HourAccess("adult", "Adult", 3600 * i, 3600 * (i + 1), v) for i, v in enumerate(given)]
    spans = hour_spans(hours[::-1])
    assert [(s.begin // 3600, s.end // 3600, s.share) for s in spans] == [
        (0, 3, 0.2),
        (3, 4, 0.3),
        (4, 6, 0.2),
    ]


@pytest.mark.parametrize(("share", "drawn"), [(0.0, False), (2.5e-10, True)])
def test_shares_of_nothing_have_no_scale_of_their_own(found: AccessFound, share: float, drawn: bool) -> None:
    everyone = found.main.everyone
    tiny = replace(everyone, finding=replace(everyone.finding, value=share), low=None, high=None)
    made = group_chart(found, "tiny", [("everyone", tiny)], ("Title", "Summary"), str)
    assert isinstance(made, Figure if drawn else Table)
    if isinstance(made, Figure):
        assert ">100%</text>" in made.svg
        assert "e-" not in "".join(re.findall(r"<text[^>]*>([^<]*)<", made.svg))


def test_what_is_left_open_stands_apart_in_grey_print() -> None:
    colours = [*BOUNDS, "#ffffff"]
    grey = sorted(
        np.dot([int(c[i : i + 2], 16) for i in (1, 3, 5)], [0.2126, 0.7152, 0.0722]) for c in colours
    )
    assert np.diff(grey).min() > 25


def test_intervals_whose_ends_print_the_same_are_left_out() -> None:
    assert shares((0.12341, 0.12339)) == "–"
    assert shares(None) == "–"
    assert shares((0.0004, 0.1239)) == "<0.1–12.4%"
    assert shares((0.0, 1.0)) == "0.0–100.0%"


def test_words_that_a_drawing_makes_itself_are_said_in_the_language() -> None:
    def paint() -> str:
        return f"<svg><text x='1'>{phrase('{n} & more', n='2')}</text><text>2 km</text></svg>".replace(
            "&", "&amp;"
        )

    assert (
        spoken(paint, lambda t: "2 < andere")
        == "<svg><text x='1'>2 &lt; andere</text><text>2 km</text></svg>"
    )


def test_no_drawing_speaks_english_on_a_page_in_another_language(found: AccessFound) -> None:
    report = access_report(found, "de", partial(said, code="de"))
    words = [
        text
        for s in report.sections for b in s.blocks if isinstance(b, Figure)
        for text in re.findall(r"<text[^>]*>([^<]*)<", b.svg)
    ]  # fmt: skip
    numbers = [w for w in words if w.endswith("%")]
    assert numbers
    assert not [w for w in numbers if "." in w or not w.endswith("\u00a0%")]


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
    figures = {b.key: b for s in report.sections for b in s.blocks if isinstance(b, Figure)}
    assert "near" not in figures  # one colour nearly everywhere: it says nothing about jobs
    chart = figures["groups"]
    assert chart.table is not None
    assert chart.table.head[:3] == ("Who", "In reach", "At least one")
    # what is drawn is how many are in reach, not a share that is 100% for everybody
    assert not re.search(r"<text[^>]*>[\d.]+%<", chart.svg)
    assert not re.search(r"<text[^>]*>[\d.]+e[+-]?\d+<", chart.svg)
    assert all(table.rows for table in _every_table(belo))


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
