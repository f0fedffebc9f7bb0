"""The tables of a GTFS feed, from a .zip or a folder, as they stand there.

Source: General Transit Feed Specification, Schedule Reference, "File requirements": UTF-8 with or
without a byte order mark, comma-separated, RFC 4180 quoting. Real feeds stray from it, so what can be
read in one way only is read and said.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from isopolis.model import DataError, Problems
from isopolis.model.text import count, listing, phrase, phrases

from .archives import LARGEST, MOST_FILES, MOST_TIMES
from .encodings import sniff_encoding
from .failure import fail, guarded

__all__ = ["NEEDED", "Column", "Feed", "Table", "feed_places", "get_again", "note", "open_feeds", "whole"]

NEEDED = ("stops.txt", "trips.txt", "stop_times.txt")
_READ = (
    *NEEDED, "agency.txt", "routes.txt", "calendar.txt", "calendar_dates.txt", "frequencies.txt",
    "transfers.txt", "pathways.txt", "feed_info.txt", "fare_attributes.txt", "fare_rules.txt",
    "fare_products.txt", "fare_leg_rules.txt", "networks.txt", "route_networks.txt", "rider_categories.txt",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its different values, and which of them stands in each row.

    Parameters
    ----------
    values : (V,) array of str
        Without blanks at both ends.
    codes : (R,) array of int
    """

    values: npt.NDArray[np.object_]
    codes: npt.NDArray[np.int32]

    @property
    def text(self) -> npt.NDArray[np.object_]:
        """(R,) array of str."""
        return self.values[self.codes]

    @property
    def empty(self) -> npt.NDArray[np.bool_]:
        """(R,) where nothing stands."""
        return self.each(lambda v: not v, bool)

    def each(self, say: Callable[[str], Any], dtype: npt.DTypeLike) -> npt.NDArray[Any]:
        """(R,) array of what `say` gives for each value; it is asked once for each different one."""
        return np.array([say(v) for v in self.values.tolist()], dtype=dtype)[self.codes]

    def rows_in(self, ids: Mapping[str, int]) -> npt.NDArray[np.int64]:
        """(R,) array of the row that each value names in another table; -1 where none."""
        return self.each(lambda v: ids.get(v, -1), np.int64)


@dataclass(frozen=True, slots=True)
class Table:
    """One file of a feed.

    Parameters
    ----------
    file : str
        Name in messages: ``buses.zip/stops.txt``.
    columns : mapping of str to Column
    rows : int
    lines : (R,) array of int
        Row of each as a spreadsheet counts them.
    """

    file: str
    columns: Mapping[str, Column]
    rows: int
    lines: npt.NDArray[np.int64]

    def __contains__(self, name: str) -> bool:
        return name in self.columns

    def column(self, name: str) -> Column:
        """Return a column; an optional one that is not there is empty in each row."""
        there = self.columns.get(name)
        return there or Column(np.array([""], dtype=object), np.zeros(self.rows, dtype=np.int32))


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed.

    Parameters
    ----------
    name : str
        Unique among the feeds read together.
    file : str
        Name in messages.
    contents : mapping of str to bytes
        The files that are read, by name.
    problems : Problems
        What is wrong with it.
    """

    name: str
    file: str
    contents: Mapping[str, bytes]
    problems: Problems

    def __contains__(self, name: str) -> bool:
        return name in self.contents

    def table(self, name: str, needed: Sequence[str] = (), known: Sequence[str] = ()) -> Table | None:
        """Read one file; None when it is not there, or not with the columns that are needed.

        Parameters
        ----------
        name : str
            ``stops.txt``.
        needed : sequence of str
            Columns without which it cannot be read: a fatal problem.
        known : sequence of str
            Other columns to read where they are there.
        """
        data = self.contents.get(name)
        if data is None:
            return None
        file = f"{self.file}/{name}"
        data = _as_utf8(data, file, self.problems)
        heading, _, rest = data.partition(b"\n")
        names = [h.strip() for h in next(csv.reader([heading.decode().rstrip("\r")]), [])]
        missing = [n for n in needed if n not in names]
        if missing:
            self.problems.error(
                "missing-column",
                phrases("column {names} is missing", "columns {names} are missing", len(missing),
                        names=listing(f'"{n}"' for n in missing)),
                file=file, value=", ".join(names)[:200] or None,
                rule=phrase("the columns of the GTFS reference, with commas between them"),
                hint=phrase("Get the feed again, or ask its publisher."),
            )  # fmt: skip
            return None
        wanted = [n for n in dict.fromkeys((*needed, *known)) if n in names]
        table = _quick(rest, names, wanted, file)
        return table if table is not None else _careful(rest, names, wanted, file, self.problems)


def whole(text: str) -> int:
    """Return a whole number from 0 to 999,999,999; -1 for anything else."""
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def get_again() -> str:
    """What to do about a feed that breaks the rules."""
    return phrase("Get the feed again, or ask its publisher.")


def note(
    problems: Problems,
    table: Table,
    code: str,
    message: str,
    where: npt.NDArray[Any],
    *,
    column: str | None = None,
    rule: str = "",
    hint: str = "",
    fatal: bool = False,
) -> None:
    """Write down what is wrong in some rows of a table, with the first value found; nothing for no rows.

    Parameters
    ----------
    where : (R,) array of bool, or rows of the table
    """
    rows = np.flatnonzero(where) if where.dtype == bool else where
    if not len(rows):
        return
    value = str(table.column(column).text[rows[0]]) if column else None
    (problems.error if fatal else problems.caveat)(
        code, message, file=table.file, rows=tuple(int(table.lines[r]) for r in rows[:5]), count=len(rows),
        column=column, value=value, rule=rule, hint=hint,
    )  # fmt: skip


# -- text ---------------------------------------------------------------------------------------------
def _as_utf8(data: bytes, file: str, problems: Problems) -> bytes:
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        data.decode()
        if b"\0" not in data[:200]:
            return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data
    except UnicodeDecodeError:
        pass
    encoding = sniff_encoding(data, True)
    problems.caveat(
        "encoding-guessed",
        phrase("the letters are not UTF-8, and were read as {encoding}", encoding=encoding),
        file=file, rule=phrase("UTF-8"),
        hint=phrase("Look at the names of some stops; times and places do not depend on it."),
    )  # fmt: skip
    text = data.decode(encoding, errors="replace").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n").encode()


def _quick(rest: bytes, names: list[str], wanted: list[str], file: str) -> Table | None:
    """Read rows that all have as many fields as the heading; None when they have not."""
    import pyarrow as pa
    from pyarrow import csv as arrow

    rest = rest.rstrip(b"\n")
    blank = rest.startswith(b"\n") or b"\n\n" in rest
    if not rest or blank or len(set(names)) < len(names):
        return None
    plain = [f"c{i}" for i in range(len(names))]
    keep = [plain[names.index(n)] for n in wanted]
    try:
        made = arrow.read_csv(
            pa.py_buffer(rest),
            arrow.ReadOptions(use_threads=False, block_size=len(rest) + 1, column_names=plain),
            arrow.ParseOptions(ignore_empty_lines=False, newlines_in_values=b'"' in rest),
            arrow.ConvertOptions(
                include_columns=keep,
                column_types=dict.fromkeys(keep, pa.dictionary(pa.int32(), pa.string())),
                strings_can_be_null=False,
                auto_dict_encode=False,
            ),
        )
    except pa.ArrowInvalid:
        return None
    made = made.unify_dictionaries()
    columns = {n: _from_arrow(made.column(k)) for n, k in zip(wanted, keep, strict=True)}
    return Table(file, columns, made.num_rows, np.arange(made.num_rows) + 2)


def _from_arrow(column: Any) -> Column:
    chunks = column.chunks
    if not chunks:
        return _coded([], [])
    codes = np.concatenate([np.asarray(c.indices) for c in chunks])
    values = chunks[0].dictionary.to_pylist()
    return _coded(values, codes)


def _coded(values: list[str], codes: Any) -> Column:
    codes = np.asarray(codes, dtype=np.int32)
    stripped = [v.strip() for v in values]
    if stripped != values:  # two values may have become the same
        place: dict[str, int] = {}
        again = np.array([place.setdefault(v, len(place)) for v in stripped], dtype=np.int32)
        codes, stripped = again[codes], list(place)
    return Column(np.array([*stripped], dtype=object), codes)


def _careful(rest: bytes, names: list[str], wanted: list[str], file: str, problems: Problems) -> Table:
    """Read rows of any length: blank ones are passed over, short ones filled up, long ones refused."""
    cells: dict[str, list[str]] = {n: [] for n in wanted}
    lines: list[int] = []
    short: list[int] = []
    long: list[int] = []
    places = [(n, names.index(n)) for n in wanted]
    with guarded(file, phrase("rows with commas between them"), phrase("Get the feed again.")):
        for line, row in enumerate(csv.reader(io.StringIO(rest.decode(), newline="")), 2):
            if not any(cell.strip() for cell in row):
                continue
            if len(row) != len(names):
                (short if len(row) < len(names) else long).append(line)
                if any(cell.strip() for cell in row[len(names) :]):
                    continue
                if len(row) > len(names):
                    long.pop()
            lines.append(line)
            for name, at in places:
                cells[name].append(row[at].strip() if at < len(row) else "")
    if short:
        problems.caveat(
            "short-rows", phrase("there are rows with too few fields; what is missing was taken as empty"),
            file=file, rows=tuple(short[:5]), count=len(short),
            rule=phrases("{n} field, as in the heading", "{n} fields, as in the heading", len(names)),
        )  # fmt: skip
    if long:
        problems.error(
            "long-rows", phrase("there are rows with too many fields"),
            file=file, rows=tuple(long[:5]), count=len(long),
            rule=phrases("{n} field, as in the heading", "{n} fields, as in the heading", len(names)),
            hint=phrase("A text with a comma in it needs quotes around it."),
        )  # fmt: skip
    columns = {}
    for name, texts in cells.items():
        place: dict[str, int] = {}
        codes = [place.setdefault(t, len(place)) for t in texts]
        columns[name] = Column(np.array([*place], dtype=object), np.asarray(codes, dtype=np.int32))
    return Table(file, columns, len(lines), np.asarray(lines, dtype=np.int64))


# -- zips and folders ---------------------------------------------------------------------------------
def feed_places(path: Path) -> list[str]:
    """Folders inside a .zip that hold a feed, "" for its top or for a folder; empty when there is none."""
    names = _names(path)
    folders = {str(PurePosixPath(n).parent) for n in names if PurePosixPath(n).name.lower() == NEEDED[0]}
    there = {n.lower() for n in names}
    whole = [
        folder
        for folder in sorted(folders)
        if all(str(PurePosixPath(folder) / n).lower() in there for n in NEEDED)
    ]
    return ["" if folder == "." else folder for folder in whole]


def _names(path: Path) -> list[str]:
    try:
        if path.is_dir():
            return [p.name for p in path.glob("*.txt") if p.is_file()]
        with zipfile.ZipFile(path) as packed:
            return [n for n in packed.namelist() if not n.startswith("__MACOSX/")]
    except (OSError, ValueError, zipfile.BadZipFile, NotImplementedError):
        return []


def open_feeds(paths: Iterable[Path], problems: Problems) -> list[Feed]:
    """Read the files of every feed; what is no feed is a fatal problem, and the others are read on."""
    feeds: list[Feed] = []
    for path in paths:
        try:
            for place in _places_or_fail(path):
                feeds.append(_opened(path, place, {f.name for f in feeds}, problems))
        except DataError as error:
            for problem in error.problems:
                problems.add(problem)
    return feeds


def _places_or_fail(path: Path) -> list[str]:
    file = path.name
    if not path.exists():
        fail("missing-file", phrase("there is no such file or folder"), file=file,
             hint=phrase("Check the name of the timetable."))  # fmt: skip
    places = feed_places(path)
    if not places:
        _refuse_other(path, file)
    return places


def _refuse_other(path: Path, file: str) -> NoReturn:
    if not path.is_dir():
        with guarded(file, phrase("a .zip archive"), _cut_off()):
            zipfile.ZipFile(path).close()
    there = {PurePosixPath(n).name.lower() for n in _names(path)}
    missing = [n for n in NEEDED if n not in there] or [*NEEDED]
    fail(
        "no-feed",
        phrases("this is no timetable: {files} is missing", "this is no timetable: {files} are missing",
                len(missing), files=listing(missing)),
        file=file, rule=phrase("a GTFS feed, as a .zip or a folder with its .txt files"),
        hint=phrase("Get the feed again, or ask its publisher for GTFS."),
    )  # fmt: skip


def _opened(path: Path, place: str, taken: set[str], problems: Problems) -> Feed:
    file = f"{path.name}/{place}" if place else path.name
    name = stem = (PurePosixPath(place).name if place else path.stem) or "feed"
    number = 2
    while name in taken:
        name, number = f"{stem}-{number}", number + 1
    inside = [n for n in _names(path) if str(PurePosixPath(n).parent) == (place or ".")]
    wanted = {PurePosixPath(n).name.lower(): n for n in inside}
    wanted = {k: n for k, n in wanted.items() if k in _READ}
    if path.is_dir():
        with guarded(file, phrase("a folder"), phrase("Check who may read it.")):
            return Feed(name, file, {k: (path / n).read_bytes() for k, n in wanted.items()}, problems)
    with guarded(file, phrase("a .zip archive"), _cut_off()), zipfile.ZipFile(path) as packed:
        entries = [packed.getinfo(n) for n in wanted.values()]
        _refuse_absurd(path, file, entries, len(packed.infolist()))
        if any(e.flag_bits & 1 for e in entries):
            fail("locked-file", phrase("the archive has a password"), file=file,
                 hint=phrase("Unzip it first."))  # fmt: skip
        return Feed(name, file, {k: packed.read(n) for k, n in wanted.items()}, problems)


def _cut_off() -> str:
    return phrase("The file may be cut off; get it again.")


def _refuse_absurd(path: Path, file: str, entries: list[zipfile.ZipInfo], files: int) -> None:
    size = sum(e.file_size for e in entries)
    if size <= min(LARGEST, MOST_TIMES * max(path.stat().st_size, 1)) and files <= MOST_FILES:
        return
    fail(
        "too-large",
        phrases("the archive unpacks to {size} MB in {n} file, which is refused",
                "the archive unpacks to {size} MB in {n} files, which is refused", files,
                size=count(size / 1e6)),
        file=file,
        rule=phrase("at most {size} MB, {files} files and {times} times the archive",
                    size=count(LARGEST / 1e6), files=count(MOST_FILES), times=MOST_TIMES),
        hint=phrase("Unzip it first and keep what is needed."),
    )  # fmt: skip
