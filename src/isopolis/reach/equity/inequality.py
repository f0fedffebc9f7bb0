"""How unequally access is spread over people: Gini, Theil, Atkinson, Kolm and Pollak."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.explain import Citation, Explain
from isopolis.model import CallError

from ..measures.spec import equity
from .weighted import Masked, Settings, Weighted, masked

__all__ = [
    "TheilParts",
    "atkinson",
    "gini",
    "kappa_of",
    "kolm_pollak_ede",
    "kolm_pollak_index",
    "theil",
    "theil_parts",
]

Floats = npt.NDArray[np.float64]

GINI = Citation(
    "Lerman, R. I. and Yitzhaki, S.", 1989,
    "Improving the accuracy of estimates of Gini coefficients", "Journal of Econometrics 42(1), 43-47",
)  # fmt: skip
DELBOSC = Citation(
    "Delbosc, A. and Currie, G.", 2011, "Using Lorenz curves to assess public transport equity",
    "Journal of Transport Geography 19(6), 1252-1259",
)  # fmt: skip
THEIL = Citation("Theil, H.", 1967, "Economics and Information Theory", "North-Holland", "chapter 4")
SHORROCKS = Citation(
    "Shorrocks, A. F.", 1980, "The class of additively decomposable inequality measures",
    "Econometrica 48(3), 613-625",
)  # fmt: skip
ATKINSON = Citation(
    "Atkinson, A. B.", 1970, "On the measurement of inequality", "Journal of Economic Theory 2(3), 244-263",
)  # fmt: skip
SHERIFF = Citation(
    "Sheriff, G. and Maguire, K. B.", 2020, "Health risk, inequality indexes, and environmental justice",
    "Risk Analysis 40(12), 2661-2674", "eqs. 6 to 9",
)  # fmt: skip
LOGAN = Citation(
    "Logan, T. M., Anderson, M. J., Williams, T. G. and Conrow, L.", 2021,
    "Measuring inequalities in urban systems: An approach for evaluating the distribution of amenities and "
    "burdens", "Computers, Environment and Urban Systems 86, 101590",
)  # fmt: skip
ONLY_REACH = "People who reach nothing within the time have no minutes and are left out. Name them beside it."


def _with_mean(w: Weighted) -> tuple[Floats, npt.NDArray[np.bool_]]:
    mean = w.mean
    return mean, (w.total > 0) & (mean > 0)


@equity(
    "gini",
    symbol="G",
    family="inequality",
    unit="share",
    because="It is known everywhere; read it beside the level, for all may be equally badly off.",
    oracle="the sum over all pairs of people by a loop; hand values",
    peers=("R accessibility gini_index", "inequalipy gini"),
    explain=Explain(
        title="Gini index of access",
        one_line="How different is the access of two people taken at random?",
        low="At 0 everybody has the same access.",
        high="Near 1 a few people have nearly all of it.",
        ask_next=("Does the inequality run between groups, or within each of them?",),
        pitfalls=(
            "It does not say who is worse off. A city that favours the poor can have the same value.",
            "It moves most when people in the middle change places.",
            ONLY_REACH,
        ),
        not_for="Do not aim at a Gini: taking access from the better off lowers it too.",
        example="When one half of people reach 1 clinic and the other half 3, the value is 0.25.",
        citations=(GINI, DELBOSC),
    ),
    laws=("order", "replication", "scale", "transfer", "zero-when-equal", "bounded"),
    say="The Gini index of access among {group} is {value}.",
)  # fmt: skip
def gini(w: Weighted, asked: Settings) -> Masked:
    r"""(G,) :math:`\sum_{ij} p_i p_j |y_i - y_j| / (2 N^2 \bar y)`; hidden where the mean is 0."""
    values, people, up_to = w.ordered
    sums = values @ people
    # people below, plus half of one's own, turn the sum over pairs into one over people
    ranked = values @ (people * (up_to - 0.5 * people))
    known = (w.total > 0) & (sums > 0)
    bottom = np.where(known, w.total * sums, 1.0)
    return masked(np.clip(2 * ranked / bottom - 1, 0.0, 1.0), known)


@equity(
    "theil",
    symbol="T",
    family="inequality",
    unit="nats",
    because="It is the one that falls exactly into a part between groups and a part within them.",
    oracle="a loop over people; hand values; the sum of its parts",
    peers=("R accessibility theil_t", "inequalipy"),
    explain=Explain(
        title="Theil index of access (T)",
        one_line="How unequally is access spread, in a way that splits into between and within groups?",
        low="At 0 everybody has the same access.",
        high="A high value: few people hold much of it.",
        ask_next=("Which part lies between groups? It is the part that the groups explain.",),
        pitfalls=(
            "The part between groups grows with the number of groups that one makes.",
            "Its largest value depends on how many people there are.",
            ONLY_REACH,
        ),
        not_for="Do not compare values of tables with different groups.",
        example="When one half of people reach 1 clinic and the other half 3, the value is 0.13.",
        citations=(THEIL, SHORROCKS),
    ),
    laws=("order", "replication", "scale", "transfer", "zero-when-equal"),
    say="The Theil index of access among {group} is {value}.",
)  # fmt: skip
def theil(w: Weighted, asked: Settings) -> Masked:
    r"""(G,) :math:`\frac1N \sum_i p_i (y_i/\bar y) \ln(y_i/\bar y)`; hidden where the mean is 0."""
    _, known = _with_mean(w)
    top = float(w.values.max(initial=0.0))
    # in shares of the largest value, so that no number is out of proportion
    y = w.values / top if top > 0 else w.values
    mean = w.mean_of(y)
    safe = np.where(known, mean, 1.0)
    return masked(np.maximum(w.mean_of(_y_log_y(y)) / safe - np.log(safe), 0.0), known)


def _y_log_y(y: Floats) -> Floats:
    return y * np.log(np.where(y > 0, y, 1.0))


@dataclass(frozen=True, slots=True, eq=False)
class TheilParts:
    """Theil's T of everyone, split by groups that share nobody and together are everyone.

    Parameters
    ----------
    total, between, within : float
        ``total == between + within``.
    each_between, each_within : (G,) arrays
        What each group adds to the parts; the first may be below 0.
    """

    total: float
    between: float
    within: float
    each_between: Floats
    each_within: Floats


def theil_parts(w: Weighted) -> TheilParts | None:
    """Split Theil's T by the columns of `w`, which must share nobody; None where the mean is 0.

    References
    ----------
    Theil (1967), chapter 4; Shorrocks (1980).
    """
    mean, known = _with_mean(w)
    people = float(w.total.sum())
    overall = float((w.total * mean).sum()) / people if people > 0 else 0.0
    if overall <= 0:
        return None
    share = np.where(known, w.total * mean / (people * overall), 0.0)
    each = theil(w, Settings()).filled(0.0)
    between = share * np.log(np.where(known, mean, overall) / overall)
    inside = share * each
    return TheilParts(
        float(between.sum() + inside.sum()), float(between.sum()), float(inside.sum()), between, inside
    )


@equity(
    "atkinson",
    symbol="A",
    family="inequality",
    unit="share",
    because="It names its aversion to inequality, and can be read as access given away by inequality.",
    oracle="hand values at aversion 0.5, 1 and 2; a loop over people",
    peers=("inequalipy atkinson",),
    explain=Explain(
        title="Atkinson index of access",
        one_line="What share of all access could be given up if the rest were spread evenly?",
        low="At 0 everybody has the same access.",
        high="Near 1 nearly all access is worth nothing, because the worst off have so little.",
        ask_next=("Does the order of groups stay with a lower and a higher aversion?",),
        pitfalls=(
            "Its aversion to inequality is a choice, and has to be said.",
            "With an aversion of 1 or more, one person who reaches nothing makes the value 1.",
        ),
        not_for="Do not use it for minutes: it is made for what is good. Kolm and Pollak is for both.",
        example="With 1 and 4 clinics for two halves and aversion 1, the value is 0.2.",
        citations=(ATKINSON,),
    ),
    laws=("order", "replication", "scale", "transfer", "zero-when-equal", "bounded"),
    say="Inequality among {group} is worth {percent} of their access.",
)  # fmt: skip
def atkinson(w: Weighted, asked: Settings) -> Masked:
    """(G,) Atkinson index with aversion ``asked.epsilon``; hidden for times and where the mean is 0.

    Raises
    ------
    CallError
        If the aversion is not above 0.
    """
    epsilon = asked.epsilon
    if not (np.isfinite(epsilon) and epsilon > 0):
        raise CallError("aversion to inequality is a number above 0")
    mean, known = _with_mean(w)
    if w.better == "less":
        return masked(mean, np.zeros(len(mean), dtype=np.bool_))
    top = float(w.values.max(initial=0.0))
    y = w.values / (top or 1.0)
    some = y > 0
    nothing = (~some).astype(np.float64) @ w.people > 0
    if epsilon == 1:
        ede = np.exp(w.mean_of(np.log(np.where(some, y, 1.0))))
    else:
        power = np.where(some, np.where(some, y, 1.0) ** (1 - epsilon), 0.0)
        mean_power = w.mean_of(power)
        ede = np.where(mean_power > 0, np.where(mean_power > 0, mean_power, 1.0) ** (1 / (1 - epsilon)), 0.0)
    if epsilon >= 1:
        ede = np.where(nothing, 0.0, ede)
    scaled = np.where(known, mean / (top or 1.0), 1.0)
    return masked(np.clip(1 - ede / scaled, 0.0, 1.0), known)


def kappa_of(w: Weighted, epsilon: float, column: int = -1) -> float | None:
    r"""Aversion of Kolm and Pollak per unit of access that goes with an aversion of Atkinson's kind.

    :math:`\kappa = \epsilon \sum y / \sum y^2` over everyone, above 0 for what is good and below 0 for
    what is bad. One kappa must serve all groups that are compared. None where all values are 0.

    Raises
    ------
    CallError
        If the aversion is not above 0.

    References
    ----------
    Sheriff and Maguire (2020); Logan et al. (2021).
    """
    if not (np.isfinite(epsilon) and epsilon > 0):
        raise CallError("aversion to inequality is a number above 0")
    people = w.people[:, column]
    squares = float(people @ w.values**2)
    if squares <= 0:
        return None
    size = epsilon * float(people @ w.values) / squares
    return size if w.better == "more" else -size


def _ede(w: Weighted, asked: Settings) -> tuple[Floats, npt.NDArray[np.bool_]]:
    kappa = asked.kappa if asked.kappa is not None else kappa_of(w, asked.epsilon, asked.everyone)
    known = w.total > 0
    if kappa is None:  # everybody has 0
        return w.mean, known
    if not np.isfinite(kappa) or kappa == 0 or (kappa > 0) != (w.better == "more"):
        raise CallError("kappa is above 0 where more access is better, and below 0 where less is")
    power = -kappa * w.values
    shift = float(power.max(initial=-np.inf)) if len(power) else 0.0
    sums = w.mean_of(np.exp(power - shift)) if len(power) else np.zeros(len(w.total))
    out = -(np.log(np.where(sums > 1e-200, sums, 1.0)) + shift) / kappa
    for g in np.flatnonzero(known & (sums <= 1e-200)):
        # a group far from the extreme of all has its own
        mine = w.people[:, g] > 0
        own = float(power[mine].max())
        mean = float((w.people[mine, g] * np.exp(power[mine] - own)).sum() / w.total[g])
        out[g] = -(np.log(mean) + own) / kappa
    return np.where(known, out, 0.0), known


@equity(
    "kolm_pollak_ede",
    symbol="EDE",
    family="inequality",
    unit="as access",
    better="as access",
    guaranteed=True,
    because="One number in minutes or places for level and inequality, for what is good and what is bad.",
    oracle="hand values with ln 2; a loop over people; published laws of Sheriff and Maguire",
    peers=("inequalipy kolmpollak_ede", "kolmpollak-R"),
    explain=Explain(
        title="Equally distributed equivalent (Kolm and Pollak)",
        one_line="Which access, the same for everybody, would be as good as what there is?",
        low="A low value: few minutes for all, or little in reach and unequally so.",
        high="A high value: much in reach for all, or many minutes and unequally so.",
        ask_next=("How far is it from the mean? That distance is the price of inequality.",),
        pitfalls=(
            "Its aversion to inequality is a choice, and has to be said.",
            "Compare groups only with one and the same aversion per minute or place.",
            ONLY_REACH,
        ),
        not_for="Do not compare values of different services: their minutes are not worth the same.",
        example="A mean of 12 minutes with an equivalent of 15: inequality is as bad as 3 minutes for all.",
        citations=(SHERIFF, LOGAN),
    ),
    laws=("order", "replication", "translation", "mean-when-equal", "averse", "monotone"),
    say="The access of {group} is worth {value} for everybody alike.",
)  # fmt: skip
def kolm_pollak_ede(w: Weighted, asked: Settings) -> Masked:
    r"""(G,) :math:`-\frac1\kappa \ln \frac1N \sum_i p_i e^{-\kappa y_i}`, in the unit of access.

    Raises
    ------
    CallError
        If kappa has the wrong sign, or the aversion is not above 0.
    """
    return masked(*_ede(w, asked))


@equity(
    "kolm_pollak_index",
    symbol="K",
    family="inequality",
    unit="as access",
    because="It is the price of inequality in minutes or places, and does not fall when all get worse.",
    oracle="the distance of the equivalent from the mean",
    peers=("inequalipy kolmpollak_index",),
    explain=Explain(
        title="Price of inequality (Kolm and Pollak)",
        one_line="How many minutes or places is the inequality worth to everybody?",
        low="At 0 everybody has the same access.",
        high="A high value: spreading the same access evenly would be worth much.",
        ask_next=("Does the order of groups stay with a lower and a higher aversion?",),
        pitfalls=("Its aversion to inequality is a choice, and has to be said.", ONLY_REACH),
        not_for="Do not compare values of different services: their minutes are not worth the same.",
        example="A value of 3 minutes: everybody would give 3 minutes to have the rest spread evenly.",
        citations=(SHERIFF,),
    ),
    laws=("order", "replication", "shift-free", "transfer", "zero-when-equal"),
    say="Inequality among {group} is worth {value} to everybody.",
)  # fmt: skip
def kolm_pollak_index(w: Weighted, asked: Settings) -> Masked:
    """(G,) distance of the equivalent from the mean, >= 0; see `kolm_pollak_ede` for errors."""
    ede, known = _ede(w, asked)
    return masked(np.maximum(np.abs(w.mean - ede), 0.0), known)
