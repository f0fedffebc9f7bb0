"""Long tables: which column is the zone, which are categories, which is the count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .config import DimensionConfig
from .labels import labels_of
from .not_people import AREA_WORDS
from .profile import Looks
from .vocabulary import known_dimension, rising, words

__all__ = ["LongGuess", "guess_long", "nested_columns"]

MOST_CATEGORIES = 60
LONGEST_CATEGORY = 80
_NO_COUNTS = ("share", "money", "time", "code", "place", "area", "thing")
_EXTRA = {
    "lower": ("lower", "low", "lo", "ci_low"),
    "upper": ("upper", "high", "hi", "ci_high"),
    "se": ("se", "stderr", "standard_error"),
    "mechanism": ("mechanism",),
}


@dataclass(frozen=True, slots=True)
class LongGuess:
    """What the columns of a long table seem to be; `count` is empty when a row is a person."""

    zone: str
    date_column: str
    count: str
    dimensions: tuple[DimensionConfig, ...]
    parents: tuple[str, ...]
    extra: dict[str, str]
    reason: str


def _keys(looks: Looks, names: list[str]) -> npt.NDArray[np.int64]:
    """One number per distinct combination of columns."""
    key = np.zeros(len(looks.table), dtype=np.int64)
    for name in names:
        codes, texts = looks.table[name].coded()
        key = np.unique(key * (len(texts) + 1) + codes, return_inverse=True)[1].ravel().astype(np.int64)
    return key


def _unique(looks: Looks, names: list[str]) -> bool:
    return len(np.unique(_keys(looks, names))) == len(looks.table)


def _determined(looks: Looks, by: str, column: str) -> bool:
    """True when rows equal in `by` are equal in `column`."""
    both = len(np.unique(_keys(looks, [by, column])))
    return both == len(np.unique(_keys(looks, [by])))


def nested_columns(looks: Looks, zone: str, skip: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Columns that group zones, finest first, each nested in the next."""
    some = [
        n for n, look in looks.columns.items()
        if n != zone and n not in skip
        and look.filled and 2 <= look.distinct < looks[zone].distinct and not look.dates
        and _determined(looks, zone, n) and (AREA_WORDS & set(words(n)))
    ]  # fmt: skip
    out: list[str] = []
    for name in sorted(some, key=lambda n: -looks[n].distinct):
        if not out or (_determined(looks, out[-1], name) and looks[name].distinct < looks[out[-1]].distinct):
            out.append(name)
    return tuple(out)


def guess_long(looks: Looks, zone: str, dated: str) -> LongGuess | None:
    """Guess a long table, or None when it is none.

    Parameters
    ----------
    looks : Looks
    zone : str
        Column of the zone ids.
    dated : str
        Column of dates, or empty.
    """
    n = len(looks.table)
    extra = {k: next((c for c in looks.columns if c.lower() in names), "") for k, names in _EXTRA.items()}
    others = [c for c in looks.columns if c not in (zone, dated, *extra.values())]
    texts = [c for c in others if _is_category(looks, c, zone)]
    numbers = [c for c in others if c not in texts and looks[c].counts and looks[c].purpose not in _NO_COUNTS]
    # the count has the most distinct numbers; ages or deciles beside it tell rows apart
    numbers.sort(key=lambda c: (_count_word(c), looks[c].distinct), reverse=True)
    for count in numbers[:1]:
        rest = [c for c in numbers[1:] if _few(looks, c) and not _determined(looks, zone, c)]
        for categories in (texts, texts + rest):
            keys = [zone, *categories, *([dated] if dated else [])]
            if categories and _unique(looks, keys):
                return _long(looks, zone, dated, count, categories, extra, f"one row per {', '.join(keys)}")
    nested = nested_columns(looks, zone)
    people = [c for c in others if c not in nested]
    if people and all(_few(looks, c) for c in people) and n >= 3 * looks[zone].distinct:
        return _long(
            looks, zone, dated, "", people, {}, "no column of counts, and zones repeat: one row is one person"
        )
    return None


def _count_word(column: str) -> bool:
    return bool(
        {"n", "count", "counts", "persons", "people", "population", "value", "number", "anzahl", "effectif"}
        & set(words(column))
    )


def _few(looks: Looks, column: str) -> bool:
    look = looks[column]
    return look.filled and 2 <= look.distinct <= MOST_CATEGORIES and (not look.numeric or look.whole)


def _is_category(looks: Looks, column: str, zone: str) -> bool:
    look = looks[column]
    if (
        look.numeric
        or not look.filled
        or look.purpose in ("time", "code")
        or _determined(looks, zone, column)
    ):
        return False
    # categories come back again and again, and are short
    often = 1 < look.distinct <= min(MOST_CATEGORIES, max(len(looks.table) / 4, 3))
    return often and max(len(str(t)) for t in looks.table[column].coded()[1]) <= LONGEST_CATEGORY


def _long(
    looks: Looks,
    zone: str,
    dated: str,
    count: str,
    categorical: list[str],
    extra: dict[str, str],
    reason: str,
) -> LongGuess:
    dimensions: list[DimensionConfig] = []
    for column in categorical:
        codes, texts = looks.table[column].coded()
        present = tuple(str(texts[c]) for c in np.unique(codes))
        known = known_dimension([column]) or known_dimension(list(present))
        arranged = rising(known.name, present) if known and known.ordered else None
        taken = {d.name for d in dimensions}
        name = "_".join(words(column)) or "groups"
        name = known.name if known and known.name not in taken and known.name in name else name
        dimensions.append(
            DimensionConfig(
                name,
                column=column,
                ordered=arranged is not None,
                categories=arranged or (),
                labels=labels_of(arranged or present),
            )
        )
    return LongGuess(
        zone,
        dated,
        count,
        tuple(dimensions),
        nested_columns(looks, zone),
        {k: v for k, v in extra.items() if v},
        reason,
    )
