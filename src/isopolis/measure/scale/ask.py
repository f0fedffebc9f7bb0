"""Any index, asked of surroundings.

Indices with a spatial form take the surroundings as their neighbourhood. The others are asked of a table in
which each zone has the mix of its surroundings, and its own number of people (``local``) or everybody around
(``environment``).
"""

from __future__ import annotations

import numpy as np

from isopolis.model import CallError, Undefined
from isopolis.model.text import phrase

from ..arrays import Floats, column_totals, divide, entropy, shares, zone_totals
from ..neighbours import Convention, weights_of
from ..spatial_indices.common import missing
from ..spec import CATALOGUE, MeasureSpec
from .near import Near

__all__ = ["TWINS", "asked_of", "fitting", "spatial_form"]

TWINS = {
    "dissimilarity": "spatial_dissimilarity",
    "information_theory": "spatial_h",
    "spatial_information_theory": "spatial_h",
    "variance_ratio": "environment_variance_ratio",
    "relative_diversity": "spatial_relative_diversity",
    "exposure": "environment_exposure",
    "isolation": "environment_isolation",
}
"""Index of zones → its form for surroundings, with the same value where each zone stands alone."""

WEIGHTED = {
    "spatial_dissimilarity", "spatial_h", "spatial_relative_diversity", "environment_variance_ratio",
}  # fmt: skip
"""Spatial forms that take the weighting as an argument."""


def fitting(name: str) -> MeasureSpec:
    """Return an index that has a profile.

    Parameters
    ----------
    name : str
        A name in the catalogue.

    Raises
    ------
    CallError
        If the index gives no single value, needs more than surroundings, or depends on how many people
        there are (surroundings have more people the wider they are).
    """
    spec = CATALOGUE[name]
    more = tuple(n for n in spec.needs if n != "neighbourhood")
    if spec.kind not in ("groups", "exposure", "ordered", "spatial") or spec.family == "composition" or more:
        why = (
            f"it needs {more[0].replace('_', ' ')}" if more else "it gives no value of a city by surroundings"
        )
        raise CallError(f"{name} has no profile over scales: {why}")
    if "scale" not in spec.laws:
        raise CallError(f"{name} has no profile over scales: it depends on how many people there are")
    return spec


def spatial_form(spec: MeasureSpec) -> MeasureSpec:
    """Return the form of an index that takes surroundings; the index itself where it has no other."""
    return CATALOGUE[TWINS[spec.name]] if spec.name in TWINS else spec


def asked_of(spec: MeasureSpec, x: Floats, near: Near, convention: Convention = "local") -> float | Undefined:
    """Ask an index of the surroundings of each zone.

    Parameters
    ----------
    spec : MeasureSpec
        Of `fitting`.
    x : (Z, G) array
        Persons, columns as the index wants them.
    near : Near
    convention : str
        ``local`` or ``environment``.

    Returns
    -------
    float or Undefined
    """
    form = spatial_form(spec)
    if form.needs == ("neighbourhood",):
        more = (convention,) if form.name in WEIGHTED else ()
        # indices of surroundings add people up; those of clustering and contiguity look at the pairs
        around = near if form.family in ("multiscale", "exposure") else near.neighbourhood()
        found = form.kernel(x, around, *more)
        return found if isinstance(found, Undefined) else float(found)
    if (none := missing(x, many=spec.groups == "many")) is not None:
        return none
    people = near.environment(x)
    if spec.name == "mutual_information":
        return _information(x, people, convention)
    weight = weights_of(convention, x, people)
    if not weight.sum() > 0:
        return Undefined("no-neighbours", phrase("Nobody lives in any of these neighbourhoods."))
    found = form.kernel(shares(people) * weight[:, None])
    return found if isinstance(found, Undefined) else float(found)


def _information(x: Floats, around: Floats, convention: Convention) -> float | Undefined:
    """M~, so that M~ is H~ times the variety of the city as it is without space."""
    some = zone_totals(around) > 0
    weight = np.where(some, weights_of(convention, x, around), 0.0)
    if not weight.sum() > 0:
        return Undefined("no-neighbours", phrase("Nobody lives in any of these neighbourhoods."))
    whole = entropy(shares(column_totals(x if convention == "local" else around)))
    return float(whole - divide(weight @ entropy(shares(around)), weight.sum()))
