"""One column of a table, either native numbers or text kept as distinct values and codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, frozen, near

__all__ = ["Column", "Table", "column_of_numbers", "column_of_texts"]

Ints = npt.NDArray[np.int64]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column: `numbers`, or `texts` with `codes`.

    Parameters
    ----------
    name : str
    numbers : (n,) integer or float array, optional
        As the file stores them; NaN for an empty cell.
    codes : (n,) int32 array, optional
        Position of each row's text in `texts`.
    texts : (u,) array of str, optional
        Distinct texts, stripped; empty text for an empty cell. Distinct values
        keep tables of millions of rows small, and each is parsed only once.
    """

    name: str
    numbers: npt.NDArray[Any] | None = None
    codes: npt.NDArray[np.int32] | None = None
    texts: Texts | None = None

    def __post_init__(self) -> None:
        put = object.__setattr__
        if self.numbers is not None:
            put(self, "numbers", frozen(self.numbers, self.numbers.dtype))
        else:
            put(self, "codes", frozen(np.asarray(self.codes), np.int32))
            put(self, "texts", frozen(np.asarray(self.texts, dtype=object), object))

    def __len__(self) -> int:
        return len(self.numbers) if self.numbers is not None else len(self._codes)

    @property
    def _codes(self) -> npt.NDArray[np.int32]:
        assert self.codes is not None
        return self.codes

    @property
    def native(self) -> bool:
        """True when the file itself stores numbers."""
        return self.numbers is not None

    def coded(self) -> tuple[npt.NDArray[np.int32], Texts]:
        """Return (codes, distinct texts); native numbers are written out exactly."""
        if self.numbers is None:
            assert self.texts is not None
            return self._codes, self.texts
        distinct, codes = np.unique(self.numbers, return_inverse=True)
        texts = np.array([_written(v) for v in distinct.tolist()], dtype=object)
        return codes.astype(np.int32).ravel(), texts

    def text(self) -> Texts:
        """(n,) array of str."""
        codes, texts = self.coded()
        return texts[codes] if len(texts) else np.empty(0, dtype=object)

    def at(self, row: int) -> str:
        """Text of one row."""
        if self.numbers is not None:
            return _written(self.numbers[row].item())
        assert self.texts is not None
        return str(self.texts[self._codes[row]])

    def take(self, rows: npt.NDArray[Any]) -> Column:
        """Keep the rows of an index or a mask."""
        if self.numbers is not None:
            return Column(self.name, numbers=self.numbers[rows])
        return Column(self.name, codes=self._codes[rows], texts=self.texts)

    def filled(self) -> npt.NDArray[np.bool_]:
        """(n,) True where the cell is not empty."""
        if self.numbers is not None:
            return (
                ~np.isnan(self.numbers) if self.numbers.dtype.kind == "f" else np.ones(len(self), dtype=bool)
            )
        assert self.texts is not None
        full = np.array([t != "" for t in self.texts.tolist()], dtype=bool)
        return full[self._codes] if len(full) else np.zeros(len(self), dtype=bool)


def _written(value: float | int) -> str:
    if value != value:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return repr(value)


def column_of_texts(name: str, values: Sequence[str] | Texts) -> Column:
    """Make a text column, stripping each value."""
    index: dict[str, int] = {}
    codes = np.empty(len(values), dtype=np.int32)
    for i, value in enumerate(values):
        codes[i] = index.setdefault(value, len(index))
    return recoded(name, codes, list(index))


def recoded(name: str, codes: npt.NDArray[np.int32], raw: Sequence[str]) -> Column:
    """Make a text column from codes into `raw`, merging values equal once stripped."""
    index: dict[str, int] = {}
    where = np.array([index.setdefault(v.strip(), len(index)) for v in raw], dtype=np.int32)
    texts = np.array(list(index), dtype=object)
    return Column(name, codes=where[codes] if len(where) else codes, texts=texts)


def column_of_numbers(name: str, values: npt.ArrayLike) -> Column:
    """Make a column of native numbers."""
    return Column(name, numbers=np.asarray(values))


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A table as its file has it.

    Parameters
    ----------
    file : str
        Name shown to readers of messages.
    columns : mapping of str to Column
        In the order of the file.
    row_numbers : (n,) int array
        Row of each record as a spreadsheet counts (heading = 1).
    decimal : str
        ``"."`` when numbers are stored as numbers, empty when it is for the
        parser to find out.
    delimiter : str
        Of a text file, empty otherwise.
    """

    file: str
    columns: Mapping[str, Column]
    row_numbers: Ints
    decimal: str = ""
    delimiter: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "columns", MappingProxyType(dict(self.columns)))
        object.__setattr__(self, "row_numbers", frozen(self.row_numbers, np.int64))

    def __len__(self) -> int:
        return len(self.row_numbers)

    def __getitem__(self, name: str) -> Column:
        try:
            return self.columns[name]
        except KeyError:
            raise CallError(f'{self.file} has no column "{name}": ' + near(name, self.columns)) from None

    def take(self, rows: npt.NDArray[Any]) -> Table:
        """Keep the rows of an index or a mask."""
        kept = {n: c.take(rows) for n, c in self.columns.items()}
        return Table(self.file, kept, self.row_numbers[rows], self.decimal, self.delimiter)

    def shown(self, rows: npt.NDArray[Any], limit: int = 5) -> tuple[int, ...]:
        """Spreadsheet numbers of the first few of `rows` (an index)."""
        return tuple(int(r) for r in self.row_numbers[rows[:limit]])
