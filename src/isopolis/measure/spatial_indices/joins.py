"""Dissimilarity that looks across borders: Morrill's D(adj) and Wong's D(w) and D(s)."""

from __future__ import annotations

from typing import Literal

import numpy as np
import numpy.typing as npt

from isopolis.explain import Citation, Explain
from isopolis.model import CallError, Undefined
from isopolis.model.text import phrase

from ..arrays import Floats, divide
from ..evenness import dissimilarity
from ..neighbours import Borders, Neighbourhood, contiguity, orders
from ..spec import index
from .common import TWO, Value, missing, nobody_near, pair

__all__ = ["boundary_dissimilarity", "contiguity_dissimilarity", "ring_dissimilarity", "shape_dissimilarity"]

MORRILL = Citation(
    "Morrill, R. L.", 1991, "On the measure of geographic segregation", "Geography Research Forum 11"
)
WONG = Citation("Wong, D. W. S.", 1993, "Spatial indices of segregation", "Urban Studies 30(3), 559-572")
LAWS = ("zone-order", "scale", "empty-zone", "zero-when-even")
BELOW = "It can fall a little below 0 where neighbours differ more than the city as a whole."


def _across(x: npt.ArrayLike, neighbourhood: Neighbourhood, factor: Floats | None = None) -> Floats:
    """Weights between inhabited zones and the differences of their shares: two (E,) arrays."""
    members, _, everyone = pair(x)
    neighbourhood.fits(len(members))
    share, links = divide(members, everyone), neighbourhood.weights.tocoo()
    known = (everyone[links.row] > 0) & (everyone[links.col] > 0)
    i, j = links.row[known], links.col[known]
    gap = np.abs(share[i] - share[j])
    return np.array([links.data[known], gap if factor is None else gap * (factor[i] + factor[j])])


def _contact(weight: Floats, gap: Floats) -> float | None:
    """Mean of the differences; None where no two inhabited zones touch, which is not the same as 0."""
    total = float(weight.sum())
    return float(weight @ gap) / total if total > 0 else None


def _less(x: npt.ArrayLike, contact: float | None) -> Value:
    return nobody_near() if contact is None else _plain(x) - contact


def _plain(x: npt.ArrayLike) -> float:
    members, others, _ = pair(x)
    return float(dissimilarity(np.column_stack([members, others])))


@index(
    "contiguity_dissimilarity",
    symbol="D(adj)",
    family="evenness",
    kind="spatial",
    groups="two",
    needs=("neighbourhood",),
    minimum=-1.0,
    verdict="recommended",
    because="It tells checkerboards from ghettos, which D cannot, and stays close to D.",
    oracle="OasisR 3.1.1 ISMorrill on its pattern A; PySAL segregation 2.5.4 SpatialDissim",
    peers=("PySAL SpatialDissim", "OasisR ISMorrill", "OasisR DIMorrill", "seg dissim D(adj)"),
    laws=LAWS,
    explain=Explain(
        title="Dissimilarity with contact across borders, D(adj)",
        one_line="How uneven is the group, when a neighbour zone of another mix counts as contact?",
        low="Near 0 the group is spread evenly, or every zone lies beside zones of another mix.",
        high="Near dissimilarity itself: zones of the group lie beside each other.",
        ask_next=("How far is it below dissimilarity? That gap is contact across borders.",),
        pitfalls=(BELOW, "A short border counts as much as a long one.", TWO),
        not_for="Do not read a shared border as people who meet.",
        example="Black squares on a chessboard have a dissimilarity of 1 and a D(adj) of 0.",
        citations=(MORRILL,),
    ),
)
def contiguity_dissimilarity(x: npt.ArrayLike, neighbourhood: Neighbourhood) -> Value:
    r""":math:`D - \sum_{ij} c_{ij} |z_i - z_j| / \sum_{ij} c_{ij}`, z the group's share of a zone.

    Parameters
    ----------
    x : (Z, G) array
        Persons; the group first.
    neighbourhood : Neighbourhood
        Who touches whom; pairs with a zone where nobody lives are left out. The zone
        itself does not count.

    Returns
    -------
    float or Undefined

    References
    ----------
    Morrill (1991).
    """
    if (none := missing(x)) is not None:
        return none
    return _less(x, _contact(*_across(x, neighbourhood.without_self())))


@index(
    "ring_dissimilarity",
    symbol="D(K)",
    family="evenness",
    kind="spatial",
    groups="two",
    needs=("neighbourhood",),
    minimum=-np.inf,
    verdict="legacy",
    because="The discount between rings has no reason beyond habit. A profile over distance says more.",
    oracle="OasisR 3.1.1 ISMorrillK(K=2) on its pattern A",
    peers=("OasisR ISMorrillK", "OasisR DIMorrillK"),
    laws=("zone-order", "scale", "zero-when-even"),
    explain=Explain(
        title="Dissimilarity with contact over several rings of neighbours, D(K)",
        one_line="How uneven is the group, when neighbours of neighbours count as contact, too?",
        low="Near 0 or below: zones near each other differ.",
        high="Near dissimilarity itself: zones near each other are alike.",
        ask_next=("Does it change much with the number of rings?",),
        pitfalls=("It has no lowest value: each ring takes more away.", TWO),
        not_for="Do not compare values with another number of rings or another discount.",
        example="With one ring it is D(adj).",
        citations=(MORRILL,),
    ),
)
def ring_dissimilarity(
    x: npt.ArrayLike, neighbourhood: Neighbourhood, most: int = 2, discount: float = 1.0
) -> Value:
    r""":math:`D - \sum_{k=1}^{K} e^{-\beta (k-1)} m_k`, the mean difference over pairs k steps apart.

    Parameters
    ----------
    x : (Z, G) array
        Persons; the group first.
    neighbourhood : Neighbourhood
        Who touches whom.
    most : int
        K, >= 1.
    discount : float
        :math:`\beta`, >= 0.

    Returns
    -------
    float or Undefined

    Raises
    ------
    CallError
        If `most` is below 1 or `discount` below 0.

    References
    ----------
    Morrill (1991); as in OasisR's ``ISMorrillK``.
    """
    if (none := missing(x)) is not None:
        return none
    if not discount >= 0:
        raise CallError(f"the discount is {discount:g}: it must be 0 or more")
    rings = [_contact(*_across(x, ring)) for ring in orders(neighbourhood.without_self(), most)]
    if all(contact is None for contact in rings):
        return nobody_near()
    # a ring in which no two inhabited zones lie takes nothing away
    return _plain(x) - sum(float(np.exp(-discount * k)) * (c or 0.0) for k, c in enumerate(rings))


Total = Literal["all", "rows"]


def _bordered(x: npt.ArrayLike, borders: Borders, total: Total, factor: Floats | None = None) -> float | None:
    if total not in ("all", "rows"):
        raise CallError(f'borders add up over "all" or over "rows", not over "{total}"')
    across = contiguity(borders, "rook", by="length")
    if total == "rows":
        across = across.by_rows()
    return _contact(*_across(x, across, factor))


@index(
    "boundary_dissimilarity",
    symbol="D(w)",
    family="evenness",
    kind="spatial",
    groups="two",
    needs=("borders",),
    minimum=-1.0,
    verdict="recommended",
    because="Like D(adj), and a long border counts more than a corner.",
    oracle="PySAL segregation 2.5.4 BoundarySpatialDissim; on squares equal to OasisR 3.1.1 ISMorrill",
    peers=("PySAL BoundarySpatialDissim", "OasisR ISWong(variant w)", "OasisR DIWong", "seg dissim D(w)"),
    laws=LAWS,
    explain=Explain(
        title="Dissimilarity with contact along borders, D(w)",
        one_line="How uneven is the group, when a long border with another mix counts as contact?",
        low="Near 0 the group is spread evenly, or long borders join zones of another mix.",
        high="Near dissimilarity itself: zones of the group lie beside each other.",
        ask_next=("Is a long border a river or a motorway? Then there is no contact.",),
        pitfalls=(BELOW, "Lengths of borders depend on how finely outlines are drawn.", TWO),
        not_for="Do not read a shared border as people who meet.",
        example="Two zones with all their border in common and opposite mixes lower it the most.",
        citations=(WONG,),
    ),
)
def boundary_dissimilarity(x: npt.ArrayLike, borders: Borders, total: Total = "all") -> Value:
    r""":math:`D - \sum_{ij} w_{ij} |z_i - z_j|`, w the share of the border between i and j.

    Parameters
    ----------
    x : (Z, G) array
        Persons; the group first.
    borders : Borders
    total : str
        Of what w is a share: ``all`` borders of the city, or ``rows``: those of each
        zone, then the mean over zones, as PySAL does.

    Returns
    -------
    float or Undefined

    References
    ----------
    Wong (1993).
    """
    if (none := missing(x)) is not None:
        return none
    return _less(x, _bordered(x, borders, total))


@index(
    "shape_dissimilarity",
    symbol="D(s)",
    family="evenness",
    kind="spatial",
    groups="two",
    needs=("borders",),
    minimum=-1.0,
    verdict="legacy",
    because="One very thin zone sets the scale for all the others, and outlines drawn finer change it.",
    oracle="OasisR 3.1.1 ISWong on its pattern A; PySAL segregation 2.5.4 PARDissim",
    peers=("PySAL PARDissim", "OasisR ISWong", "OasisR DIWong", "seg dissim D(s)"),
    laws=("zone-order", "scale", "zero-when-even"),
    explain=Explain(
        title="Dissimilarity with contact along borders and shape, D(s)",
        one_line="How uneven is the group, when borders of thin zones count as more contact?",
        low="Near 0 the group is spread evenly, or thin zones of another mix lie side by side.",
        high="Near dissimilarity itself: contact across borders is weak.",
        ask_next=("Which zone has the most border for its area? It sets the scale.",),
        pitfalls=("One thin zone weakens every other border.", BELOW, TWO),
        not_for="Do not compare cities whose outlines were drawn by different offices.",
        example="On a grid of equal squares it comes close to D(w).",
        citations=(WONG,),
    ),
)
def shape_dissimilarity(
    x: npt.ArrayLike, borders: Borders, perimeter: Literal["all", "inner"] = "all", total: Total = "all"
) -> Value:
    r""":math:`D - \sum_{ij} w_{ij} |z_i - z_j| (q_i + q_j) / (2 \max q)`, q perimeter over area.

    Parameters
    ----------
    x : (Z, G) array
        Persons; the group first.
    borders : Borders
    perimeter : str
        ``all`` of the outline, or ``inner``: the part shared with other zones, as
        OasisR's default.
    total : str
        See `boundary_dissimilarity`.

    Returns
    -------
    float or Undefined

    References
    ----------
    Wong (1993).
    """
    if (none := missing(x)) is not None:
        return none
    if perimeter not in ("all", "inner"):
        raise CallError(f'the perimeter is "all" of it or the "inner" part, not "{perimeter}"')
    quotient = divide(borders.perimeter if perimeter == "all" else borders.inner(), borders.area)
    if not quotient.any():
        return Undefined("no-land", phrase("The zones have no area."))
    return _less(x, _bordered(x, borders, total, divide(quotient, 2 * quotient.max())))
