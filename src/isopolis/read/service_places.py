"""What tables of services say in words: step-free entrances, fees, languages, opening hours.

A word that nobody can read is unknown, and never no: it becomes a caveat with its rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from isopolis.model import NO, UNKNOWN, YES, Problems
from isopolis.model.text import phrase, phrases

from .columns import Table
from .numbers import MISSING
from .vocabulary import plain

__all__ = [
    "BOOKINGS", "booking_word", "bookings_of", "capacities_of", "fees_of", "languages_of", "step_free_of",
    "step_free_word",
]  # fmt: skip

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]

_YES = frozenset(
    "yes y true 1 ja oui si sim kylla tak da igen ano jah taip nai designated full accessible barrierefrei "
    "accesible acessivel accessibile esteeton step_free level".split()
)
_NO = frozenset("no n false 0 nein non nao ei nie ne nem nu ochi not_accessible inaccessible steps".split())
_UNKNOWN = frozenset(
    "limited partly partial partially teilweise partiel partiellement parcial parcialmente parziale osittain "
    "ograniczony bedingt unknown unbekannt inconnu desconocido desconhecido sconosciuto tuntematon "
    "nieznany not_known no_data".split()
)
_FREE = frozenset(
    "free no gratis gratuit gratuito gratuita kostenlos frei ilmainen bezplatny bezplatnie fri "
    "free_of_charge".split()
)
_BOOKINGS = {
    "none": "none", "no": "none", "not_needed": "none", "walk_in": "none", "phone": "phone",
    "telephone": "phone", "online": "online", "online_only": "online_only", "in_person": "in_person",
    "required": "required", "yes": "required", "recommended": "recommended",
}  # fmt: skip
BOOKINGS = tuple(sorted(set(_BOOKINGS.values())))
"""Ways of booking."""
_FEE = re.compile(r"(?:euros?|€|[a-z$£]{0,3})\s*(\d+(?:[.,]\d{1,2})?)\s*(?:euros?|€|[a-z$£]{0,3})")


def step_free_word(text: str) -> int | None:
    """`YES`, `NO` or `UNKNOWN` for a word; None for one that is not understood.

    A partly accessible entrance is neither: `UNKNOWN`.
    """
    word = plain(text)
    if text.strip().lower() in MISSING or word in _UNKNOWN:
        return UNKNOWN
    return YES if word in _YES else NO if word in _NO else None


def _each(table: Table, column: str, read: Callable[[str], object]) -> tuple[list[object], list[int]]:
    """Read each distinct text once; values by row, and the rows that were not understood."""
    codes, texts = table[column].coded()
    made = [read(str(t)) for t in texts]
    values = [made[c] for c in codes]
    return values, [i for i, v in enumerate(values) if v is None]


def _say(
    code: str, one: str, more: str, rule: str, table: Table, column: str, rows: list[int], problems: Problems
) -> None:
    if rows:
        problems.caveat(
            code,
            phrases(one, more, len(rows)),
            file=table.file,
            column=column,
            rows=table.shown(np.array(rows)),
            count=len(rows),
            value=table[column].at(rows[0]),
            rule=rule,
            hint=phrase("It was read as not known. Correct the cell if the answer is known."),
        )


def step_free_of(table: Table, column: str, problems: Problems) -> npt.NDArray[np.int8]:
    """(n,) `YES`, `NO`, `UNKNOWN`."""
    values, wrong = _each(table, column, step_free_word)
    _say(
        "step-free-word",
        "this does not say whether the entrance is free of steps",
        "these do not say whether the entrance is free of steps",
        phrase("yes, no, limited or unknown"),
        table, column, wrong, problems,
    )  # fmt: skip
    return np.array([UNKNOWN if v is None else v for v in values], dtype=np.int8)


def _fee(text: str) -> float | None:
    low = text.strip().lower()
    if plain(text) in _FREE:
        return 0.0
    if low in MISSING or plain(text) in _UNKNOWN:
        return float("nan")
    found = _FEE.fullmatch(low)
    return float(found[1].replace(",", ".")) if found else None


def fees_of(table: Table, column: str, problems: Problems) -> Floats:
    """(n,) price of one use, 0 for free, NaN where not known."""
    values, wrong = _each(table, column, _fee)
    _say(
        "malformed-fee",
        "this fee is no price",
        "these fees are no prices",
        phrase("a price of 0 or more, as in 5.00, or free"),
        table, column, wrong, problems,
    )  # fmt: skip
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def _capacity(text: str) -> float | None:
    low = text.strip().lower()
    if low in MISSING or plain(text) in _UNKNOWN:
        return float("nan")
    if re.fullmatch(r"[1-9]\d{0,2}(?:[.,'’\s]\d{3})+", low):
        # nobody counts thousandths of a place: 1.200 and 1,200 are thousands
        return float(re.sub(r"\D", "", low))
    found = re.fullmatch(r"\d+(?:[.,]\d+)?", low)
    return float(low.replace(",", ".")) if found else None


def capacities_of(table: Table, column: str, problems: Problems) -> Floats:
    """(n,) places or visits a day, NaN where not known."""
    values, wrong = _each(table, column, _capacity)
    _say(
        "bad-capacity",
        "this capacity is negative or no number",
        "these capacities are negative or no numbers",
        phrase("a number of 0 or more"),
        table, column, wrong, problems,
    )  # fmt: skip
    return np.array([np.nan if v is None else v for v in values], dtype=np.float64)


def _languages(text: str) -> tuple[str, ...] | None:
    if text.strip().lower() in MISSING or plain(text) in _UNKNOWN:
        return ()
    parts = [p.strip().lower() for p in re.split(r"[;,|/+\s]+", text) if p.strip()]
    if not all(re.fullmatch(r"[a-z]{2,3}(?:-[a-z0-9]{2,8})?", p) for p in parts):
        return None
    return tuple(dict.fromkeys(parts))


def languages_of(table: Table, column: str, problems: Problems) -> Texts:
    """(n,) tuples of ISO 639 codes; empty where not known."""
    values, wrong = _each(table, column, _languages)
    _say(
        "language-word",
        "this is no list of codes of languages",
        "these are no lists of codes of languages",
        phrase("codes of ISO 639 with ; between them, as in en;ar;fr"),
        table, column, wrong, problems,
    )  # fmt: skip
    out = np.empty(len(values), dtype=object)
    out[:] = [() if v is None else v for v in values]
    return out


def booking_word(text: str) -> str | None:
    """One of `BOOKINGS` for a word, empty where it is not known; None for one that is not understood."""
    if text.strip() == "" or plain(text) in _UNKNOWN:
        return ""
    return _BOOKINGS.get(plain(text))


def bookings_of(table: Table, column: str, problems: Problems) -> Texts:
    """(n,) ``none``, ``phone``, ``online``, ``online_only`` …; empty where not known."""
    values, wrong = _each(table, column, booking_word)
    _say(
        "booking-word",
        "this is no way of booking that is known",
        "these are no ways of booking that are known",
        ", ".join(BOOKINGS),
        table, column, wrong, problems,
    )  # fmt: skip
    out = np.empty(len(values), dtype=object)
    out[:] = ["" if v is None else v for v in values]
    return out
