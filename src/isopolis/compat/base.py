"""What all classes with PySAL's names share: reading columns, asking the kernel."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy import ma

from isopolis.measure import CATALOGUE, MeasureSpec, value_of, why_not
from isopolis.model import CallError, Undefined

from .places import Floats, environment

__all__ = [
    "Index",
    "LocalIndex",
    "MultiGroupIndex",
    "PlacedIndex",
    "SeparateZonesIndex",
    "SingleGroupIndex",
    "against",
    "columns",
]


def columns(data: Any, names: Sequence[str]) -> Floats:
    """(Z, G) counts of the named columns.

    Raises
    ------
    CallError
        If one is missing, or holds something that is not a count.
    """
    found = []
    for name in names:
        try:
            found.append(np.asarray(data[name], dtype=np.float64))
        except (KeyError, IndexError, ValueError) as error:
            raise CallError(f'the table has no column of numbers called "{name}"') from error
    out: Floats = np.stack(found, axis=-1)
    bad = ~np.isfinite(out) | (out < 0)
    if bad.any():
        row = int(np.argwhere(bad)[0][0])
        raise CallError(f"row {row} of {', '.join(names)} is not a count: counts are 0 or more, none missing")
    return out


def against(data: Any, group: str, total: str) -> Floats:
    """(Z, 2) members of the group and everybody else.

    Raises
    ------
    CallError
        If a zone has more members than people.
    """
    both = columns(data, (group, total))
    if (both[:, 0] > both[:, 1]).any():
        row = int(np.argmax(both[:, 0] > both[:, 1]))
        raise CallError(f"row {row}: {group} is larger than {total}")
    return np.stack([both[:, 0], both[:, 1] - both[:, 0]], axis=-1)


class Index:
    """What every class here has.

    Attributes
    ----------
    statistic : float
        The value, with all its digits.
    core_data : (Z, G) array
        The counts that were used.
    spec : MeasureSpec
        Words, source, verdict and laws of the measure behind the name.
    """

    index: ClassVar[str] = ""
    several: ClassVar[bool] = False
    core_data: Floats
    statistic: float

    @property
    def spec(self) -> MeasureSpec:
        """The measure behind the name."""
        return CATALOGUE[self.index]

    def ask(self, *given: Any, **options: Any) -> float:
        """Value of the kernel, or the reason why there is none.

        Raises
        ------
        CallError
            If the table has no value.
        """
        none = None if given else why_not(self.spec, self.core_data, many=self.several)
        value = none or self.spec.kernel(self.core_data, *given, **options)
        if isinstance(value, Undefined):
            raise CallError(f"{type(self).__name__} has no value here: {value.reason}")
        return float(value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(statistic={getattr(self, 'statistic', None)!r})"


class SingleGroupIndex(Index):
    """One group against everybody else, in each zone or in what lies around it.

    Parameters
    ----------
    data : mapping of columns
        A GeoDataFrame where a `distance` is asked for.
    group_pop_var : str
        Column with the members of the group.
    total_pop_var : str
        Column with everyone.
    w : Neighbourhood, weights of libpysal or matrix, optional
        Counts people around each zone in place of its own.
    distance : float, optional
        Metres of a kernel that does the same.
    function : str
        Shape of that kernel: ``triangular``, ``uniform``, ``quadratic``, ``quartic`` or ``gaussian``;
        all of them end at the distance.
    **options
        Further arguments of the kernel.

    Raises
    ------
    CallError
        If a column is missing, a zone has more members than people, or nobody is in the group or
        outside of it.
    """

    def __init__(
        self,
        data: Any,
        group_pop_var: str,
        total_pop_var: str,
        w: Any = None,
        *,
        distance: float | None = None,
        function: str = "triangular",
        **options: Any,
    ) -> None:
        table = against(data, group_pop_var, total_pop_var)
        self.core_data = environment(table, data, w, distance, function)
        self.statistic = self.ask(**options)


class SeparateZonesIndex(Index):
    """One group against everybody else, less what chance makes of zones that share nobody.

    Surroundings share people, so no `w` and no `distance` is taken: chance would be overrated.
    """

    def __init__(self, data: Any, group_pop_var: str, total_pop_var: str, **options: Any) -> None:
        self.core_data = against(data, group_pop_var, total_pop_var)
        self.statistic = self.ask(**options)


class PlacedIndex(Index):
    """One group against everybody else, with places of zones; subclasses say which."""

    def __init__(self, data: Any, group_pop_var: str, total_pop_var: str) -> None:
        self.core_data = against(data, group_pop_var, total_pop_var)


class MultiGroupIndex(Index):
    """All groups at once, in each zone or in what lies around it.

    Parameters
    ----------
    data : mapping of columns
    groups : sequence of str
        Columns with the members of each group.
    w, distance, function
        See `SingleGroupIndex`.

    Raises
    ------
    CallError
        If a column is missing, or there are no two groups to compare.
    """

    several = True

    def __init__(
        self,
        data: Any,
        groups: Sequence[str],
        w: Any = None,
        *,
        distance: float | None = None,
        function: str = "triangular",
    ) -> None:
        self.groups = list(groups)
        self.core_data = environment(columns(data, self.groups), data, w, distance, function)
        self.statistic = self.ask()


class LocalIndex(Index):
    """One value for each zone (and group).

    Parameters
    ----------
    data, groups, w, distance, function
        See `MultiGroupIndex`.

    Attributes
    ----------
    statistics : (Z,) or (Z, G) masked array
        Masked where nobody lives, in the zone or around it.
    """

    statistics: ma.MaskedArray

    def __init__(
        self,
        data: Any,
        groups: Sequence[str],
        w: Any = None,
        *,
        distance: float | None = None,
        function: str = "triangular",
    ) -> None:
        self.groups = list(groups)
        self.core_data = environment(columns(data, self.groups), data, w, distance, function)
        self.statistics = self.map()

    def map(self, *given: Any, **options: Any) -> ma.MaskedArray:
        """One value for each zone.

        Raises
        ------
        CallError
            If nobody was counted anywhere.
        """
        values = value_of(self.index, self.core_data, *given, **options)
        if isinstance(values, Undefined):
            raise CallError(f"{type(self).__name__} has no value here: {values.reason}")
        return ma.masked_array(values, dtype=np.float64)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(statistics=<{self.statistics.shape}>)"
