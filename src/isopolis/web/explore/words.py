"""Saying texts of the measuring rooms in the language of the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from isopolis.explain import to_html
from isopolis.model.vocabulary import standard
from isopolis.report.beside import Words
from isopolis.report.prose import measure_title, number, people, percent, shown
from isopolis.web import languages

__all__ = [
    "all_said", "beside_words", "explained", "kind", "measure", "people", "percent", "said", "times", "value",
]  # fmt: skip


def said(text: Any) -> str:
    """Say a text in the language of the page; names out of the data stay."""
    return languages.said(text)


def kind(name: str) -> str:
    """Name a kind of zone, as far as it is a word that many cities use."""
    return said(standard(name))


def measure(name: str) -> str:
    """Name a measure."""
    return said(measure_title(name))


def value(name: str, number_: float | None) -> str:
    """Write a value of the measure `name`."""
    return said(shown(name, number_))


def times(value_: float | None) -> str:
    """Write how many times."""
    return "–" if value_ is None else _("%(number)s times") % {"number": said(number(value_, 2))}


def beside_words() -> Words:
    """Return the words of a chart of findings side by side."""
    return Words(
        measured=_("measured"),
        chance=_("expected by chance"),
        band=_("interval"),
        who=_("Who"),
        people=_("People"),
        value=_("Measured"),
        by_chance=_("By chance"),
        excess=_("Excess over chance"),
        interval=_("Interval"),
        # Translators: both ends of an interval
        to=_("{low} to {high}"),
    )


def all_said(texts: Sequence[Any]) -> list[str]:
    """Say several texts."""
    return [said(t) for t in texts]


def explained(explain: Any) -> str:
    """Return the explanation of a measure as HTML that is ours and escaped."""
    return to_html(explain, languages.page_language())
