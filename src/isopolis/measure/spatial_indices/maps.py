"""One value for each zone, of the people around it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

from isopolis.explain import Citation, Explain

from ..arrays import Floats, column_totals, divide, entropy, shares
from ..neighbours import Neighbourhood
from ..spec import index
from .centralization import centralized
from .common import REARDON_OSULLIVAN, TWO, largest_quotient, most_mixed, pair, places, rarest, table_of

__all__ = [
    "environment_divergence",
    "environment_diversity",
    "environment_quotient",
    "environment_simpson",
    "local_centralization",
]

FOLCH = Citation(
    "Folch, D. C. and Rey, S. J.", 2016, "The centralization index: a measure of local spatial segregation",
    "Papers in Regional Science 95(3), 555-576",
)  # fmt: skip
ROBERTO = Citation(
    "Roberto, E.", 2018, "The spatial proximity and connectivity method for measuring and analyzing "
    "residential segregation", "Sociological Methodology 48(1), 182-224",
)  # fmt: skip
ISARD = Citation("Isard, W.", 1960, "Methods of regional analysis", "MIT Press", "chapter 7")
LAWS = ("zone-order", "scale", "absent-group")
CHANCE = "Where few people live, chance makes high values. Look at the number of people beside it."


def _around(x: npt.ArrayLike, near: Neighbourhood) -> Floats:
    return near.environment(table_of(x))


def _missing_where(values: Floats, around: Floats) -> np.ma.MaskedArray:
    nobody = around.sum(axis=1) == 0
    return np.ma.array(
        values, mask=nobody if values.ndim == 1 else nobody[:, None].repeat(values.shape[1], 1)
    )


@index(
    "environment_divergence",
    symbol="Li~",
    family="local",
    kind="local",
    groups="many",
    unit="nats",
    needs=("neighbourhood",),
    maximum=rarest,
    verdict="recommended",
    because="Where surroundings differ from the city, whichever the groups are.",
    oracle="A loop over zones; for zones alone equal to the local segregation score",
    peers=("PySAL MultiDivergence(w)",),
    laws=(*LAWS, "group-order", "zero-when-even"),
    explain=Explain(
        title="Divergence of the surroundings",
        one_line="How different is the mix around this zone from the mix of the city?",
        low="At 0 the surroundings have the city's mix.",
        high="A high value means that other groups live around than in the city.",
        ask_next=("Which groups? Look at the quotients.",),
        pitfalls=(CHANCE,),
        not_for="Do not publish it as a list of problem areas.",
        example="Only one group around, which is half of the city: the value is 0.69.",
        citations=(ROBERTO,),
    ),
)
def environment_divergence(x: npt.ArrayLike, neighbourhood: Neighbourhood) -> np.ma.MaskedArray:
    r""":math:`\sum_g \tilde\pi_{ig} \ln(\tilde\pi_{ig} / \pi_g)`, in nats.

    Parameters
    ----------
    x : (Z, G) array
        Persons.
    neighbourhood : Neighbourhood

    Returns
    -------
    (Z,) masked array, >= 0; masked where nobody lives around.

    References
    ----------
    Roberto (2018).
    """
    around = _around(x, neighbourhood)
    mix, city = shares(around), shares(column_totals(table_of(x)))
    values = np.maximum(xlogy(mix, divide(mix, np.broadcast_to(city, mix.shape))).sum(axis=1), 0)
    return _missing_where(values, around)


@index(
    "environment_diversity",
    symbol="Ei~",
    family="local",
    kind="local",
    groups="many",
    unit="nats",
    needs=("neighbourhood",),
    maximum=most_mixed,
    verdict="recommended",
    because="Where many groups live side by side.",
    oracle="PySAL segregation 2.5.4 MultiLocalDiversity, MultiLocalEntropy with weights; a loop over zones",
    peers=("PySAL MultiLocalDiversity", "PySAL MultiLocalEntropy"),
    laws=(*LAWS, "group-order"),
    explain=Explain(
        title="Diversity of the surroundings",
        one_line="How many groups live around this zone, and how even are they?",
        low="At 0 one group lives around.",
        high="It is highest where all groups are of the same size.",
        ask_next=("Is the city itself diverse? Divergence compares with it.",),
        pitfalls=("A place as mixed as the city may still have a low value.", CHANCE),
        not_for="Do not read a low value as segregation.",
        example="Two groups of the same size around: 0.69, or 1 in the share of the most possible.",
        citations=(REARDON_OSULLIVAN,),
    ),
)
def environment_diversity(
    x: npt.ArrayLike, neighbourhood: Neighbourhood, normalised: bool = False
) -> np.ma.MaskedArray:
    r""":math:`-\sum_g \tilde\pi_{ig} \ln \tilde\pi_{ig}`, in nats.

    Parameters
    ----------
    x : (Z, G) array
        Persons.
    neighbourhood : Neighbourhood
    normalised : bool
        Divide by the logarithm of the number of groups in the city (PySAL's local entropy).

    Returns
    -------
    (Z,) masked array, >= 0; masked where nobody lives around.
    """
    around = _around(x, neighbourhood)
    present = int((column_totals(table_of(x)) > 0).sum())
    most = np.log(present) if normalised and present > 1 else 1.0
    return _missing_where(np.maximum(entropy(shares(around)), 0) / most, around)


@index(
    "environment_simpson",
    symbol="Ii~",
    family="local",
    kind="local",
    groups="many",
    needs=("neighbourhood",),
    verdict="recommended",
    because="It reads as a chance: two people nearby belong to different groups.",
    oracle="PySAL segregation 2.5.4 MultiLocalSimpsonInteraction with weights; a loop over zones",
    peers=("PySAL MultiLocalSimpsonInteraction", "PySAL MultiLocalSimpsonConcentration"),
    laws=(*LAWS, "group-order"),
    explain=Explain(
        title="Simpson's interaction of the surroundings",
        one_line="How often do two people around this zone belong to different groups?",
        low="At 0 one group lives around.",
        high="It comes near 1 with many groups of the same size.",
        ask_next=("What is it for the city?",),
        pitfalls=(CHANCE,),
        not_for="Do not read it as contact between people.",
        example="Two groups of the same size around give 0.50.",
        citations=(REARDON_OSULLIVAN,),
    ),
)
def environment_simpson(x: npt.ArrayLike, neighbourhood: Neighbourhood) -> np.ma.MaskedArray:
    r""":math:`\sum_g \tilde\pi_{ig} (1 - \tilde\pi_{ig})`; one less it is Simpson's concentration.

    Parameters
    ----------
    x : (Z, G) array
        Persons.
    neighbourhood : Neighbourhood

    Returns
    -------
    (Z,) masked array in 0..1; masked where nobody lives around.
    """
    around = _around(x, neighbourhood)
    mix = shares(around)
    return _missing_where((mix * (1 - mix)).sum(axis=1), around)


@index(
    "environment_quotient",
    symbol="LQ~",
    family="local",
    kind="local",
    groups="many",
    unit="ratio",
    needs=("neighbourhood",),
    maximum=largest_quotient,
    verdict="recommended",
    because="Quotients of surroundings jump less from zone to zone than those of zones alone.",
    oracle="A loop over zones; for zones alone PySAL segregation 2.5.4 MultiLocationQuotient",
    peers=("PySAL MultiLocationQuotient",),
    laws=LAWS[:2],
    explain=Explain(
        title="Location quotient of the surroundings",
        one_line="How many times the city's share does each group have around this zone?",
        low="At 0 nobody of the group lives around.",
        high="At 2 the group's share around is twice that of the city.",
        ask_next=("How many people is that?",),
        pitfalls=(CHANCE, "For a rare group small numbers make large quotients."),
        not_for="Do not average it over zones.",
        example="With 10 percent around and 5 percent in the city it is 2.",
        citations=(ISARD,),
    ),
)
def environment_quotient(x: npt.ArrayLike, neighbourhood: Neighbourhood) -> np.ma.MaskedArray:
    """Share of each group around each zone over its share of the city.

    Parameters
    ----------
    x : (Z, G) array
        Persons.
    neighbourhood : Neighbourhood

    Returns
    -------
    (Z, G) masked array, >= 0; masked where nobody lives around or the group is absent.
    """
    around = _around(x, neighbourhood)
    mix, city = shares(around), shares(column_totals(table_of(x)))
    out = _missing_where(divide(mix, np.broadcast_to(city, mix.shape)), around)
    out[:, city == 0] = np.ma.masked
    return out


@index(
    "local_centralization",
    symbol="RCEi",
    family="local",
    kind="local",
    groups="two",
    needs=("neighbourhood", "points"),
    minimum=-1.0,
    verdict="legacy",
    because="A handful of zones decides each value, and chance makes large ones.",
    oracle="PySAL segregation 2.5.4 LocalRelativeCentralization, called by its function",
    peers=("PySAL LocalRelativeCentralization",),
    laws=("zone-order", "scale"),
    explain=Explain(
        title="Local centralization",
        one_line="Around this zone, does the group live nearer to it than the others do?",
        low="Below 0 the others live nearer.",
        high="Above 0 the group lives nearer: the zone is a core of the group.",
        ask_next=("Are the people enough? A few zones decide each value.",),
        pitfalls=(CHANCE, TWO),
        not_for="Do not rank zones by it.",
        example="At 1 all of the group nearby live in the zone itself and the others around it.",
        citations=(FOLCH,),
    ),
)
def local_centralization(
    x: npt.ArrayLike, neighbourhood: Neighbourhood, points: npt.ArrayLike
) -> np.ma.MaskedArray:
    """Relative centralization of each neighbourhood about its own zone.

    Parameters
    ----------
    x : (Z, G) array
        Persons; the group first.
    neighbourhood : Neighbourhood
        Which zones count, whatever their weights; the zone itself always does.
    points : (Z, 2) array, metres

    Returns
    -------
    (Z,) masked array in -1..1; masked where the group or the others are absent nearby.

    References
    ----------
    Folch and Rey (2016).
    """
    members, others, _ = pair(x)
    at = places(points, len(members))
    neighbourhood.fits(len(members))
    near = neighbourhood.with_self().weights
    out: np.ma.MaskedArray = np.ma.array(np.zeros(len(members)), mask=True)
    for i in range(len(members)):
        zones = near.indices[near.indptr[i] : near.indptr[i + 1]]
        if members[zones].sum() > 0 and others[zones].sum() > 0:
            apart = np.hypot(*(at[zones] - at[i]).T)
            out[i] = centralized(members[zones], others[zones], apart)
    return out
