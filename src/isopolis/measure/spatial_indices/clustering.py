"""Whether a group's zones lie near each other: clustering and proximity."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isopolis.explain import Citation, Explain
from isopolis.model import CallError

from ..arrays import Floats, divide
from ..neighbours import Neighbourhood
from ..spec import index
from .common import MASSEY_DENTON, TWO, Value, missing, no_limit, nobody_near, pair

__all__ = [
    "absolute_clustering",
    "mean_proximity",
    "proximity_profile",
    "relative_clustering",
    "spatial_proximity",
]

WHITE = Citation(
    "White, M. J.", 1983, "The measurement of spatial segregation",
    "American Journal of Sociology 88(5), 1008-1018",
)  # fmt: skip
HONG = Citation(
    "Hong, S.-Y. and Sadahiro, Y.", 2014, "Measuring geographic segregation: a graph-based approach",
    "Journal of Geographical Systems 16(2), 211-231",
)  # fmt: skip
OWN = "What a zone counts for itself changes it: distance 0, or the distance inside the zone. Name it."
UNIT = "It depends on the distance at which nearness fades. Name it with the value."


def _mean(a: Floats, b: Floats, near: Neighbourhood) -> float:
    """Mean nearness between members of a and of b."""
    near.fits(len(a))
    return float(a @ (near.weights @ b) / (a.sum() * b.sum()))


@index(
    "mean_proximity",
    symbol="Pxx",
    family="clustering",
    kind="spatial",
    groups="two",
    needs=("neighbourhood",),
    verdict="legacy",
    because="It is a part of SP and RCL; alone it has no yardstick.",
    oracle="OasisR 3.1.1 Poo on its pattern A; sum over pairs of people, one by one",
    peers=("OasisR Pxx", "OasisR Pxy", "OasisR Poo"),
    laws=("zone-order", "scale", "empty-zone"),
    explain=Explain(
        title="Mean nearness within a group, Pxx",
        one_line="How near are two members of the group to each other, on average?",
        low="Near 0 members live far apart.",
        high="Near 1 all members live at one place.",
        ask_next=("What is it for everybody? Only the two together say something.",),
        pitfalls=(UNIT, OWN, TWO),
        not_for="Do not compare cities of different size.",
        example="With nearness falling by distance, a village has a higher value than a city.",
        citations=(WHITE,),
    ),
)
def mean_proximity(x: npt.ArrayLike, neighbourhood: Neighbourhood, of: str = "group") -> Value:
    r"""Mean nearness :math:`\sum_{ij} x_i c_{ij} y_j / (XY)` of two people.

    Parameters
    ----------
    x : (Z, G) array
        Persons; the group first.
    neighbourhood : Neighbourhood
        Nearness; usually an ``exponential`` kernel.
    of : str
        ``group`` with itself, ``others`` with themselves, ``between`` both, or
        ``everyone``.

    Returns
    -------
    float or Undefined

    Raises
    ------
    CallError
        If `of` is none of the four.

    References
    ----------
    White (1983).
    """
    if (none := missing(x)) is not None:
        return none
    members, others, everyone = pair(x)
    pairs = {
        "group": (members, members),
        "others": (others, others),
        "between": (members, others),
        "everyone": (everyone, everyone),
    }
    if of not in pairs:
        raise CallError(f'nearness is of {", ".join(pairs)}, not of "{of}"')
    return _mean(*pairs[of], neighbourhood)


@index(
    "spatial_proximity",
    symbol="SP",
    family="clustering",
    kind="spatial",
    groups="two",
    needs=("neighbourhood",),
    maximum=no_limit,
    verdict="legacy",
    because="It mixes the size of the city with where groups live and has no highest value.",
    oracle="OasisR 3.1.1 SP on its pattern A",
    peers=("PySAL SpatialProximity", "OasisR SP", "seg isp"),
    laws=("zone-order", "scale", "empty-zone"),
    explain=Explain(
        title="Spatial proximity (SP)",
        one_line="Do people live nearer to their own group than to people in general?",
        low="At 1 people live no nearer to their own group than to anybody.",
        high="Above 1 people live nearer to their own group.",
        ask_next=("Which group makes it? Compare the mean nearness of each.",),
        pitfalls=(UNIT, OWN, TWO),
        not_for="Do not read it as a share: it may be above 1.",
        example="At 1.69 a person's own group is 1.69 times as near as people in general.",
        citations=(WHITE,),
    ),
)
def spatial_proximity(x: npt.ArrayLike, neighbourhood: Neighbourhood) -> Value:
    r""":math:`(X P_{xx} + Y P_{yy}) / (T P_{tt})`.

    Parameters
    ----------
    x : (Z, G) array
        Persons; the group first.
    neighbourhood : Neighbourhood
        Nearness: it must fall with distance.

    Returns
    -------
    float or Undefined

    References
    ----------
    White (1983); Massey and Denton (1988).
    """
    if (none := missing(x)) is not None:
        return none
    members, others, everyone = pair(x)
    own = members.sum() * _mean(members, members, neighbourhood)
    own += others.sum() * _mean(others, others, neighbourhood)
    bottom = everyone.sum() * _mean(everyone, everyone, neighbourhood)
    return own / bottom if bottom > 0 else nobody_near()


@index(
    "relative_clustering",
    symbol="RCL",
    family="clustering",
    kind="spatial",
    groups="two",
    needs=("neighbourhood",),
    minimum=-1.0,
    maximum=no_limit,
    verdict="legacy",
    because="It has no highest value and compares two spreads without saying how large either is.",
    oracle="OasisR 3.1.1 RCL on its pattern A, both directions",
    peers=("PySAL RelativeClustering", "OasisR RCL"),
    laws=("zone-order", "scale", "empty-zone", "zero-when-even"),
    explain=Explain(
        title="Relative clustering (RCL)",
        one_line="Do members of the group live nearer to each other than the others do?",
        low="Below 0 the group is more scattered than the others.",
        high="Above 0 members live nearer to each other than the others do.",
        ask_next=("Is the group small and in one place, or are the others spread over suburbs?",),
        pitfalls=(UNIT, OWN, TWO),
        not_for="Do not compare cities by it.",
        example="At 0 both are equally scattered.",
        citations=(MASSEY_DENTON,),
    ),
)
def relative_clustering(x: npt.ArrayLike, neighbourhood: Neighbourhood) -> Value:
    r""":math:`P_{xx} / P_{yy} - 1`.

    Parameters
    ----------
    x : (Z, G) array
        Persons; the group first.
    neighbourhood : Neighbourhood
        Nearness: it must fall with distance.

    Returns
    -------
    float or Undefined

    References
    ----------
    Massey and Denton (1988).
    """
    if (none := missing(x)) is not None:
        return none
    members, others, _ = pair(x)
    bottom = _mean(others, others, neighbourhood)
    return _mean(members, members, neighbourhood) / bottom - 1 if bottom > 0 else nobody_near()


@index(
    "absolute_clustering",
    symbol="ACL",
    family="clustering",
    kind="spatial",
    groups="two",
    needs=("neighbourhood",),
    minimum=-np.inf,
    maximum=no_limit,
    verdict="legacy",
    because="Zones where nobody lives change it, and it rises with the share of the group.",
    oracle="OasisR 3.1.1 ACL on its pattern A",
    peers=("PySAL AbsoluteClustering", "OasisR ACL"),
    laws=("zone-order", "scale"),
    explain=Explain(
        title="Absolute clustering (ACL)",
        one_line="Around a typical member, what share of the people nearby belong to the group?",
        low="Near 0 the group is scattered at random over zones.",
        high="Near 1 zones of the group lie together and hold nobody else.",
        ask_next=("Would a profile over distance show the same? It says at which distance.",),
        pitfalls=("An empty zone added at the edge of the city changes it.", UNIT, TWO),
        not_for="Do not compare cities with zones of very different number.",
        example="A ghetto of 25 out of 100 zones has 0.88 with neighbours that share a border.",
        citations=(MASSEY_DENTON,),
    ),
)
def absolute_clustering(x: npt.ArrayLike, neighbourhood: Neighbourhood) -> Value:
    r"""Observed nearness of members over what it would be if everybody were a member.

    :math:`\frac{\sum_i \frac{x_i}{X} \sum_j c_{ij} x_j - \frac{X}{n^2} \sum_{ij} c_{ij}}
    {\sum_i \frac{x_i}{X} \sum_j c_{ij} t_j - \frac{X}{n^2} \sum_{ij} c_{ij}}`.

    Parameters
    ----------
    x : (Z, G) array
        Persons; the group first.
    neighbourhood : Neighbourhood
        Contiguity with the zone itself, or a kernel.

    Returns
    -------
    float or Undefined

    References
    ----------
    Massey and Denton (1988).
    """
    if (none := missing(x)) is not None:
        return none
    members, _, everyone = pair(x)
    neighbourhood.fits(len(members))
    spread = members.sum() * float(neighbourhood.weights.sum()) / len(members) ** 2
    own = members @ (neighbourhood.weights @ members) / members.sum() - spread
    most = members @ (neighbourhood.weights @ everyone) / members.sum() - spread
    return float(own / most) if most != 0 else nobody_near()


@index(
    "proximity_profile",
    symbol="SPP",
    family="clustering",
    kind="spatial",
    groups="two",
    needs=("neighbourhood",),
    minimum=-np.inf,
    maximum=no_limit,
    verdict="legacy",
    because="It counts zones, not people, so that a large zone weighs as much as a small one.",
    oracle="A row of four zones by hand; PySAL segregation 2.5.4 SpatialProxProf (2e-5, it sums in steps)",
    peers=("PySAL SpatialProxProf",),
    laws=("zone-order", "scale"),
    explain=Explain(
        title="Spatial proximity profile (SPP)",
        one_line="Do the zones with the highest shares of the group lie beside each other?",
        low="Near 0 zones with high shares lie scattered.",
        high="Near 1 zones with high shares touch each other.",
        ask_next=("At which share does the profile rise? Above it zones lie together.",),
        pitfalls=("Every zone counts the same, whatever its people.", TWO),
        not_for="Do not use it where zones differ much in people.",
        example="If every pair of zones with a share above a half touches, the profile is 1 there.",
        citations=(HONG,),
    ),
)
def proximity_profile(x: npt.ArrayLike, neighbourhood: Neighbourhood) -> Value:
    r"""Nearness of the zones whose share is at least t, over all t.

    :math:`\eta(t) = (k^2 - k) / \sum_{ij} \delta_{ij}` over the k zones with a share of at
    least t, :math:`\delta` the steps between them; the index is
    :math:`(P - \int_0^P \eta + \int_P^1 \eta) / (1 - P)`, the integral taken exactly.

    Parameters
    ----------
    x : (Z, G) array
        Persons; the group first. Zones where nobody lives are left out of the profile,
        and paths may cross them.
    neighbourhood : Neighbourhood
        Who touches whom.

    Returns
    -------
    float or Undefined

    References
    ----------
    Hong and Sadahiro (2014).
    """
    from scipy.sparse.csgraph import shortest_path

    if (none := missing(x)) is not None:
        return none
    members, _, everyone = pair(x)
    neighbourhood.fits(len(members))
    there = everyone > 0
    share = members[there] / everyone[there]
    steps = shortest_path(neighbourhood.without_self().weights, unweighted=True, directed=False)
    steps = steps[np.ix_(there, there)]
    if np.isfinite(steps).sum() == len(steps):
        return nobody_near()  # each zone is reached from itself alone
    order = np.argsort(-share, kind="stable")
    # of the k zones with the highest shares, the sum of steps between them, k = 1, 2, …
    sums = np.array([2 * steps[order[k], order[:k]].sum() for k in range(len(order))]).cumsum()
    k = np.arange(1, len(order) + 1)
    height = divide(k**2 - k, np.where(np.isfinite(sums), sums, np.inf))
    levels = share[order]
    # for t in (levels[k], levels[k - 1]] the first k zones are above t
    lower = np.append(levels[1:], 0.0)
    city = float(members.sum() / everyone.sum())
    below = np.clip(levels, None, city) - np.clip(lower, None, city)
    return float((city - height @ below + height @ ((levels - lower) - below)) / (1 - city))
