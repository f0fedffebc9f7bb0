"""The one door for a measure: a function on arrays, its words, its laws, its chance value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from isopolis.explain import Explain
from isopolis.model import Registry

__all__ = ["FAMILIES", "LAWS", "MEASURES", "Floats", "Kind", "MeasureSpec", "measure"]

Floats = npt.NDArray[np.float64]
Kernel = Callable[..., Any]
Kind = Literal["groups", "exposure", "ordered", "spatial", "nested", "local", "share"]

FAMILIES = (
    "evenness",
    "information",
    "exposure",
    "nested",
    "ordinal",
    "multiscale",
    "local",
    "composition",
)
"""Families in the order in which they are shown."""

LAWS: dict[str, str] = {
    "zone-order": "The order in which zones are listed does not matter.",
    "group-order": "The order in which groups are listed does not matter.",
    "scale": "Ten times the people everywhere gives the same value.",
    "split": "Cutting a zone in two parts of the same mix changes nothing.",
    "merge": "Joining two zones never raises the value.",
    "empty-zone": "A zone with nobody in it changes nothing.",
    "absent-group": "A group with nobody in it changes nothing.",
    "zero-when-even": "Every zone with the city's mix gives 0.",
    "one-when-apart": "No zone shared by two groups gives the maximum.",
    "margin-free": "Doubling one of two groups everywhere changes nothing.",
    "bounded": "The value lies between 0 and its maximum.",
    "adds-up": "The parts add up to the whole.",
}
"""Law → what it says. One test file checks every measure against each law it declares."""


@dataclass(frozen=True, slots=True)
class MeasureSpec:
    """A registered measure.

    Parameters
    ----------
    name, symbol : str
        Field name in ``snake_case`` and the usual letter.
    kernel : callable
        ``(..., zone, group) -> (...)``; local measures keep the zone axis.
        Where nothing can be measured it returns 0: ask `undefined` first.
    explain : Explain
    family : str
        One of `FAMILIES`; families of plugins come after them.
    kind : str
        What it is asked about: ``groups`` (two or more columns), ``exposure``
        (first column to second, others beside), ``ordered`` (columns in rising
        order), ``spatial`` (also a neighbourhood matrix), ``nested`` (also
        parents), ``local`` (one value per zone), ``share`` (needs no zones).
    laws : frozenset of str
        Names out of `LAWS`.
    say : str
        Sentence for a councillor about one group, with the fields that
        `isopolis.flows.words` fills in (``{group} {versus} {percent} {expected} …``).
    say_all : str
        The same about all groups of a dimension; `say` when empty.
    no_interval : str
        Why no interval is given, when none is.
    unit : str
        ``share``, ``nats`` or ``ratio``.
    maximum : callable
        Table → largest value possible.
    expected : callable or None
        Table → exact mean under chance with both margins fixed.
    sd : callable or None
        Table → standard deviation under chance by the conditional central limit.
    """

    name: str
    symbol: str
    kernel: Kernel
    explain: Explain
    family: str
    kind: Kind
    laws: frozenset[str]
    say: str
    unit: str
    maximum: Callable[[Floats], float]
    expected: Callable[..., float] | None
    sd: Callable[..., float] | None
    say_all: str = ""
    no_interval: str = ""


def _load() -> None:
    from . import evenness, exposure, information, local, nested, ordered, share, spatial  # noqa: F401


MEASURES: Registry[MeasureSpec] = Registry("measure", _load, "isopolis.measures")


def one(table: Floats) -> float:
    """Maximum of an index that is 1 at most."""
    return 1.0


def measure(
    name: str,
    *,
    symbol: str,
    family: str,
    explain: Explain,
    laws: Iterable[str],
    say: str,
    kind: Kind = "groups",
    unit: str = "share",
    maximum: Callable[[Floats], float] = one,
    expected: Callable[..., float] | None = None,
    sd: Callable[..., float] | None = None,
    say_all: str = "",
    no_interval: str = "",
) -> Callable[[Kernel], Kernel]:
    """Register the decorated kernel as a measure; see `MeasureSpec` for the parts.

    Raises
    ------
    CallError
        If the name is taken.
    ValueError
        If a law is not one of `LAWS`.
    """
    unknown = set(laws) - set(LAWS)
    if unknown:
        raise ValueError(f"{name} declares unknown laws {sorted(unknown)}")

    def register(kernel: Kernel) -> Kernel:
        spec = MeasureSpec(
            name,
            symbol,
            kernel,
            explain,
            family,
            kind,
            frozenset(laws),
            say,
            unit,
            maximum,
            expected,
            sd,
            say_all,
            no_interval,
        )
        MEASURES.add(name, spec)
        return kernel

    return register
