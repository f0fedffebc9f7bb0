"""What to read first: ranked by excess over chance and by people concerned."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from isopolis.model import Finding, Group
from isopolis.model.text import count, phrase, phrases

from .words import Names, percent

__all__ = ["headlines"]

MOST_PEOPLE, MOST_APART, MOST_CHANGED = 5, 3, 2
LEAST_MEMBERS, LEAST_SHARE = 100, 0.002
PER_DIMENSION = 2
LEAST_EXCESS = 0.03
"""Below this a separation is real but too small to lead a report."""
LEAST_CHANGE = 0.01
CROSSING_GAIN = 1.1
"""A crossing is news only when its excess beats that of each of its parts by a tenth."""


def moves_beyond_chance(finding: Finding) -> float:
    """People who would have to move for evenness, beyond those whom chance explains.

    A dissimilarity D means that D times the people of the group would have to move, or
    D times everyone else: the smaller of the two is meant.
    """
    if not finding.defined or finding.expected is None:
        return 0.0
    side = max(min(finding.n_group, finding.n_people - finding.n_group), 0)
    return max(finding.number - finding.expected, 0.0) * side


def candidates(findings: Sequence[Finding]) -> list[Finding]:
    """Dissimilarity of each large enough group against the rest, at its newest date."""
    rows = [
        f
        for f in findings
        if f.measure == "dissimilarity"
        and f.versus == "rest"
        and f.scope == "city"
        and f.defined
        and f.excess is not None
        and f.excess > 0
        and f.n_group >= max(LEAST_MEMBERS, LEAST_SHARE * f.n_people)
        and f.sd is not None
        and f.expected is not None
        and f.number - f.expected > 2 * f.sd
        and f.excess >= LEAST_EXCESS
    ]
    newest: dict[str, str] = {}
    for f in rows:
        newest[f.dimension] = max(newest.get(f.dimension, ""), f.date)
    rows = [f for f in rows if f.date == newest[f.dimension]]
    return [f for f in rows if _news(f, rows) and not _said_before(f, rows)]


def _said_before(finding: Finding, rows: Sequence[Finding]) -> bool:
    """True when another row says the same: the same people, or everyone but them.

    Of a group and its complement the smaller one is kept, of two names for the same
    people the first.
    """
    for other in rows:
        if other is finding or other.n_people != finding.n_people or other.date != finding.date:
            continue
        if abs(other.number - finding.number) > 1e-12:
            continue
        if other.n_group == finding.n_group and rows.index(other) < rows.index(finding):
            return True
        # weighted counts are rounded: the two may miss the whole by one
        together = abs(other.n_group + finding.n_group - finding.n_people) <= 1
        if together and other.n_group < finding.n_group:
            return True
    return False


def _news(finding: Finding, rows: Sequence[Finding]) -> bool:
    parts = Group.parse(finding.group).parts
    if len(parts) < 2:
        return True
    singles = [f for f in rows if f.group in {str(Group((p,))) for p in parts}]
    return all((finding.excess or 0) > CROSSING_GAIN * (s.excess or 0) for s in singles)


def headlines(findings: Sequence[Finding], names: Names) -> tuple[tuple[Finding, ...], dict[int, str]]:
    """Pick what to read first, and say why each is there.

    Returns
    -------
    (findings, reasons)
        First those that concern most people, then those that are most apart, then what changed.
    """
    rows = candidates(findings)
    by_people = sorted(rows, key=lambda f: (-moves_beyond_chance(f), f.group))
    by_excess = sorted(rows, key=lambda f: (-(f.excess or 0), f.group))
    chosen: list[Finding] = []
    reasons: dict[int, str] = {}

    def take(ranked: Sequence[Finding], most: int, why: Callable[[Finding, int, int], str]) -> None:
        taken = 0
        for place, finding in enumerate(ranked, start=1):
            same = sum(f.dimension == finding.dimension and f.measure == finding.measure for f in chosen)
            if taken == most:
                break
            if finding not in chosen and same < PER_DIMENSION:
                reasons[len(chosen)] = why(finding, place, len(ranked))
                chosen.append(finding)
                taken += 1

    take(by_people, MOST_PEOPLE, _why_people)
    take(by_excess, MOST_APART, _why_apart)
    take(changed(findings), MOST_CHANGED, _why_changed)
    return tuple(chosen), reasons


def changed(findings: Sequence[Finding]) -> list[Finding]:
    """Changes of dissimilarity of single groups beyond doubt, those of most people first."""
    rows = [
        f
        for f in findings
        if f.measure == "dissimilarity_change"
        and f.versus == "rest"
        and " × " not in f.dimension
        and f.defined
        and abs(f.number) >= LEAST_CHANGE
        and f.n_group >= max(LEAST_MEMBERS, LEAST_SHARE * f.n_people)
        and f.interval is not None
        and not f.interval[0] <= 0 <= f.interval[1]
    ]
    rows.sort(key=lambda f: (-abs(f.number) * min(f.n_group, f.n_people - f.n_group), f.group))
    first: dict[tuple[object, ...], Finding] = {}
    for f in rows:  # a group and everyone else change alike
        first.setdefault((f.dimension, round(f.number, 12)), f)
    return list(first.values())


def _why_people(finding: Finding, place: int, of: int) -> str:
    moves = moves_beyond_chance(finding)
    people = max(1, round(float(f"{moves:.{3 if moves >= 1000 else 2}g}")))  # no digits that nobody knows
    who = phrases("{n} person", "{n} people", people)
    if of == 1:
        return phrase("That is about {people} more than chance explains.", people=who)
    return phrase(
        "That is about {people} more than chance explains: number {place} of {count} by people concerned.",
        people=who,
        place=count(place),
        count=count(of),
    )


def _why_apart(finding: Finding, place: int, of: int) -> str:
    said = {
        "percent": percent(finding.excess),
        "people": phrases("{n} people", "{n} people", finding.n_group),
    }
    first = phrase(
        "It is the most separated group: {percent} of the way from chance to complete separation, "
        "for {people}.",
        **said,
    )
    later = phrase(
        "It is among the most separated groups not named yet: {percent} of the way from chance to complete "
        "separation, for {people}.",
        **said,
    )
    return first if place == 1 else later


def _why_changed(finding: Finding, place: int, of: int) -> str:
    if place == 1:
        return phrase("It is the change that concerns most people.")
    return phrase("It is another change that concerns most people.")
