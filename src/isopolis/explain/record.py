"""The explanation that stands beside every measure, the same wherever it is read."""

from __future__ import annotations

from dataclasses import dataclass

from isopolis.model import CallError

from .plain import complaints

__all__ = ["Citation", "Explain"]


@dataclass(frozen=True, slots=True)
class Citation:
    """A published source: author and year, title, where, and the page or equation used."""

    authors: str
    year: int
    title: str
    where: str
    page: str = ""

    def __str__(self) -> str:
        page = f", {self.page}" if self.page else ""
        return f"{self.authors} ({self.year}). {self.title}. {self.where}{page}."


@dataclass(frozen=True, slots=True)
class Explain:
    """What a number means, in words that can be translated.

    Parameters
    ----------
    title : str
        Name for readers.
    one_line : str
        The question that it answers.
    low, high : str
        What a low and a high value mean.
    ask_next : tuple of str
        Questions worth asking once the number is known.
    pitfalls : tuple of str
        Ways to misread it; at least one.
    not_for : str
        What it must not be used for.
    example : str
        A worked example in people.
    citations : tuple of Citation
        At least one.

    Raises
    ------
    CallError
        If there is no pitfall or no citation, or a sentence is not plain
        (see `isopolis.explain.plain`).
    """

    title: str
    one_line: str
    low: str
    high: str
    ask_next: tuple[str, ...]
    pitfalls: tuple[str, ...]
    not_for: str
    example: str
    citations: tuple[Citation, ...]

    def __post_init__(self) -> None:
        if not self.pitfalls or not self.citations:
            raise CallError(f'the explanation of "{self.title}" needs a pitfall and a citation')
        found = [c for text in self.sentences() for c in complaints(text)]
        if found:
            raise CallError(f'the explanation of "{self.title}" is not plain: ' + "; ".join(found))

    def sentences(self) -> tuple[str, ...]:
        """Every text meant for readers, in reading order."""
        return (
            self.one_line,
            self.low,
            self.high,
            *self.ask_next,
            *self.pitfalls,
            self.not_for,
            self.example,
        )
