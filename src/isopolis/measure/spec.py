"""The one door for a measure: a function on arrays, its words, its laws, its chance value."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from isopolis.explain import Explain
from isopolis.model import Registry

__all__ = [
    "CATALOGUE",
    "FAMILIES",
    "LAWS",
    "MEASURES",
    "Floats",
    "Groups",
    "Kind",
    "MeasureSpec",
    "Verdict",
    "index",
    "measure",
]

Floats = npt.NDArray[np.float64]
Kernel = Callable[..., Any]
Kind = Literal["groups", "exposure", "ordered", "spatial", "nested", "local", "share"]
Verdict = Literal["recommended", "legacy"]
Groups = Literal["one", "two", "many", "any"]

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
        It trusts its table, and where nothing can be measured it returns 0; `value_of` looks at
        the table first and says why there is no value.
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
        Table → standard deviation under chance: exact on small tables where it can be
        (`null_sd.is_exact`), otherwise by the conditional central limit.
    verdict : str
        ``recommended``, or ``legacy``: kept so that older studies can be checked.
    because : str
        The reason for the verdict, one plain sentence.
    groups : str
        ``any`` number of columns, ``two`` (the group and everybody else), ``many``
        (all columns at once) or ``one`` (one column is measured, further columns are
        everybody else).
    needs : tuple of str
        Names of the positional arguments after the table that have no default:
        ``neighbourhood``, ``borders``, ``areas``, ``points``, ``centre_distances``, ``parents``.
    oracle : str
        Where the independent value of the tests comes from: tool, version and name,
        publication with its table, or the second derivation.
    peers : tuple of str
        What other tools call it: ``PySAL Dissim``, ``OasisR ISDuncan``.
    minimum : float
        Smallest value possible.
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
    verdict: Verdict = "recommended"
    because: str = ""
    groups: Groups = "any"
    needs: tuple[str, ...] = ()
    oracle: str = ""
    peers: tuple[str, ...] = ()
    minimum: float = 0.0

    @property
    def spatial(self) -> bool:
        """True when the kernel takes a place, an area or a neighbourhood beside the counts."""
        return self.kind == "spatial" or bool(self.needs)


def _load() -> None:
    from . import evenness, exposure, information, local, nested, ordered, share, spatial  # noqa: F401


MEASURES: Registry[MeasureSpec] = Registry("measure", _load, "isopolis.measures")
"""What a diagnosis asks: each with a sentence for a councillor."""


def _load_catalogue() -> None:
    from . import catalogue, spatial_indices  # noqa: F401

    for spec in MEASURES.values():
        CATALOGUE.add(spec.name, spec)


CATALOGUE: Registry[MeasureSpec] = Registry("index", _load_catalogue, "isopolis.indices")
"""Every index of the field: `MEASURES`, and those that one asks for by name."""


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
    verdict: Verdict = "recommended",
    because: str = "",
    groups: Groups = "any",
    needs: tuple[str, ...] = (),
    oracle: str = "",
    peers: tuple[str, ...] = (),
    minimum: float = 0.0,
    registry: Registry[MeasureSpec] = MEASURES,
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
            verdict,
            because,
            groups,
            needs,
            oracle,
            peers,
            minimum,
        )
        registry.add(name, spec)
        return kernel

    return register


def index(
    name: str,
    *,
    verdict: Verdict,
    because: str,
    oracle: str,
    say: str = "",
    **parts: Any,
) -> Callable[[Kernel], Kernel]:
    """Register the decorated kernel in `CATALOGUE` alone; the rest as in `measure`.

    Verdict, reason and oracle must be given: an index that nobody can check stays out.

    Raises
    ------
    ValueError
        If the reason or the oracle is empty, or a law is unknown.
    """
    if not because or not oracle:
        raise ValueError(f"{name} needs a reason for its verdict and an oracle")
    parts |= {"verdict": verdict, "because": because, "oracle": oracle, "say": say}
    return measure(name, registry=CATALOGUE, **parts)
