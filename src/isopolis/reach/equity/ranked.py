"""Access along a ranking of people, poor to rich: Palma ratio and concentration indices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.explain import Citation, Explain
from isopolis.model import CallError

from ..measures.spec import equity
from .weighted import Masked, Settings, Weighted, masked

__all__ = ["concentration", "erreygers", "palma", "palma_between", "wagstaff"]

Floats = npt.NDArray[np.float64]

PALMA = Citation(
    "Palma, J. G.", 2011, "Homogeneous middles vs. heterogeneous tails, and the end of the 'inverted-U'",
    "Development and Change 42(1), 87-153",
)  # fmt: skip
HERSZENHUT = Citation(
    "Herszenhut, D., Pereira, R. H. M., Portugal, L. S. and Oliveira, M. H. S.", 2022,
    "The impact of transit monetary costs on transport inequality",
    "Journal of Transport Geography 99, 103309",
)  # fmt: skip
KAKWANI = Citation(
    "Kakwani, N., Wagstaff, A. and van Doorslaer, E.", 1997,
    "Socioeconomic inequalities in health: Measurement, computation, and statistical inference",
    "Journal of Econometrics 77(1), 87-103",
)  # fmt: skip
WAGSTAFF = Citation(
    "Wagstaff, A.", 2005, "The bounds of the concentration index when the variable of interest is binary, "
    "with an application to immunization inequality", "Health Economics 14(4), 429-432",
)  # fmt: skip
ERREYGERS = Citation(
    "Erreygers, G.", 2009, "Correcting the concentration index", "Journal of Health Economics 28(2), 504-515",
)  # fmt: skip
ZONES_RANKED = "People are ranked by the income of their zone. Poor people in rich zones count as rich."


@dataclass(frozen=True, slots=True, eq=False)
class _Along:
    """People along a ranking, as tables to multiply values with: they do not depend on the values.

    (G,) people whose rank is known; (n, G) people, people times the people before them, people among the
    poorest four tenths, people in the richest tenth.
    """

    total: Floats
    people: Floats
    before: Floats
    poor: Floats
    rich: Floats


def _along(w: Weighted, rank: Floats | None) -> _Along:
    """Put people along a ranking; those of one rank stand together, those without are left out."""
    if rank is None:
        raise CallError("name what people are ranked by: income, or another order of zones")
    kept = w.shared.get("rank")
    if kept is not None and kept[0] is rank:
        return kept[1]  # type: ignore[no-any-return]
    given = np.asarray(rank, dtype=np.float64)
    if given.shape != (w.origins,):
        raise CallError(f"give a rank for each of the {w.origins} origins, or say that it is not known")
    mine = given[w.at]
    known = np.isfinite(mine)
    people = np.where(known[:, None], w.people, 0.0)
    levels, block = np.unique(np.where(known, mine, -np.inf), return_inverse=True)
    size = np.empty((len(levels), people.shape[1]))
    for g in range(people.shape[1]):
        size[:, g] = np.bincount(block, people[:, g], len(levels))
    total, up_to = size.sum(axis=0), np.cumsum(size, axis=0)
    safe = np.where(size > 0, size, 1.0)
    poor = np.where(size > 0, np.clip((0.4 * total - (up_to - size)) / safe, 0, 1), 0.0)
    rich = np.where(size > 0, np.clip((up_to - 0.9 * total) / safe, 0, 1), 0.0)
    middle = (up_to - size / 2)[block]
    found = _Along(total, people, people * middle, people * poor[block], people * rich[block])
    w.shared["rank"] = (rank, found)
    return found


def _over(top: Floats, bottom: Floats, known: npt.NDArray[np.bool_]) -> Floats:
    return np.divide(top, bottom, out=np.zeros(len(top)), where=known)


@equity(
    "palma",
    symbol="P",
    family="gap",
    unit="ratio",
    because="It compares the two ends that differ most, and can be said in one sentence.",
    oracle="one row for each person, sorted and cut at 40 and 90 percent",
    peers=("R accessibility palma_ratio",),
    explain=Explain(
        title="Palma ratio of access",
        one_line="How many times the access of the poorest four tenths does the richest tenth have?",
        low="Below 1 the poorest four tenths have more access than the richest tenth.",
        high="Far above 1 the richest tenth has much more.",
        ask_next=("Is it the same for another number of minutes?", "What is the level of the poorest?"),
        pitfalls=(
            ZONES_RANKED,
            "People in the middle do not count at all.",
            "It says nothing about groups within the poorest four tenths.",
        ),
        not_for="For minutes a value above 1 is good for the poor. Do not read it as for places.",
        example="A value of 3.8 means that the richest tenth reaches 3.8 times as many jobs.",
        citations=(PALMA, HERSZENHUT),
    ),
    laws=("order", "replication", "scale"),
    say="The richest tenth has {value} times the access of the poorest four tenths.",
)  # fmt: skip
def palma(w: Weighted, asked: Settings) -> Masked:
    """(G,) mean of the richest tenth over the mean of the poorest four tenths, cut to the person.

    People of one rank are not told apart: where a cut falls among them, all give the same part.

    Raises
    ------
    CallError
        If there is no rank.
    """
    along = _along(w, asked.rank)
    known = along.total > 0
    poor = _over(w.values @ along.poor, along.poor.sum(axis=0), known)
    rich = _over(w.values @ along.rich, along.rich.sum(axis=0), known)
    known = known & (poor > 0)
    return masked(_over(rich, poor, known), known)


def palma_between(w: Weighted, top: Sequence[int], bottom: Sequence[int]) -> float | None:
    """Ratio of the mean of some columns to the mean of others: tenths of income that the data name.

    None where the lower ones have nothing or nobody.
    """
    held = w.values @ w.people
    sides = []
    for columns in (list(top), list(bottom)):
        people = float(w.total[columns].sum())
        sides.append(float(held[columns].sum()) / people if people > 0 else 0.0)
    return sides[0] / sides[1] if sides[1] > 0 else None


def _concentration(w: Weighted, asked: Settings) -> tuple[Floats, Floats, npt.NDArray[np.bool_]]:
    """Concentration index, mean of those who have a rank, and where both exist."""
    along = _along(w, asked.rank)
    sums = w.values @ along.people
    known = (along.total > 0) & (sums > 0)
    safe = np.where(known, along.total * sums, 1.0)
    return 2 * (w.values @ along.before) / safe - 1, _over(sums, along.total, known), known


@equity(
    "concentration",
    symbol="C",
    family="inequality",
    unit="share",
    because="It says in one figure whether access goes to the poor or to the rich.",
    oracle="the covariance with the rank by a loop over people; hand values",
    peers=("R accessibility concentration_index(simple)",),
    explain=Explain(
        title="Concentration index",
        one_line="Does access lie with the poor or with the rich?",
        low="Below 0 access lies more with the poor.",
        high="Above 0 access lies more with the rich.",
        ask_next=("Would it be the same if people, and not zones, were ranked?",),
        pitfalls=(
            ZONES_RANKED,
            "Poor and rich may both have much and the middle little: the value can then be 0.",
            "For minutes a value above 0 means that the rich spend more time on the way.",
        ),
        not_for="Do not read 0 as equal access: it only says that access does not follow income.",
        example="With two halves, the poorer with 1 clinic and the richer with 3, the value is 0.25.",
        citations=(KAKWANI,),
    ),
    laws=("order", "replication", "scale", "mirror", "zero-when-equal"),
    say="The concentration index of access among {group} is {value}.",
)  # fmt: skip
def concentration(w: Weighted, asked: Settings) -> Masked:
    r"""(G,) :math:`\frac{2}{\bar y} \mathrm{cov}(y, R)` with R the fractional rank; in -1..1.

    Raises
    ------
    CallError
        If there is no rank.
    """
    index, _, known = _concentration(w, asked)
    return masked(index, known)


def _ends(w: Weighted, asked: Settings) -> tuple[float, float]:
    bounds = (0.0, 1.0) if asked.bounds is None and w.unit == "share" else asked.bounds
    if bounds is None or not bounds[0] < bounds[1]:
        raise CallError("a corrected concentration index needs the least and the largest value possible")
    if len(w.values) and not (bounds[0] <= w.values.min() and w.values.max() <= bounds[1]):
        raise CallError("values of access lie beyond the least and the largest value possible")
    return bounds


def _corrected_words(who: str, citation: Citation, example: str) -> Explain:
    return Explain(
        title=f"Concentration index, corrected after {who}",
        one_line="Does a share, which cannot go beyond 1, lie with the poor or with the rich?",
        low="Below 0 access lies more with the poor.",
        high="Above 0 access lies more with the rich.",
        ask_next=("Does the other correction tell the same?",),
        pitfalls=(ZONES_RANKED, "It depends on the largest value possible, which has to be known."),
        not_for="Do not use it for values without a largest one, such as jobs in reach.",
        example=example,
        citations=(citation, KAKWANI),
    )


@equity(
    "wagstaff",
    symbol="W",
    family="inequality",
    unit="share",
    because="For shares, it takes away what the mean alone does to the bounds of the index.",
    oracle="the formula on hand values; bounds -1 and 1 when all access is at one end",
    peers=("R accessibility concentration_index",),
    explain=_corrected_words(
        "Wagstaff", WAGSTAFF, "When the richer half is all within the standard and the poorer half is not: 1."
    ),
    laws=("order", "replication", "mirror"),
    say="The corrected concentration index of access among {group} is {value}.",
)  # fmt: skip
def wagstaff(w: Weighted, asked: Settings) -> Masked:
    """(G,) C m (b - a) / ((b - m)(m - a)); hidden where everybody is at one end of the bounds.

    Raises
    ------
    CallError
        If bounds or ranks are missing, or values lie beyond the bounds.
    """
    a, b = _ends(w, asked)
    index, mean, known = _concentration(w, asked)
    bottom = (b - mean) * (mean - a)
    known = known & (bottom > 0)
    return masked(_over(index * mean * (b - a), bottom, known), known)


@equity(
    "erreygers",
    symbol="E",
    family="inequality",
    unit="share",
    because="For shares, it gives the same size for access and for lack of access.",
    oracle="the formula on hand values; the same with the other sign for the share without",
    peers=("R accessibility concentration_index",),
    explain=_corrected_words(
        "Erreygers", ERREYGERS, "When the richer half is within the standard and the poorer half is not: 1."
    ),
    laws=("order", "replication", "mirror", "zero-when-equal"),
    say="The corrected concentration index of access among {group} is {value}.",
)  # fmt: skip
def erreygers(w: Weighted, asked: Settings) -> Masked:
    """(G,) 4 m C / (b - a).

    Raises
    ------
    CallError
        If bounds or ranks are missing, or values lie beyond the bounds.
    """
    a, b = _ends(w, asked)
    index, mean, known = _concentration(w, asked)
    return masked(4 * mean * index / (b - a), known)
