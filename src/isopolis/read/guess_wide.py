"""Which columns of a wide table form which dimension."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from .choose import choose
from .config import CrossingConfig, DimensionConfig
from .draft import Draft
from .labels import universe_without, written_out
from .not_people import is_total, universe_of
from .profile import Look, Looks
from .relations import find_partitions, near_partition, shares
from .vocabulary import known_dimension, words

__all__ = ["WideGuess", "guess_wide"]

Floats = npt.NDArray[np.float64]

NOT_COUNTS = ("share", "place", "area", "money", "thing", "code", "time", "level")


@dataclass(frozen=True, slots=True)
class WideGuess:
    """What the columns of a wide table seem to be.

    `reasons` says why, by name of dimension (and ``total``); `left_out` are
    columns that may be people and fit nowhere, with the reason.
    """

    total: str
    dimensions: tuple[DimensionConfig, ...]
    crossings: tuple[CrossingConfig, ...] = ()
    context: tuple[str, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)


def guess_wide(looks: Looks, values: dict[str, Floats], skip: Sequence[str], file: str) -> WideGuess:
    """Guess the dimensions of a wide table.

    Parameters
    ----------
    looks : Looks
        Of one table.
    values : mapping of str to (n,) array
        Numbers by column, of this table and of its sisters at other dates
        below each other, so that all dates get the same dimensions.
    skip : sequence of str
        Columns that are ids, names, dates or parents.
    file : str
        Its name may say who is counted.
    """
    people = [n for n, look in looks.columns.items() if n not in skip and _may_count(look)]
    table, names = _complete(people, values)
    draft = Draft(names, table, universe_of([file]))
    _by_sums(draft)
    _by_shares(draft, looks, values, skip)
    if draft.total < 0:
        _find_total(draft)
    _nearly(draft)
    _families(draft)
    if not draft.dimensions:
        _without_sums(draft, looks, skip)
    if draft.total < 0 and not draft.dimensions and looks.nameless:
        _largest(draft)
    return _finish(draft, looks, skip)


def _may_count(look: Look) -> bool:
    return look.counts and not look.dates and look.purpose not in NOT_COUNTS


def _complete(people: Sequence[str], values: dict[str, Floats]) -> tuple[Floats, list[str]]:
    """Rows in which every column has a number; columns with many gaps are left out first."""
    rows = len(next(iter(values.values()))) if values else 0
    names = [n for n in people if np.isfinite(values[n]).mean() >= 0.9]
    if not names:
        return np.zeros((rows, 0)), []
    table = np.column_stack([values[n] for n in names])
    good = np.isfinite(table).all(axis=1) & (table >= 0).all(axis=1)
    return table[good], names


def _by_sums(draft: Draft) -> None:
    chosen = choose(draft.table, draft.names, find_partitions(draft.table))
    roots = list(dict.fromkeys(p.total for p in chosen.partitions if p.total >= 0))
    if roots:
        draft.total = roots[0]
        draft.reasons["total"] = "the largest column to which others add up"
    made = {}
    for p in chosen.partitions:
        if p.total >= 0:
            heading = draft.names[p.total]
            own = "" if p.total == draft.total else written_out(heading)
            why = f'{_list(draft, p.parts)} add up to "{heading}" in every row or nearly so'
            made[p] = draft.add(p.parts, why, heading, universe=own)
            draft.used.add(p.total)
        else:
            made[p] = draft.add(
                p.parts, f"{_list(draft, p.parts)} have the same sum in every row as other sets of columns"
            )
    for c in chosen.crossings:
        across, within = made[c.across], made[c.within]
        columns = {draft.names[w]: draft.names[q] for w, q in zip(c.across.parts, c.inside, strict=True)}
        columns = {k: columns[k] for k in across.columns}
        draft.crossings.append(CrossingConfig((within.name, draft.names[c.part]), across.name, columns))
        draft.used |= set(c.inside)


def _list(draft: Draft, parts: Sequence[int]) -> str:
    names = [draft.names[i] for i in parts]
    return (
        " + ".join(names)
        if len(names) <= 4
        else f"{len(names)} columns ({names[0]}, {names[1]} … {names[-1]})"
    )


def _by_shares(draft: Draft, looks: Looks, values: dict[str, Floats], skip: Sequence[str]) -> None:
    """A stored percentage shows that one column is a part of another: a group against the rest."""
    numeric = [n for n, look in looks.columns.items() if n not in skip and look.counts and not look.dates]
    table, names = _complete(numeric, values)
    if not names or len(names) > 40 or not len(table):
        return
    index = {n: i for i, n in enumerate(draft.names)}
    found = shares(table)
    parts = [names[p] for _, p, _ in found]
    # from the largest whole down, so that the total of the table comes first
    for share, part, whole in sorted(found, key=lambda f: -float(table[:, f[2]].sum())):
        if names[part] not in index or names[whole] not in index or index[names[part]] in draft.used:
            continue
        i, t = index[names[part]], index[names[whole]]
        if names[whole] not in parts and draft.total < 0:
            draft.total = t
            draft.reasons["total"] = f'"{names[share]}" is "{names[part]}" as a share of it'
        own = "" if t == draft.total else names[whole]
        more = [w for w in words(names[part]) if w not in words(names[whole])]
        draft.add(
            (i,),
            f'"{names[share]}" is its share of "{names[whole]}", so it is a part of it',
            names[whole],
            complement=_rest_of(names[part]),
            universe=" ".join(words(own)),
            hint=" ".join(more),
        )


def _rest_of(name: str) -> str:
    return f"not_{name}" if words(name) else "other"


def _find_total(draft: Draft) -> None:
    named = [i for i, n in enumerate(draft.names) if is_total(n)]
    if named:
        draft.total = max(named, key=lambda i: float(draft.table[:, i].sum()))
        draft.reasons["total"] = "its heading says so"


def _largest(draft: Draft) -> None:
    whole = [i for i in range(len(draft.names)) if (draft.table[:, i] == np.round(draft.table[:, i])).all()]
    if whole:
        draft.total = max(whole, key=lambda i: float(draft.table[:, i].sum()))
        draft.reasons["total"] = (
            "a weak guess: the whole numbers with the largest sum; the headings say nothing"
        )


def _nearly(draft: Draft) -> None:
    """Left-over columns that closely follow everyone, or everyone but a category: a universe of its own."""
    if draft.total < 0:
        return
    outside = [i for i in range(len(draft.names)) if i not in draft.used and i != draft.total]
    left = [i for i in outside if _is_whole(draft.table[:, i]) and not _like_code(draft.table[:, i])]
    everyone = draft.table[:, draft.total]
    index = {n: i for i, n in enumerate(draft.names)}
    parts = [
        index[c]
        for d in draft.dimensions
        if d.total == draft.names[draft.total] and not d.complement
        for c in d.columns
    ]
    targets = np.column_stack([everyone, *(everyone - draft.table[:, i] for i in parts)])
    found = near_partition(draft.table[:, left], targets)
    if found:
        chosen, target = [left[k] for k in found[0]], found[1]
        whom = draft.names[draft.total] + (f" less {draft.names[parts[target - 1]]}" if target else "")
        draft.add(
            chosen,
            f"{_list(draft, chosen)} add up to nearly {whom} everywhere",
            universe=_own_universe(draft, parts, target),
        )


def _own_universe(draft: Draft, parts: Sequence[int], target: int) -> str:
    if not target:
        return f"{draft.universe} with a known answer"
    category = draft.names[parts[target - 1]]
    of = next(d for d in draft.dimensions if category in d.columns)
    return universe_without(draft.universe, category, of.columns, of.labels)


def _is_whole(column: Floats) -> bool:
    return bool((column == np.round(column)).all())


def _like_code(column: Floats) -> bool:
    """True for 1, 2 … k, each more than once: numbers of districts or classes, not of people."""
    distinct = np.unique(column)
    repeats = 0 < len(distinct) <= len(column) / 2
    return repeats and bool(distinct[0] >= 1 and distinct[-1] == len(distinct))


def _families(draft: Draft) -> None:
    """Left-over columns that share a known word: a dimension when they add up to everyone within a tenth."""
    if draft.total < 0:
        return
    families: dict[str, list[int]] = {}
    for i, name in enumerate(draft.names):
        word = known_dimension([name])
        if i not in draft.used and i != draft.total and word:
            families.setdefault(word.name, []).append(i)
    taken = {d.name for d in draft.dimensions}
    everyone = draft.table[:, draft.total]
    for name, parts in families.items():
        if len(parts) < 2 or name in taken or not everyone.sum():
            continue
        gap = np.abs(draft.table[:, parts].sum(axis=1) - everyone).sum() / everyone.sum()
        if gap <= 0.1:
            near = gap <= 0.04
            draft.add(
                parts,
                f"the headings of {_list(draft, parts)} are alike, and they add up to {1 - gap:.0%} of "
                f"everyone or so",
                draft.names[draft.total] if near else "",
                universe="" if near else f"{draft.universe} with a known answer",
            )
    _one_against_rest(draft)


def _one_against_rest(draft: Draft) -> None:
    """A single column of a known group, where nothing else is a dimension."""
    if draft.dimensions:
        return
    everyone = draft.table[:, draft.total]
    for i, name in enumerate(draft.names):
        word = known_dimension([name])
        if i == draft.total or not word or word.name in {d.name for d in draft.dimensions}:
            continue
        if len(draft.table) and (draft.table[:, i] <= everyone * (1 + 1e-9)).all():
            draft.add(
                (i,),
                f'"{name}" is never more than "{draft.names[draft.total]}"',
                draft.names[draft.total],
                _rest_of(name),
            )


def _without_sums(draft: Draft, looks: Looks, skip: Sequence[str]) -> None:
    """No total and no sums: both sexes by name, or a table of nothing but columns of one kind."""
    if draft.total >= 0 or not draft.names:
        return
    sexes = [i for i, n in enumerate(draft.names) if (w := known_dimension([n])) and w.name == "sex"]
    if len(sexes) == 2:
        draft.add(
            sexes, f"the headings of {_list(draft, sexes)} name both sexes; there is no column for everyone"
        )
        return
    others = [
        n
        for n, look in looks.columns.items()
        if look.numeric and n not in skip and n not in draft.names and not look.dates
    ]
    m = len(draft.names)
    if others or not 2 <= m <= 12 or len(draft.table) < 8:
        return
    alike = np.corrcoef(draft.table.T)
    sums = draft.table.sum(axis=0)
    same_kind = len({_is_whole(draft.table[:, i]) for i in range(m)}) == 1
    if np.nan_to_num(alike).min() >= 0.8 and sums.max() <= 100 * sums.min() and same_kind:
        draft.add(
            range(m),
            "a weak guess: the table has no other numbers, and these rise and fall together from zone to "
            "zone",
        )


def _finish(draft: Draft, looks: Looks, skip: Sequence[str]) -> WideGuess:
    total = draft.names[draft.total] if draft.total >= 0 else ""
    used = {draft.names[i] for i in draft.used} | {total}
    context, left_out = [], {}
    for name, look in looks.columns.items():
        if name in used or name in skip or not look.numeric or look.dates:
            continue
        if look.purpose in ("code", "place", "time"):
            continue
        if look.purpose or not look.whole or not look.counts:
            context.append(name)
        else:
            left_out[name] = "adds up with no other column"
    return WideGuess(
        total, tuple(draft.dimensions), tuple(draft.crossings), tuple(context), left_out, draft.reasons
    )
