"""What `isopolis compare` prints: a summary, the clearest rows by subject, and why the rest is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

from isopolis.flows.benchmark import Row
from isopolis.flows.compare import Part, unit_of
from isopolis.flows.differences import Difference, Tested
from isopolis.model.text import Number, capital, count, joint, listing, phrase, phrases

from .show_peers import wrapped

__all__ = ["print_rows", "print_tests"]

SURE = 0.05
KNOWN = ("dissimilarity", "information_theory")
LARGEST, EACH, SUBJECTS, REASONS = 3, 3, 8, 10
"""Rows in the summary and of each subject, subjects, and reasons that are printed, unless all are wanted."""

Say: TypeAlias = Callable[..., None]
Pair: TypeAlias = tuple[Row, Tested | None]


def print_rows(rows: Sequence[Row], found: Sequence[Tested], language: str, *, every: bool = False) -> None:
    """Print what can be compared, how sure each difference is, and how often each reason forbids it.

    Parameters
    ----------
    found : sequence of Tested
        One for each row that can be compared; none where more than two cities are.
    every : bool
        Print all rows and reasons.
    """
    say = partial(wrapped, language=language)
    going = [r for r in rows if r.compared]
    say(
        phrases(
            "{compared} of {n} finding can be compared.",
            "{compared} of {n} findings can be compared.",
            len(rows),
            compared=count(len(going)),
        )
    )
    pairs: list[Pair] = list(zip(going, found, strict=True)) if found else [(r, None) for r in going]
    if any(t is not None and t.difference is not None for _, t in pairs):
        _print_summary(pairs, found, say)
    elif len(going) > 1:
        _print_apart(going, say)
    _print_subjects(pairs, say, every)
    for caution in dict.fromkeys(c for r in going for c in r.comparison.cautions):
        say(caution, "  ! ")
    for why in dict.fromkeys(t.why_none for t in found if t.difference is None):
        untested = sum(t.difference is None and t.why_none == why for t in found)
        say(phrase("{n} not tested: {why}.", n=count(untested), why=why))
    _print_reasons(rows, say, every)


def _print_summary(pairs: Sequence[Pair], found: Sequence[Tested], say: Say) -> None:
    say(_summary(found))
    say(
        phrase(
            "Each difference is the first city less the second, both without what chance adds in small "
            "zones, so that it may differ from that of the two values. In brackets: its 95 % interval."
        )
    )
    largest = _largest(pairs)
    if largest:
        say(phrase("The largest of them:"))
    for row, tested in largest:
        _print_one(row, tested, say)


def _largest(pairs: Sequence[Pair]) -> list[Pair]:
    """Take the largest differences beyond chance: one for each group, of the measure best known.

    Indices have scales of their own, so that the largest of all of them would always be of the same index.
    """
    best: dict[tuple[str, str], tuple[int, float, int]] = {}
    for n, (row, tested) in enumerate(pairs):
        if tested is None or tested.difference is None or tested.same_as or (tested.adjusted or 0.0) > SURE:
            continue
        part = row.comparison.parts[0]
        rank = _known(part) + (unit_of(part.measure) != "share"), -abs(tested.difference.value), n
        key = part.dimension, part.group
        best[key] = min(best.get(key, rank), rank)
    return [pairs[n] for *_, n in sorted(best.values(), key=lambda r: r[1:])[:LARGEST]]


def _print_apart(going: Sequence[Row], say: Say) -> None:
    apart = [_apart(r.comparison.parts) for r in going]
    say(
        phrases(
            "{beyond} of {n} finding that can be compared differs by more than chance: its intervals do "
            "not overlap.",
            "{beyond} of {n} findings that can be compared differ by more than chance: their intervals "
            "do not overlap.",
            len(apart),
            beyond=count(sum(apart)),
        )
    )


def _apart(parts: Sequence[Part]) -> bool:
    """Tell whether the intervals of two of the cities do not overlap."""
    lows, highs = [p.low for p in parts if p.low is not None], [p.high for p in parts if p.high is not None]
    return bool(lows and highs) and max(lows) > min(highs)


def _print_subjects(pairs: Sequence[Pair], say: Say, every: bool) -> None:
    """Print the rows by subject, those that are least like chance first."""
    subjects: dict[str, list[Pair]] = {}
    for row, tested in pairs:
        if tested is not None and tested.same_as and not every:
            continue
        subjects.setdefault(_subject(row), []).append((row, tested))
    hidden = 0
    for n, (subject, mine) in enumerate(subjects.items()):
        shown = len(mine) if every else EACH if n < SUBJECTS else 0
        hidden += max(len(mine) - shown, 0)
        if shown:
            say(capital(subject))
        for row, tested in sorted(mine, key=_clearness)[:shown]:
            _print_one(row, tested, say)
    if hidden:
        say(
            phrases(
                "{n} more row is not shown: --all prints every row, --json all that is known of each.",
                "{n} more rows are not shown: --all prints every row, --json all that is known of each.",
                hidden,
            )
        )


def _subject(row: Row) -> str:
    parts = row.comparison.parts
    name = parts[0].subject or parts[0].dimension
    dates = list(dict.fromkeys(p.date for p in parts if p.date))
    return joint((name, listing(dates)), ", ") if dates else name


def _clearness(pair: Pair) -> tuple[int, int, float]:
    """Beyond chance before the rest, then the best known measures, then what is surest."""
    row, tested = pair
    known = _known(row.comparison.parts[0])
    if tested is None:
        return (0 if _apart(row.comparison.parts) else 1, known, 0.0)
    if tested.difference is None:
        return (2, known, 0.0)
    beyond = tested.adjusted is not None and tested.adjusted <= SURE
    return (0 if beyond else 1, known, -abs(tested.difference.z))


def _known(part: Part) -> int:
    return KNOWN.index(part.measure) if part.measure in KNOWN else len(KNOWN)


def _print_one(row: Row, tested: Tested | None, say: Say) -> None:
    if tested is None or tested.difference is None:
        say(joint((phrase("{title}.", title=row.title), row.comparison.said)), "  - ")
    else:
        here, there = (p.label for p in row.comparison.parts)
        say(_tested(tested, tested.difference, here, there), "  - ")
    if tested is not None:
        _warn(tested, say)


def _print_reasons(rows: Sequence[Row], say: Say, every: bool) -> None:
    reasons: dict[str, int] = {}
    for row in rows:
        missing = [phrase("not measured in {city}", city=city) for city in row.missing]
        for why in (*row.comparison.refused, *missing):
            reasons[why] = reasons.get(why, 0) + 1
    if sum(reasons.values()) > sum(not r.compared for r in rows):
        say(phrase("One finding may have several reasons."))
    most = sorted(reasons.items(), key=lambda r: -r[1])
    for why, times in most if every else most[:REASONS]:
        say(phrase("{times} not: {why}", times=count(times), why=why), "  - ")
    if not every and len(most) > REASONS:
        print(f"  - … +{len(most) - REASONS} (--all)")


def _tested(t: Tested, found: Difference, here: str = "", there: str = "") -> str:
    first, last = (Number(f"{v:.4f}") for v in t.values or (0.0, found.value))
    words = {
        "title": t.title,
        "first": first,
        "last": last,
        "value": _four(found.value),
        "p": _chance(found.p),
        "adjusted": _chance(1.0 if t.adjusted is None else t.adjusted),
    }
    if found.interval is None:
        return phrase(
            "{title}: {first} and {last}, difference {value}, p {p}, with all tests counted {adjusted}.",
            **words,
        )
    low, high = (_four(end) for end in found.interval)
    return phrase(
        "{title}: {here} {first}, {there} {last}, difference {value} ({low} to {high}), p {p}, with all "
        "tests counted {adjusted}.",
        here=here,
        there=there,
        low=low,
        high=high,
        **words,
    )


def _four(value: float) -> str:
    return Number(f"{value:.4f}".replace("-", "−"))


def _chance(p: float) -> str:
    return Number(f"{p:.4f}") if p >= 1e-4 else phrase("below {limit}", limit=Number("0.0001"))


def print_tests(found: Sequence[Tested], language: str) -> None:
    """Print the tests of two cities or dates: a summary, each test, and each reason for none just once."""
    say = partial(wrapped, language=language)
    tested = [(t, t.difference) for t in found if t.difference is not None]
    if tested:
        say(_summary(found))
    for t, difference in tested:
        say(_tested(t, difference), "  - ")
        _warn(t, say)
    for why in dict.fromkeys(t.why_none for t in found if t.difference is None):
        untested = [t for t in found if t.difference is None and t.why_none == why]
        say(phrase("{n} not tested: {why}.", n=count(len(untested)), why=why))
        for t in untested:
            say(_values(t), "  - ")
            _warn(t, say)


def _warn(t: Tested, say: Say) -> None:
    if t.caution:
        say(t.caution, "  ! ")


def _summary(found: Sequence[Tested]) -> str:
    once = [t for t in found if t.difference is not None and not t.same_as]
    p = [1.0 if t.adjusted is None else t.adjusted for t in once]
    return joint(
        (
            phrases(
                "{beyond} of {n} difference is more than chance.",
                "{beyond} of {n} differences are more than chance.",
                len(p),
                beyond=count(sum(v <= SURE for v in p)),
            ),
            phrase(
                "p is how often chance alone gives a difference at least so large. With all tests counted, "
                "it allows for the fact that of many tests some come out small by luck; this one, up to "
                "{sure}, is taken as more than chance.",
                sure=Number(f"{SURE:g}"),
            ),
        )
    )


def _values(t: Tested) -> str:
    if t.values is None:
        return phrase("{title}.", title=t.title)
    first, last = (Number(f"{v:.4f}") for v in t.values)
    return phrase("{title}: {first} and {last} as published.", title=t.title, first=first, last=last)
