"""An index asked by its name: what is no table is refused, and what has no value says why."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Undefined
from isopolis.model.text import phrase

from .arrays import column_totals, zone_totals
from .spec import CATALOGUE, MeasureSpec

__all__ = ["value_of", "why_not"]


def why_not(spec: MeasureSpec, x: npt.ArrayLike, *, many: bool | None = None) -> Undefined | None:
    """Say why an index that needs counts alone has no value for this table, or None.

    Parameters
    ----------
    spec : MeasureSpec
    x : (Z, G) array
        Persons.
    many : bool, optional
        Whether all columns are groups; otherwise the first is the group. By default what the index
        is about, and for ``any`` number of groups: more than two columns.

    Returns
    -------
    Undefined or None

    Raises
    ------
    CallError
        If the table has another shape, or holds something that is not a number of people.
    """
    from .spatial_indices.common import missing, table_of

    table = table_of(x)
    if many is None:
        several = spec.groups == "any" and spec.kind != "exposure" and table.shape[1] > 2
        many = several or spec.groups == "many"
    none = missing(table, many=many)
    if none is not None and (spec.family == "composition" or spec.kind == "local"):
        # a city of one group, or of one zone, has a mix like any other
        return none if none.code == "nobody" else None
    if none is None and spec.name == "exposure" and column_totals(table)[1] == 0:
        return Undefined("group-absent", phrase("Nobody of the other group was counted."))
    return none


def value_of(name: str, x: npt.ArrayLike, *given: Any, **options: Any) -> Any:
    """Value of any index of the catalogue, or the reason why there is none.

    A kernel itself trusts its table: it gives 0 where there is nothing to measure, and does not look
    for counts below 0 or unknown.

    Parameters
    ----------
    name : str
        Name in the catalogue, ``atkinson``.
    x : (Z, G) array
        Persons; the group first, or all groups.
    *given
        What the index needs beside counts (`MeasureSpec.needs`), in that order.
    **options
        Further arguments of the kernel.

    Returns
    -------
    float, Undefined with the reason, or a masked array for a map, masked where nobody lives.

    Raises
    ------
    CallError
        If there is no such index, something that it needs is left out, or the table is none.
    """
    from .spatial_indices.common import table_of

    spec = CATALOGUE[name]
    if len(given) < len(spec.needs):
        raise CallError(f"{name} needs {', '.join(spec.needs[len(given) :])} beside the table")
    table = table_of(x)
    apart = spec.needs and spec.kind != "nested"  # these look at their table and say why themselves
    if not apart and (none := why_not(spec, table)) is not None:
        return none
    found = spec.kernel(table, *given, **options)
    if spec.kind != "local":
        return found if isinstance(found, Undefined) else float(found)
    if apart:
        return found
    nobody = (zone_totals(table) == 0).reshape(-1, *[1] * (found.ndim - 1))
    return np.ma.array(found, mask=np.broadcast_to(nobody, found.shape))
