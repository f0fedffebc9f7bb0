"""The report as a tree of blocks, the same for the web page and for the PDF."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from isopolis.explain import Explain
from isopolis.model import Finding

__all__ = [
    "Block",
    "Bullets",
    "Card",
    "Cards",
    "Facts",
    "Figure",
    "Method",
    "Report",
    "Section",
    "Table",
    "Text",
    "table",
]


@dataclass(frozen=True, slots=True)
class Text:
    """One paragraph; `tone` is ``lead``, ``note`` or empty."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and values, read in pairs."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose first column names its rows.

    Parameters
    ----------
    caption : str
    head : tuple of str
        One heading per column.
    rows : tuple of tuple of str
    text_columns : frozenset of int
        Columns that hold words; all others are set as numbers.
    folded : bool
        True when readers may open it if they wish.
    note : str
        One sentence under the table.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: frozenset[int] = frozenset({0})
    folded: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """A drawing with its words and its numbers.

    Parameters
    ----------
    key : str
        Unique in the report; prefixes every id inside the drawing.
    title, summary : str
        What is drawn, and what it shows, in sentences.
    svg : str
        The drawing, without ids that could clash.
    table : Table or None
        The numbers that are drawn.
    note : str
        How it was drawn.
    how : bool
        True when the method chapter says how chance and intervals of it were found.
    """

    key: str
    title: str
    summary: str
    svg: str
    table: Table | None = None
    note: str = ""
    how: bool = False


@dataclass(frozen=True, slots=True)
class Card:
    """One headline."""

    title: str
    sentence: str
    facts: tuple[tuple[str, str], ...]
    reason: str = ""
    caveats: tuple[str, ...] = ()
    small: str = ""


@dataclass(frozen=True, slots=True)
class Cards:
    """The headlines in their order."""

    items: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Method:
    """What a measure means, in its own words."""

    symbol: str
    explain: Explain


Block: TypeAlias = Text | Bullets | Facts | Table | Figure | Cards | Method


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what stands under it.

    `short` sections go into the PDF as well as into the page.
    """

    key: str
    title: str
    blocks: tuple[Block, ...] = ()
    parts: tuple[Section, ...] = ()
    short: bool = True

    @property
    def empty(self) -> bool:
        """True when there is nothing to read."""
        return not self.blocks and not self.parts


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that a reader gets to see."""

    title: str
    subtitle: str
    notices: tuple[str, ...]
    sections: tuple[Section, ...]
    findings: tuple[Finding, ...] = ()
    language: str = "en"


def table(
    caption: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    words: Sequence[int] = (0,),
    note: str = "",
    open_rows: int = 12,
) -> Table:
    """Make a `Table`; one with more than `open_rows` rows is folded."""
    body = tuple(tuple(r) for r in rows)
    return Table(caption, tuple(head), body, frozenset(words), len(body) > open_rows, note)
