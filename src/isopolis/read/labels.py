"""Names for readers made from headings: ``age_65_plus`` → “65 and over”. Only where it is sure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from .vocabulary import known_dimension, plain

__all__ = ["labels_of", "universe_without", "written_out"]

_NAMING = frozenset(
    "age aged alter edad edat eta idade edu education educational sex gender income citizenship nationality "
    "religion language birthplace ethnicity race marital employment".split()
)
"""Beginnings that only name the dimension; "born" or "with" say something themselves."""
_BELOW = {"below": "below", "under": "under", "unter": "under", "younger_than": "under", "less_than": "under"}
_BELOW |= {"moins_de": "under", "menos_de": "under"}
_ABOVE = {"above": "above", "over": "over", "uber": "over", "older_than": "over", "more_than": "over"}
_ABOVE |= {"plus_de": "over", "mas_de": "over"}
_PLUS = (
    "plus|and_over|and_more|and_older|or_more|or_older|und_mehr|und_alter|et_plus|ans_et_plus|y_mas|o_mas|mas"
)
_OLDEST = 120
_RANGE = re.compile(
    rf"(?:(?P<sign>{'|'.join([*_BELOW, *_ABOVE])})_(?P<edge>\d{{1,3}})|(?P<low>\d{{1,3}})_(?P<high>\d{{1,3}})"
    rf"|(?P<from>\d{{1,3}})_(?:{_PLUS}))(?P<unit>_?y(?:ears?|rs?)?)?"
)


def _range(text: str) -> str:
    """Write ``0_15``, ``below_6``, ``65_plus``, ``1_5y`` in words; empty when it is no range."""
    found = _RANGE.fullmatch(text)
    if not found:
        return ""
    if found["low"] is not None:
        low, high = int(found["low"]), int(found["high"])
        if not low < high <= _OLDEST:
            return ""
        said, one = f"{low}–{high}", False
    elif found["from"] is not None:
        said, one = f"{int(found['from'])} and over", False
    else:
        sign = (_BELOW | _ABOVE)[found["sign"]]
        said, one = f"{sign} {int(found['edge'])}", int(found["edge"]) == 1
    if not found["unit"]:
        return said
    said = f"{said} {'year' if one else 'years'}"
    return said[:1].upper() + said[1:]


def _sentence(text: str) -> str:
    said = text.replace("_", " ").strip()
    return said[:1].upper() + said[1:]


def _default(column: str) -> str:
    """What a reader sees without a label."""
    return _sentence(column) if column.replace("_", "").isalnum() else column


def _with_range(text: str) -> str:
    """Write the range at the end of a name: ``elderly_55_plus``, ``small_1_2``."""
    tail = re.fullmatch(rf"([^\W\d]+(?:_[^\W\d]+)*?)_(\d{{1,3}}_(?:\d{{1,3}}|{_PLUS}))", text)
    said = _range(tail[2]) if tail else ""
    return f"{_sentence(tail[1])} {said}" if tail and said else ""


def _shared(columns: Sequence[str]) -> str:
    """Words with which every heading begins, never a whole heading."""
    lists = [c.split("_") for c in columns]
    most = min(len(words) for words in lists) - 1
    k = next((k for k in range(most) if len({words[k] for words in lists}) > 1), most)
    return "_".join(lists[0][:k])


def labels_of(columns: Sequence[str]) -> dict[str, str]:
    """Make labels for the categories of a dimension.

    Parameters
    ----------
    columns : sequence of str
        Headings, or categories of a long table.

    Returns
    -------
    dict
        Only those that say more than the heading written out.
    """
    texts = [plain(c) if c.replace("_", "").isalnum() else "" for c in columns]
    if not all(texts):
        return {}
    start = _shared(texts) if len(texts) > 1 else texts[0].split("_")[0]
    rests = [t.removeprefix(start + "_") if start else t for t in texts]
    ranges = [_range(r) for r in rests]
    if start and all(ranges):
        made = ranges
    elif start in _NAMING:
        made = [r or _sentence(_own(c, start)) for c, r in zip(columns, ranges, strict=True)]
    else:
        made = [_range(t) or _with_range(t) for t in texts]
        # two numbers are a range only among other ranges
        made = made if all(made) else ["" if "–" in m else m for m in made]
    sure = len(set(made) - {""}) == sum(bool(m) for m in made)
    out = {c: m for c, m in zip(columns, made, strict=True) if m and m != _default(c)}
    return out if sure else {}


def _own(column: str, start: str) -> str:
    # accents stay, which the plain form has lost
    return column[len(start) :].lstrip("_")


def written_out(heading: str) -> str:
    """Write a heading as words: ``with_migration_background`` → “with migration background”."""
    return " ".join(heading.replace("_", " ").split())


def universe_without(universe: str, category: str, columns: Sequence[str], labels: Mapping[str, str]) -> str:
    """Say who is left when the people of one category are not counted.

    Parameters
    ----------
    universe : str
        Everyone: ``residents``.
    category : str
        The one of `columns` that is left out.
    columns : sequence of str
        Of its dimension, lowest first where the order means something.
    labels : mapping of str to str
    """
    known = known_dimension(list(columns))
    if known and known.name == "age":
        edges = [_lowest(c) for c in columns]
        place = list(columns).index(category)
        if place == 0 and len(edges) > 1 and edges[1] is not None and _is_below(columns[0], edges[1]):
            return f"{universe} aged {edges[1]} and over"
        if place == len(columns) - 1 and edges[-1] is not None and labels.get(category, "").endswith("over"):
            return f"{universe} aged under {edges[-1]}"
    return f"{universe} not in “{labels.get(category) or _default(category)}”"


def _lowest(column: str) -> int | None:
    """Lowest age of ``age_16_24`` or ``age_65_plus``."""
    text = re.search(rf"(\d{{1,3}})_(?:\d{{1,3}}|(?:{_PLUS}))$", plain(column))
    return int(text[1]) if text else None


def _is_below(column: str, edge: int) -> bool:
    """True when a heading covers every age below `edge`: from 0, or everyone under it."""
    text = plain(column)
    up = re.search(r"(?:^|_)0_(\d{1,3})$", text)
    under = re.search(rf"(?:{'|'.join(_BELOW)})_(\d{{1,3}})$", text)
    return bool((up and int(up[1]) in (edge, edge - 1)) or (under and int(under[1]) == edge))
