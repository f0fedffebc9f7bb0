from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isopolis.model import Problems
from isopolis.read.columns import Table, column_of_numbers, column_of_texts
from isopolis.read.numbers import Decimal, Kind, decide_decimal, parse, report, table_decimal

POINT, COMMA, UNSURE = Decimal(".", "stated"), Decimal(",", "stated"), Decimal("", "ambiguous")


def read(text: str, decimal: Decimal = POINT) -> tuple[Kind, float, float, float]:
    p = parse(column_of_texts("n", [text]), decimal)
    return Kind(int(p.kind[0])), float(p.values[0]), float(p.lower[0]), float(p.upper[0])


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("12", POINT, 12),
        ("1234.5", POINT, 1234.5),
        ("1,234.5", POINT, 1234.5),
        ("1,234,567", POINT, 1234567),
        ("1234,5", COMMA, 1234.5),
        ("1.234,5", COMMA, 1234.5),
        ("1.234.567", COMMA, 1234567),
        ("1 234", POINT, 1234),
        ("1\u00a0234,5", COMMA, 1234.5),
        ("1\u202f234\u202f567", POINT, 1234567),
        ("1'234", POINT, 1234),
        ("1’234", POINT, 1234),
        (".5", POINT, 0.5),
        ("1e3", POINT, 1000),
        ("1.5e+03", POINT, 1500),
        ("+7", POINT, 7),
    ],
)
def test_reads_numbers_as_offices_write_them(text: str, decimal: Decimal, value: float) -> None:
    assert read(text, decimal)[:2] == (Kind.NUMBER, value)


@pytest.mark.parametrize("text", ["", "..", "-", "–", "x", "X", "n/a", "NA", "NaN", ".", ":", "#N/A"])
def test_missing_marks_are_no_numbers(text: str) -> None:
    assert read(text)[0] is Kind.MISSING


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("<5", 0, 4),
        ("< 5", 0, 4),
        ("≤4", 0, 4),
        ("<=4", 0, 4),
        ("1-4", 1, 4),
        ("1–4", 1, 4),
        ("1 to 4", 1, 4),
    ],
)
def test_suppressed_cells_keep_their_bounds(text: str, low: float, high: float) -> None:
    kind, value, lower, upper = read(text)
    assert (kind, lower, upper) == (Kind.SUPPRESSED, low, high)
    assert low <= value <= high


@pytest.mark.parametrize("text", ["c", "*", "s"])
def test_suppressed_without_bound(text: str) -> None:
    assert read(text)[0] is Kind.SUPPRESSED
    assert read(text)[3] == np.inf


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("-5", Kind.NEGATIVE),
        ("−5", Kind.NEGATIVE),
        ("(5)", Kind.NEGATIVE),
        ("12 %", Kind.PERCENT),
        ("inf", Kind.INFINITE),
        ("-Infinity", Kind.INFINITE),
        ("many", Kind.TEXT),
        ("1.2.3", Kind.TEXT),
        ("12,34", Kind.TEXT),
        ("1_000", Kind.TEXT),
        ("0x10", Kind.TEXT),
        ("1e999", Kind.TEXT),
    ],
)
def test_what_is_no_count(text: str, kind: Kind) -> None:
    assert read(text)[0] is kind


@pytest.mark.parametrize(
    ("texts", "mark", "why"),
    [
        (["1.234", "12,5"], ",", "evidence"),
        (["1,234", "12.5"], ".", "evidence"),
        (["1.234,5"], ",", "evidence"),
        (["1.234.567", "1.234"], ",", "evidence"),
        (["0.125"], ".", "evidence"),
        (["1234.567"], ".", "evidence"),
        (["12", "1400"], ".", "unmarked"),
        # below 1000 without a mark and above 1000 always with one: thousands
        (["1.234", "950", "12"], ",", "thousands"),
        # a plain 1400 beside "1.234" speaks against thousands, and nothing speaks for decimals
        (["1.234", "1400", "12"], "", "ambiguous"),
        (["1.234", "5.678"], "", "ambiguous"),
        (["12,5", "12.75"], "", "mixed"),
    ],
)
def test_decimal_mark_of_the_whole_table(texts: list[str], mark: str, why: str) -> None:
    found = decide_decimal(texts)
    assert (found.mark, found.why) == (mark, why)


def test_one_column_decides_for_the_others() -> None:
    columns = {
        "people": column_of_texts("people", ["1.234", "2.500"]),
        "rent": column_of_texts("rent", ["7,5", "8,25"]),
    }
    table = Table("t.csv", columns, np.array([2, 3]))
    decimal = table_decimal(table)
    assert parse(table["people"], decimal).values.tolist() == [1234, 2500]
    assert parse(table["rent"], decimal).values.tolist() == [7.5, 8.25]


def test_ambiguity_is_an_error_and_never_off_by_a_thousand() -> None:
    table = Table("t.csv", {"n": column_of_texts("n", ["1.234", "5.678"])}, np.array([2, 3]))
    problems = Problems()
    assert not report(parse(table["n"], table_decimal(table)), table, "n", problems)
    (only,) = problems
    assert only.code == "decimal-unclear"
    assert only.rows == (2, 3)
    assert "decimal" in only.hint


def test_native_numbers_need_no_mark() -> None:
    p = parse(column_of_numbers("n", np.array([1.234, np.nan, -2.0, np.inf])), UNSURE)
    assert p.kind.tolist() == [Kind.NUMBER, Kind.MISSING, Kind.NEGATIVE, Kind.INFINITE]
    assert np.isfinite(p.values).all()


def test_report_names_row_column_value_and_rule() -> None:
    table = Table("t.csv", {"n": column_of_texts("n", ["1", "many", "2"])}, np.array([2, 3, 5]))
    problems = Problems()
    report(parse(table["n"], POINT), table, "n", problems)
    (only,) = problems
    assert (only.file, only.rows, only.column, only.value) == ("t.csv", (3,), "n", "many")
    assert only.rule
    assert only.hint
    assert only.fatal


def written(value: int, mark: str, thousands: str, cents: int) -> str:
    """Write a number with the marks of a locale: the slow twin of the parser."""
    digits, groups = str(value), []
    while digits:
        groups.append(digits[-3:])
        digits = digits[:-3]
    return thousands.join(reversed(groups)) + f"{mark}{cents:02d}"


@given(
    st.lists(st.tuples(st.integers(0, 10**9), st.integers(1, 98)), min_size=1, max_size=30),
    st.sampled_from(
        [(".", ","), (".", " "), (".", "'"), (",", "."), (",", "\u00a0"), (",", "\u202f"), (",", "")]
    ),
)
def test_every_locale_gives_the_same_numbers(numbers: list[tuple[int, int]], marks: tuple[str, str]) -> None:
    texts = [written(v, marks[0], marks[1], c) for v, c in numbers]
    decimal = decide_decimal(texts)
    assert decimal.mark == marks[0]
    got = parse(column_of_texts("n", texts), decimal)
    assert (got.kind == Kind.NUMBER).all()
    assert np.allclose(got.values, [v + c / 100 for v, c in numbers], rtol=1e-12)


@given(st.text(max_size=12), st.sampled_from([POINT, COMMA, UNSURE]))
def test_any_text_has_an_answer(text: str, decimal: Decimal) -> None:
    kind, value, lower, _ = read(text, decimal)
    assert isinstance(kind, Kind)
    assert np.isfinite([value, lower]).all()
