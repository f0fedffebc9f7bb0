"""Whom a service admits, in words → yes, no or not known for each group of people.

A group of which only a part is admitted ("65 and over" for people of 45 to 79) is not known: no number
here says how large the part is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import NO, UNKNOWN, YES, Dimension, Group, Problems
from isopolis.model.text import phrase, phrases

from .numbers import MISSING
from .vocabulary import plain
from .wording import listed

__all__ = ["ages_of", "eligible"]

_OLDEST = 200.0
_EVERYONE = set(
    "everyone everybody all anyone anybody public open general alle tous todos tutti kaikki".split()
)
_RESIDENTS = set("resident residents inhabitants citizens_of_the_city einwohner habitants residentes".split())
_FILLERS = set(
    "the of and aged age ages from to years year old over above under below younger older than up only for a "
    "an people persons person plus in with city town up_to who are is local".split()
)
_SEXES = {
    "female": set(
        "women woman female females girls girl frauen femmes mujeres mulheres donne naiset".split()
    ),
    "male": set("men man male males boys boy manner hommes hombres homens uomini miehet".split()),
}
_ABLE = {"disability", "disabled", "disabilities", "handicap"}
_STAGES: dict[str, tuple[float, float]] = {
    "babies": (0, 2), "baby": (0, 2), "toddlers": (1, 3), "minors": (0, 18), "adults": (18, _OLDEST),
    "adult": (18, _OLDEST),
}  # fmt: skip
_VAGUE = set("child children kids kinder enfants young youth pupils students seniors senior elderly".split())
"""Words that mean different ages in different places: with stated ages they add nothing."""

_YOUNG = {"girl", "girls", "boy", "boys"}
"""Not every woman is a girl: without an age these words leave open which of a sex are meant."""
_NO_YEARS = re.compile(
    r"\d\s*(?:months?|weeks?|days?|hours?|mois|monaten?|meses|wochen|semanas|euros?|eur|km|persons?|people)"
    r"(?![a-z])|(?:grades?|class(?:es)?|klassen?)\s*\d|[€$%]"
)
"""Numbers that are no ages in years."""
_JOINED = re.compile(r"(?<![a-z])(?:and|or|und|oder|et|ou|y|o|e|ja|tai)(?![a-z])|[,;/&|]")

_RANGE = re.compile(r"(\d{1,3})\s*(?:-|–|—|to|bis|_|and)\s*(\d{1,3})(?!\d)")
_UPWARD = re.compile(
    r"(\d{1,3})\s*(?:\+|and over|and older|or over|or older|years? and over|plus|ans et plus|_plus)"
)
_FROM = re.compile(r"(?:over|above|older than|from|ab|ueber|mehr als)[\s_]*(\d{1,3})")
_UNDER = re.compile(r"(?:under|below|younger than|up to|unter|moins de|bis)[\s_]*(\d{1,3})")


def ages_of(text: str) -> tuple[float, float] | None:
    """Ages that a text names, from and up to but without; None when it names none.

    ``6-14`` is [6, 15), ``65 and over`` is [65, 200), ``under 18`` is [0, 18), ``up to 17`` is [0, 18).
    """
    return _aged(text.lower().strip())[0]


def _aged(low: str) -> tuple[tuple[float, float] | None, str]:
    """Ages of a text in small letters, and what is left of it without them."""
    stages = [word for word in _STAGES if word in low.split()]
    if found := _RANGE.search(low):
        first, last = float(found[1]), float(found[2])
        ages = (first, last + 1) if first <= last else None
    elif found := _UPWARD.search(low):
        # "minors from 14" end where they come of age
        ages = float(found[1]), 18.0 if "minors" in stages else _OLDEST
    elif found := _FROM.search(low):
        # over 65 includes those of 65 in nearly all rules; "older than" does not
        first = float(found[1]) + ("older than" in low)
        ages = first, 18.0 if "minors" in stages and first < 18 else _OLDEST
    elif found := _UNDER.search(low):
        last = float(found[1]) + ("up to" in low or "bis" in low)
        ages = (18.0 if {"adult", "adults"} & set(stages) and last > 18 else 0.0), last
    else:
        return next((_STAGES[word] for word in stages), None), low
    return ages, low[: found.start()] + " " + low[found.end() :]


@dataclass(frozen=True, slots=True)
class _Rule:
    """What one text demands; `open` when nothing is left that nobody understood.

    `either` when conditions are joined by "and", "or" or a comma: one of them may be enough, or all may be
    needed, and the text does not say which.
    """

    known: bool
    open: bool = True
    residents: bool = False
    ages: tuple[float, float] | None = None
    sex: str = ""
    disabled: bool = False
    either: bool = False


def _rule(text: str) -> _Rule:
    low = text.lower().strip()
    if low in MISSING or plain(text) in ("unknown", "not_known"):
        return _Rule(True, False)
    tokens = [w for w in plain(re.sub(r"[\d+\-–—]", " ", low)).split("_") if w]
    ages, left = _aged(low)
    if re.search(r"\d", left) or _NO_YEARS.search(low):
        # two ages, or numbers that are none: "under 18 or over 65", "6-36 months"
        return _Rule(False, False)
    sex = next((s for s, names in _SEXES.items() if set(tokens) & names), "")
    if all(set(tokens) & names for names in _SEXES.values()):
        sex = ""  # women and men
    disabled = bool(set(tokens) & _ABLE)
    used = _EVERYONE | _RESIDENTS | _FILLERS | _ABLE | _SEXES["female"] | _SEXES["male"] | set(_STAGES)
    used |= _VAGUE if ages else set()
    said = bool(ages or sex or disabled or set(tokens) & (_EVERYONE | _RESIDENTS))
    negated = bool(set(tokens) & {"not", "no", "except", "without"})
    rest = set(tokens) - used
    if negated:
        return _Rule(False, False)
    conditions = sum((ages is not None, bool(sex), disabled, bool(rest)))
    either = conditions > 1 and _JOINED.search(left) is not None
    whole = said and not rest
    young = bool(sex) and ages is None and not set(tokens) & (_SEXES[sex] - _YOUNG)
    return _Rule(whole, whole and not young, bool(set(tokens) & _RESIDENTS), ages, sex, disabled, either)


def eligible(
    texts: Sequence[str] | npt.NDArray[np.object_],
    groups: Sequence[Group],
    dimensions: Sequence[Dimension],
    *,
    universe: str = "residents",
    problems: Problems | None = None,
) -> npt.NDArray[np.int8]:
    """Say which groups each place admits.

    Parameters
    ----------
    texts : (P,) sequence of str
        ``everyone``, ``residents``, ``children 6-14``, ``65 and over``, ``women``,
        ``women aged 65 and over``; empty where not known.
    groups : (G,) sequence of Group
    dimensions : sequence of Dimension
        Those that the groups are made of. Ages are read from the categories (or their labels) of a
        dimension that is called ``age`` or whose ground is age, sexes from ``sex``, disability from
        ``disability``.
    universe : str
        Who is counted; ``residents …`` fulfil the condition to be one.
    problems : Problems, optional
        Receives a caveat about texts that nobody can read, and one about groups that are admitted in part.

    Returns
    -------
    (P, G) array of int8
        `YES` when all of the group are admitted, `NO` when none is, `UNKNOWN` when the text does
        not say, when nobody can read it, or when only a part is admitted or may be.
    """
    rules: dict[str, npt.NDArray[np.int8]] = {}
    partly: set[str] = set()
    unread: list[str] = []
    for text in map(str, texts):
        if text in rules:
            continue
        rule = _rule(text)
        row = [_admits(rule, g, dimensions, universe) for g in groups]
        rules[text] = np.array([a for a, _ in row], dtype=np.int8)
        if any(part for _, part in row):
            partly.add(text)
        if not rule.known:
            unread.append(text)
    if problems is not None:
        _say(unread, partly, [str(t) for t in texts], problems)
    if not len(texts):
        return np.zeros((0, len(groups)), dtype=np.int8)
    return np.stack([rules[str(t)] for t in texts])


def _say(unread: Sequence[str], partly: set[str], texts: Sequence[str], problems: Problems) -> None:
    if unread:
        many = sum(t in set(unread) for t in texts)
        problems.caveat(
            "eligibility-not-read",
            phrases(
                "whom a place admits cannot be read; it is taken as not known, where it is not plainly no: "
                "{texts}",
                "whom {n} places admit cannot be read; it is taken as not known, where it is not plainly no: "
                "{texts}",
                many,
                texts=listed([f"“{t}”" for t in unread], 3),
            ),
            count=many,
            rule=phrase("everyone, residents, ages as in 6-14 or 65 and over, women, men"),
        )
    if partly:
        many = sum(t in partly for t in texts)
        problems.caveat(
            "admitted-in-part",
            phrases(
                "a place admits a part of some groups only, which is taken as not known: {texts}",
                "{n} places admit a part of some groups only, which is taken as not known: {texts}",
                many,
                texts=listed([f"“{t}”" for t in sorted(partly)], 3),
            ),
            count=many,
            hint=phrase("Counts by finer ages, or by the ages that the places admit, would tell."),
        )


def _admits(rule: _Rule, group: Group, dimensions: Sequence[Dimension], universe: str) -> tuple[int, bool]:
    """Answer for one group, and whether it is not known because only a part is admitted."""
    answers: list[int] = []
    part = False
    if rule.residents and not universe.startswith("residents"):
        answers.append(UNKNOWN)
    chosen = dict(group.parts)
    if rule.ages is not None:
        answer = _by_age(rule.ages, chosen, dimensions)
        part |= answer == UNKNOWN
        answers.append(answer)
    if rule.sex:
        answer = _by_sex(rule.sex, chosen, dimensions)
        part |= answer == UNKNOWN
        answers.append(answer)
    if rule.disabled:
        answer = _by_disability(chosen, dimensions)
        part |= answer == UNKNOWN
        answers.append(answer)
    if rule.either:
        if rule.open and len(set(answers)) == 1:
            return answers[0], answers[0] == UNKNOWN
        return UNKNOWN, rule.open
    answers.append(YES if rule.open else UNKNOWN)
    if NO in answers:
        return NO, False
    return (UNKNOWN, part and rule.open) if UNKNOWN in answers else (YES, False)


def _category(
    names: tuple[str, ...], ground: str, chosen: dict[str, str], dimensions: Sequence[Dimension]
) -> tuple[str, str] | None:
    """Category of the group in the dimension wanted, and its label; None when the group leaves it open."""
    for d in dimensions:
        if (d.name.lower() in names or (ground and d.ground == ground)) and d.name in chosen:
            return chosen[d.name], str(d.label_of(chosen[d.name]))
    return None


def _by_age(ages: tuple[float, float], chosen: dict[str, str], dimensions: Sequence[Dimension]) -> int:
    found = _category(("age", "age_group"), "age", chosen, dimensions)
    band = (
        None
        if found is None
        else (ages_of(found[0].replace("_", " ")) or ages_of(found[0]) or ages_of(found[1]))
    )
    if band is None:
        return UNKNOWN
    if band[1] <= ages[0] or band[0] >= ages[1]:
        return NO
    return YES if ages[0] <= band[0] and band[1] <= ages[1] else UNKNOWN


def _by_sex(sex: str, chosen: dict[str, str], dimensions: Sequence[Dimension]) -> int:
    found = _category(("sex", "gender"), "sex", chosen, dimensions)
    if found is None:
        return UNKNOWN
    tokens = {w for text in found for w in plain(text).split("_")} | (
        {"female"} if found[0].lower() == "f" else set()
    )
    other = "male" if sex == "female" else "female"
    if tokens & (_SEXES[sex] | ({"f"} if sex == "female" else {"m"})):
        return YES
    return NO if tokens & (_SEXES[other] | ({"m"} if sex == "female" else {"f"})) else UNKNOWN


def _by_disability(chosen: dict[str, str], dimensions: Sequence[Dimension]) -> int:
    found = _category(("disability",), "disability", chosen, dimensions)
    if found is None:
        return UNKNOWN
    word = plain(found[0])
    if word in ("yes", "disabled", "with_disability", "with_a_disability"):
        return YES
    return NO if word in ("no", "not_disabled", "without_disability", "none") else UNKNOWN
