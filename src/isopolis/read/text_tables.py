"""Delimited text: encoding, delimiter, heading, ragged and cut-off rows."""

from __future__ import annotations

import csv
import io
from collections import Counter
from pathlib import Path

import numpy as np

from isopolis.model import Problems
from isopolis.model.text import phrase, phrases

from .columns import Column, Table, column_of_texts, recoded
from .encodings import GUESSED, sniff_encoding
from .failure import fail, guarded
from .wording import many

__all__ = ["SMALL", "decode", "read_text_table", "sniff_delimiter"]

SMALL = 8_000_000
"""Bytes up to which a file is read row by row, with exact row numbers; larger
files go through Arrow, which needs every row to be complete."""

DELIMITERS = (",", ";", "\t", "|")
_SAMPLE = 200_000
_NOTES = ("source", "note", "quelle", "nota", "fuente", "fonte", "źród", "lähde", "bron", "*", "¹", "1)")


def decode(raw: bytes, file: str, encoding: str, problems: Problems) -> str:
    """Decode a whole file, saying so when the encoding is a guess."""
    chosen = encoding or sniff_encoding(raw, whole=True)
    try:
        text = raw.decode(chosen)
    except (UnicodeDecodeError, LookupError):
        fail(
            "wrong-encoding",
            phrase("the text is not in the encoding {chosen}", chosen=chosen),
            file=file,
            hint=phrase('Write encoding = "utf-8", "cp1252" … for this table in city.toml, or leave it out.'),
        )
    if chosen in GUESSED and not encoding:
        _say_encoding(file, chosen, problems)
    if "\0" in text:
        fail(
            "binary-file",
            phrase("this is not a text table (it holds zero bytes)"),
            file=file,
            hint=phrase("Export it as CSV in UTF-8."),
        )
    return text


def _say_encoding(file: str, chosen: str, problems: Problems) -> None:
    problems.caveat(
        "encoding-assumed",
        phrase("the file is not UTF-8; it was read as {chosen}", chosen=chosen),
        file=file,
        hint=phrase('If letters look wrong, write encoding = "..." for this table in city.toml.'),
    )


def sniff_delimiter(text: str) -> str:
    """Choose the delimiter under which most rows have the heading's number of cells."""
    lines = text[:_SAMPLE].splitlines(keepends=True)[:80]
    best, best_score = ",", (0.0, 0)
    for mark in DELIMITERS:
        widths = [len(r) for r in csv.reader(lines, delimiter=mark) if any(c.strip() for c in r)]
        if not widths:
            continue
        usual, times = Counter(w for w in widths if w > 1).most_common(1)[0] if max(widths) > 1 else (1, 0)
        head = 1.0 if widths[0] == usual > 1 else 0.0
        score = (round(times / len(widths) + head, 6), usual)
        if score > best_score:
            best, best_score = mark, score
    return best


def read_text_table(path: Path, file: str, *, encoding: str, delimiter: str, problems: Problems) -> Table:
    """Read delimited text.

    Raises
    ------
    DataError
        If the file is empty, binary, in another encoding, or cut off.
    """
    size = path.stat().st_size
    if size == 0:
        fail("empty-file", phrase("the file is empty"), file=file, hint=phrase("Export it again."))
    with path.open("rb") as stream:
        head = stream.read(max(SMALL, 1_000_000))
    if size > SMALL:
        return _read_large(path, file, head[:1_000_000], encoding, delimiter, problems)
    return parse_text(decode(head, file, encoding, problems), file, delimiter, problems)


def parse_text(text: str, file: str, delimiter: str, problems: Problems) -> Table:
    """Read a decoded table row by row."""
    mark = delimiter or sniff_delimiter(text)
    csv.field_size_limit(10_000_000)
    rows: list[tuple[int, list[str]]] = []
    with guarded(file, phrase("a table of text"), phrase("Look for an unclosed quotation mark.")):
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
        for number, row in enumerate(reader, start=1):
            if any(cell.strip() for cell in row):
                rows.append((number, row))
    if not rows:
        fail("empty-file", phrase("the file has no rows"), file=file, hint=phrase("Export it again."))
    _check_quotes(rows, mark, file)
    start = _heading(rows, file, problems)
    heading, body = rows[start][1], rows[start + 1 :]
    body = _drop_notes(body, len(heading), file, problems)
    _check_widths(body, heading, file, not text.endswith(("\n", "\r")))
    names = unique_names(heading, file, problems)
    columns = {
        n: column_of_texts(n, [r[i] if i < len(r) else "" for _, r in body]) for i, n in enumerate(names) if n
    }
    return Table(file, columns, np.array([n for n, _ in body], dtype=np.int64), delimiter=mark)


def _check_quotes(rows: list[tuple[int, list[str]]], mark: str, file: str) -> None:
    """Refuse a cell that holds whole rows: a quotation mark before it was never closed."""
    usual = Counter(len(r) for _, r in rows[:200]).most_common(1)[0][0]
    for number, row in rows:
        if any("\n" in c and (c.count("\n") > 20 or (usual > 1 and c.count(mark) >= usual - 1)) for c in row):
            fail(
                "unclosed-quote",
                phrase("a quotation mark is not closed: one cell swallows the rows after it"),
                file=file,
                rows=(number,),
                hint=phrase("Correct the quotation marks, or export the table again."),
            )


def _heading(rows: list[tuple[int, list[str]]], file: str, problems: Problems) -> int:
    """Position of the heading: the first row as wide as most rows are."""
    widths = [len(r) for _, r in rows[:200]]
    usual = Counter(widths).most_common(1)[0][0]
    for i, (_, row) in enumerate(rows[:50]):
        filled = sum(bool(c.strip()) for c in row)
        if len(row) >= usual and (filled >= 2 or usual == 1):
            if i:
                problems.caveat(
                    "title-rows",
                    phrases(
                        "{n} row above the heading was left out",
                        "{n} rows above the heading were left out",
                        i,
                    ),
                    file=file,
                    rows=tuple(n for n, _ in rows[:i][:5]),
                    count=i,
                )
            return i
    return 0


def _is_note(row: list[str], width: int) -> bool:
    first, rest = row[0].strip(), row[1:]
    if not first or any(c.strip() for c in rest):
        return False
    # a zone whose numbers are all missing has a full row and a short id
    return len(first.split()) >= (2 if len(row) < width else 4) or first.casefold().startswith(_NOTES)


def _drop_notes(
    body: list[tuple[int, list[str]]], width: int, file: str, problems: Problems
) -> list[tuple[int, list[str]]]:
    """Leave out trailing rows that are sentences in the first cell: footnotes."""
    end = len(body)
    while width > 1 and end > 1 and _is_note(body[end - 1][1], width):
        end -= 1
    if end < len(body):
        problems.caveat(
            "footnotes",
            phrases(
                "a sentence below the table was left out as a footnote",
                "sentences below the table were left out as footnotes",
                len(body) - end,
            ),
            file=file,
            rows=tuple(n for n, _ in body[end:][:5]),
            count=len(body) - end,
        )
    return body[:end]


def _check_widths(body: list[tuple[int, list[str]]], heading: list[str], file: str, open_end: bool) -> None:
    width = len(heading)
    short = [n for n, r in body if len(r) < width]
    long = [n for n, r in body if any(c.strip() for c in r[width:])]
    if short and short == [body[-1][0]] and open_end:
        fail(
            "truncated-file",
            phrase("the last row stops in the middle: the file seems to be cut off"),
            file=file,
            rows=tuple(short),
            hint=phrase("Get the complete file."),
        )
    if short or long:
        rows = sorted(short + long)
        fail(
            "ragged-rows",
            phrases(
                "this row does not have {cells} as the heading does",
                "these rows do not have {cells} as the heading does",
                len(rows),
                cells=many(width, "cell"),
            ),
            file=file,
            rows=tuple(rows[:5]),
            count=len(rows),
            rule=phrases("{n} cell in every row", "{n} cells in every row", width),
            hint=phrase(
                "A stray delimiter or a missing quotation mark does this; correct the rows or export again."
            ),
        )


def unique_names(heading: list[str], file: str, problems: Problems) -> list[str]:
    """Give every column a name of its own; empty for columns to leave out."""
    names: list[str] = []
    for i, raw in enumerate(heading):
        name = " ".join(raw.replace("\ufeff", "").split())
        if not name:
            names.append("" if i == len(heading) - 1 else f"column_{i + 1}")
            continue
        if name in names:
            again = next(k for k in range(2, 10_000) if f"{name}_{k}" not in names)
            problems.caveat(
                "duplicate-heading",
                phrase(
                    'two columns are called "{name}"; the later one is "{name}_{again}" here',
                    name=name,
                    again=again,
                ),
                file=file,
                rows=(1,),
                column=name,
            )
            name = f"{name}_{again}"
        names.append(name)
    return names


def _read_large(
    path: Path, file: str, head: bytes, encoding: str, delimiter: str, problems: Problems
) -> Table:
    import pyarrow as pa
    import pyarrow.csv as pc

    chosen = encoding or sniff_encoding(head, whole=False)
    if chosen in GUESSED and not encoding:
        _say_encoding(file, chosen, problems)
    text = head.decode(chosen, errors="replace")
    mark = delimiter or sniff_delimiter(text)
    first = next(csv.reader(io.StringIO(text, newline=""), delimiter=mark), [])
    names = unique_names(first, file, problems)
    stand_ins = [f"c{i}" for i in range(len(names))]
    kind = pa.dictionary(pa.int32(), pa.string())
    with guarded(
        file,
        phrase("a table of text"),
        phrase("Every row needs as many cells as the heading; the file may be cut off."),
    ):
        data = pc.read_csv(
            path,
            read_options=pc.ReadOptions(
                column_names=stand_ins, skip_rows=1, encoding=chosen.removesuffix("-sig")
            ),
            parse_options=pc.ParseOptions(delimiter=mark, newlines_in_values=_quoted_newlines(text, mark)),
            convert_options=pc.ConvertOptions(
                column_types=dict.fromkeys(stand_ins, kind), strings_can_be_null=False, null_values=[]
            ),
        )
    columns: dict[str, Column] = {}
    for name, stand_in in zip(names, stand_ins, strict=True):
        if name:
            columns[name] = from_dictionary(name, data.column(stand_in))
        data = data.drop_columns([stand_in])
    return Table(
        file,
        columns,
        np.arange(2, data.num_rows + 2 if data.num_columns else _rows(columns) + 2),
        delimiter=mark,
    )


def _rows(columns: dict[str, Column]) -> int:
    return len(next(iter(columns.values()))) if columns else 0


def _quoted_newlines(text: str, mark: str) -> bool:
    return any("\n" in c for r in csv.reader(io.StringIO(text, newline=""), delimiter=mark) for c in r)


def from_dictionary(name: str, chunked: object) -> Column:
    """Make a text column from an Arrow dictionary column."""
    import pyarrow as pa
    import pyarrow.compute as pc

    assert isinstance(chunked, pa.ChunkedArray)
    merged = chunked.unify_dictionaries().combine_chunks()
    if isinstance(merged, pa.ChunkedArray):
        merged = (
            merged.chunk(0)
            if merged.num_chunks
            else pa.DictionaryArray.from_arrays(pa.array([], pa.int32()), pa.array([], pa.string()))
        )
    texts = [t if t is not None else "" for t in merged.dictionary.to_pylist()]
    codes = merged.indices
    if codes.null_count:
        texts.append("")
        codes = pc.fill_null(codes, len(texts) - 1)
    return recoded(name, codes.to_numpy(zero_copy_only=False).astype(np.int32, copy=False), texts)
