"""The chart of a comparison: drawn once for the same numbers and the same language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from threading import Lock

from isopolis.flows.compare import Part
from isopolis.report.beside import Words, beside
from isopolis.report.blocks import Figure
from isopolis.web.diagnoses.drawings import without_inline_styles
from isopolis.web.languages import page_language

from . import words

__all__ = ["drawn"]

_ONE_AT_A_TIME = Lock()
"""The drawing library keeps its settings for the whole process."""


def drawn(parts: Sequence[Part], title: str, summary: str) -> Figure:
    """Draw findings side by side, in the language of the page."""
    return _drawn(
        tuple(parts), title, summary, words.measure(parts[0].measure), words.beside_words(), page_language()
    )


@lru_cache(maxsize=128)
def _drawn(
    parts: tuple[Part, ...], title: str, summary: str, axis: str, said: Words, language: str
) -> Figure:

    with _ONE_AT_A_TIME:
        figure = beside(
            parts, key="compare", title=title, summary=summary, axis=axis, words=said, say=words.said
        )
    return replace(figure, svg=without_inline_styles(figure.svg))
