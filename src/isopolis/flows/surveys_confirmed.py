"""Which answers of a survey are which categories of the census: said by a person, line by line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from isopolis.engage.surveys.form import Form
from isopolis.intersect.raking import Margin
from isopolis.model import City

from .who_took_part import residents_of

__all__ = ["bands", "confirmed_margins"]

Given = Sequence[Mapping[str, str]]


def confirmed_margins(form: Form, given: Given, city: City, weights: Mapping[str, Any]) -> list[Margin]:
    """Return what to weight by, as a person has confirmed it.

    Parameters
    ----------
    form : Form
    given : sequence of mapping
        Answers of each person.
    city : City
    weights : mapping
        Dimension of the census → ``{"question": name, "of": {answer: category}}``; of a question that asks a
        whole number only the name counts, and the categories are read as ranges.
    """
    out = []
    for name, told in weights.items():
        table = residents_of(city, (name,))
        categories = table.dimension(name).categories
        position = {c: i for i, c in enumerate(categories)}
        of = dict(_assigned(form, told, given, categories))
        codes = np.array([position.get(of.get(a.get(told["question"], ""), ""), -1) for a in given])
        out.append(Margin(name, categories, codes.astype(np.int64), table.best().sum(axis=0)))
    return out


def _assigned(
    form: Form, told: Mapping[str, Any], given: Given, categories: Sequence[str]
) -> Iterator[tuple[str, str]]:
    """Yield answer and category."""
    if form.by_name[told["question"]].kind != "integer":
        yield from told.get("of", {}).items()
        return
    cut = bands(categories) or []
    for answer in {a.get(told["question"], "") for a in given} - {""}:
        number = int(answer)
        found = [c for c, low, high in cut if low <= number <= high]
        yield answer, found[0] if len(found) == 1 else ""


_RANGE = re.compile(r"^\D*(\d{1,3})\s*(?:-|–|to|_)\s*(\d{1,3})\D*$")
_FROM = re.compile(r"^\D*(\d{1,3})\s*(?:\+|and over|or older|or more)\D*$|^(?:>=|≥|over)\s*(\d{1,3})$", re.I)
_UNDER = re.compile(r"^(?:<|under|below)\s*(\d{1,3})\D*$", re.I)


def bands(categories: Sequence[str]) -> list[tuple[str, int, int]] | None:
    """Read categories that are ranges of whole numbers, such as ``18-64``, ``65+`` or ``under 18``.

    Returns
    -------
    list of (category, lowest, highest) or None
        None where one is no range. A range without an end ends at 999.
    """
    out = []
    for category in categories:
        text = category.strip()
        if match := _RANGE.match(text):
            out.append((category, int(match[1]), int(match[2])))
        elif match := _FROM.match(text):
            out.append((category, int(match[1] or match[2]), 999))
        elif match := _UNDER.match(text):
            out.append((category, 0, int(match[1]) - 1))
        else:
            return None
    return out
