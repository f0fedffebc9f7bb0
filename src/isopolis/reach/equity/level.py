"""How much access a group has: mean, median, percentile, share within a standard, gaps and ratios."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isopolis.explain import Citation, Explain
from isopolis.model import CallError

from ..measures.spec import EQUITY, equity
from .weighted import Masked, Settings, Weighted, masked

__all__ = [
    "best_off",
    "gap_to_best",
    "gap_to_everyone",
    "mean",
    "median",
    "percentile",
    "ratio_to_best",
    "ratio_to_everyone",
    "share_within",
]

PEREIRA = Citation(
    "Pereira, R. H. M. and Karner, A.", 2021, "Transportation equity",
    "International Encyclopedia of Transportation 1, 271-277",
)  # fmt: skip
KARNER = Citation(
    "Karner, A., Pereira, R. H. M. and Farber, S.", 2025, "Advances and pitfalls in measuring transportation "
    "equity", "Transportation 52, 1399-1427",
)  # fmt: skip
HYNDMAN = Citation(
    "Hyndman, R. J. and Fan, Y.", 1996, "Sample quantiles in statistical packages",
    "The American Statistician 50(4), 361-365", "definition 1",
)  # fmt: skip
AWAY = (
    "Whoever reaches nothing has no minutes and is left out of the mean. Read the share without any place "
    "beside it."
)
CHANGES = "Who is best off can change with the measure. A very small group is not taken as the best off."


@equity(
    "mean",
    symbol="m",
    family="level",
    unit="as access",
    better="as access",
    guaranteed=True,
    because="Everybody counts once, and it is what people expect of an average.",
    oracle="Belo Horizonte by income tenth, exact sums of whole numbers",
    explain=Explain(
        title="Mean access",
        one_line="How much access does a person of this group have on average?",
        low="A low value: little time on the way, or few places in reach.",
        high="A high value: much time on the way, or many places in reach.",
        ask_next=("How far apart are people within the group? Look at the median and the tenth worst off.",),
        pitfalls=(AWAY, "A few people with very much access lift the mean of all."),
        not_for="Do not use it alone to say that a group is well served.",
        example="A mean of 12 minutes may be half of the people at 4 minutes and half at 20.",
        citations=(PEREIRA,),
    ),
    laws=("order", "replication", "translation", "mean-when-equal", "monotone"),
    say="{group} have {value} on average.",
)  # fmt: skip
def mean(w: Weighted, asked: Settings) -> Masked:
    """(G,) mean over people who have a value."""
    return masked(w.mean, w.total > 0)


def _percentile(w: Weighted, percent: float) -> Masked:
    """Smallest value that so many percent of all people do not exceed; who reaches nothing comes last."""
    values, _, up_to = w.ordered
    target = percent / 100 * w.everybody
    # a rounding of the sum must not move to the next value
    target = target * (1 - 1e-12)
    out = np.zeros(len(target))
    for g in range(len(target) if len(values) else 0):
        out[g] = values[min(int(np.searchsorted(up_to[:, g], target[g], side="left")), len(values) - 1)]
    return masked(out, (w.total > 0) & (target <= w.total))


@equity(
    "median",
    symbol="md",
    family="level",
    unit="as access",
    better="as access",
    guaranteed=True,
    because="Half of the people have at most this, and those who reach nothing are counted too.",
    oracle="sorting one row for each person",
    explain=Explain(
        title="Median access",
        one_line="What access does the person in the middle of the group have?",
        low="A low value: half of the group has this or less.",
        high="A high value: half of the group has this or less, and that is much.",
        ask_next=("How do the tenth worst off fare?",),
        pitfalls=("It does not see how badly off the other half is.",),
        not_for="Do not add medians of groups to get the median of a city.",
        example="A median of 9 minutes means that half of the people are at most 9 minutes away.",
        citations=(HYNDMAN,),
    ),
    laws=("order", "replication", "translation", "mean-when-equal", "monotone"),
    say="Half of {group} have {value} or less.",
)  # fmt: skip
def median(w: Weighted, asked: Settings) -> Masked:
    """(G,) median over all people, those who reach nothing last; hidden where they are the majority."""
    return _percentile(w, 50.0)


@equity(
    "percentile",
    symbol="q",
    family="level",
    unit="as access",
    better="as access",
    guaranteed=True,
    because="The end of the list is where people are left behind.",
    oracle="sorting one row for each person",
    explain=Explain(
        title="Access at a percentile",
        one_line="Which value do so many of every hundred people of the group not exceed?",
        low="A low value: nearly all have this or less.",
        high="A high value: there is a part of the group far from the rest.",
        ask_next=("Where do the people beyond this value live?",),
        pitfalls=("In a small group the last tenth is a handful of people.",),
        not_for="Do not use it for groups of fewer than a hundred people.",
        example="A 90th percentile of 25 minutes: one in ten needs more than 25 minutes, or reaches none.",
        citations=(HYNDMAN,),
    ),
    laws=("order", "replication", "translation", "mean-when-equal", "monotone"),
    say="{percent} of {group} have {value} or less.",
)  # fmt: skip
def percentile(w: Weighted, asked: Settings) -> Masked:
    """(G,) percentile ``asked.percent`` over all people, those who reach nothing last."""
    return _percentile(w, asked.percent)


def within(w: Weighted, standard: float | None) -> npt.NDArray[np.bool_]:
    """(n,) True for values that meet the standard.

    Raises
    ------
    CallError
        If no standard is given.
    """
    if standard is None:
        raise CallError("name a standard: so many minutes, or so many places in reach")
    return np.asarray(w.values >= standard if w.better == "more" else w.values <= standard)


@equity(
    "share_within",
    symbol="s",
    family="level",
    unit="share",
    better="more",
    guaranteed=True,
    because="It can be written into a plan as a promise and checked at every door.",
    oracle="Belo Horizonte, share of people with no school in reach; a loop over people",
    explain=Explain(
        title="Share within the standard",
        one_line="What share of the group has the access that everybody should have?",
        low="Near 0 hardly anybody of the group has it.",
        high="At 1 everybody of the group has it.",
        ask_next=("Who set the standard, and for whose legs?", "How far from it are the others?"),
        pitfalls=("Someone just beyond the standard counts like someone who reaches nothing.",),
        not_for="Do not raise the share by helping only those who are nearly there.",
        example="A share of 0.8 means that 80 of every 100 people have a health centre within 15 minutes.",
        citations=(PEREIRA, KARNER),
    ),
    laws=("order", "replication", "monotone", "bounded"),
    say="{percent} of {group} have it within the standard.",
)  # fmt: skip
def share_within(w: Weighted, asked: Settings) -> Masked:
    """(G,) share of all people within ``asked.standard``, included; who reaches nothing is not within."""
    inside = within(w, asked.standard).astype(np.float64) @ w.people
    everybody = w.everybody
    return masked(np.divide(inside, everybody, out=np.zeros(len(inside)), where=everybody > 0), everybody > 0)


def _level(w: Weighted, asked: Settings) -> tuple[Masked, bool]:
    """Return the level that gaps compare, and whether more of it is better."""
    spec = EQUITY[asked.level]
    if spec.family != "level" and asked.level != "kolm_pollak_ede":
        raise CallError(f'gaps compare levels: "{asked.level}" is none; mean, median or share_within are')
    more = spec.better == "more" or (spec.better == "as access" and w.better == "more")
    return spec.kernel(w, asked), more


def best_off(w: Weighted, asked: Settings) -> int | None:
    """Return the column of the best-off group, None where no group has a level."""
    if asked.best is not None:
        return asked.best
    level, more = _level(w, asked)
    may = ~np.ma.getmaskarray(level)
    if asked.candidates is not None:
        may &= asked.candidates
    if not may.any():
        return None
    ranked = np.where(may, level.data, -np.inf if more else np.inf)
    return int(ranked.argmax() if more else ranked.argmin())


def _gap(w: Weighted, asked: Settings, to: int | None, ratio: bool) -> Masked:
    level, more = _level(w, asked)
    hidden = np.ma.getmaskarray(level)
    if to is None or hidden[to]:
        return masked(np.zeros(len(level)), np.zeros(len(level), dtype=np.bool_))
    if ratio:
        known = ~hidden & (level.data[to] != 0)
        return masked(level.data / (level.data[to] or 1.0), known)
    gap = level.data[to] - level.data
    return masked(gap if more else -gap, ~hidden)


def _words(title: str, to: str) -> Explain:
    return Explain(
        title=title,
        one_line=f"How does the access of this group compare with that of {to}?",
        low="Near 0 for a gap, or 1 for a ratio, the two have the same.",
        high="Far from it, one of them has much more than the other.",
        ask_next=(
            "Is the gap a matter of where people live, how they move, or whom the service admits?",
            "Is the gap larger than what the counts and the map leave open?",
        ),
        pitfalls=(CHANGES, AWAY),
        not_for="Do not close a gap by making the better off worse off.",
        example="A gap of 7 minutes: the group needs 7 minutes more on the way, on average.",
        citations=(KARNER, PEREIRA),
    )


@equity(
    "gap_to_best",
    symbol="gap",
    family="gap",
    unit="as access",
    better="less",
    because="It is said in minutes or places, and names whom the group is compared with.",
    oracle="the difference of two means by hand",
    explain=_words("Gap to the best-off group", "the group that is best off"),
    laws=("order", "replication", "shift-free", "zero-when-equal"),
    say="{group} have {value} less good access than {best}.",
)  # fmt: skip
def gap_to_best(w: Weighted, asked: Settings) -> Masked:
    """(G,) how much worse the level is than that of the best-off group; in the unit of the level, >= 0."""
    return _gap(w, asked, best_off(w, asked), ratio=False)


@equity(
    "ratio_to_best",
    symbol="ratio",
    family="gap",
    unit="ratio",
    better="even",
    because="It compares cities and services of different size; read it beside the gap.",
    oracle="the ratio of two means by hand",
    explain=_words("Ratio to the best-off group", "the group that is best off"),
    laws=("order", "replication", "scale"),
    say="{group} have {value} times the access of {best}.",
)  # fmt: skip
def ratio_to_best(w: Weighted, asked: Settings) -> Masked:
    """(G,) level over the level of the best-off group; hidden where that is 0."""
    return _gap(w, asked, best_off(w, asked), ratio=True)


@equity(
    "gap_to_everyone",
    symbol="gap(all)",
    family="gap",
    unit="as access",
    better="less",
    because="Everyone is a mark that no small group can shift.",
    oracle="the difference of two means by hand",
    explain=_words("Gap to everyone", "everyone"),
    laws=("order", "replication", "shift-free", "zero-when-equal"),
    say="{group} have {value} less good access than everyone.",
)  # fmt: skip
def gap_to_everyone(w: Weighted, asked: Settings) -> Masked:
    """(G,) how much worse the level is than everyone's; below 0 where it is better."""
    return _gap(w, asked, asked.everyone, ratio=False)


@equity(
    "ratio_to_everyone",
    symbol="ratio(all)",
    family="gap",
    unit="ratio",
    better="even",
    because="It compares cities and services of different size; read it beside the gap.",
    oracle="the ratio of two means by hand",
    explain=_words("Ratio to everyone", "everyone"),
    laws=("order", "replication", "scale"),
    say="{group} have {value} times the access of everyone.",
)  # fmt: skip
def ratio_to_everyone(w: Weighted, asked: Settings) -> Masked:
    """(G,) level over everyone's level; hidden where that is 0."""
    return _gap(w, asked, asked.everyone, ratio=True)
