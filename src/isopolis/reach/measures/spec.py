"""The one door for a measure of access or of its equity: a function on arrays, its words, its laws."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from isopolis.explain import Explain
from isopolis.model import CallError, Registry

__all__ = ["ACCESS", "EQUITY", "FAMILIES", "LAWS", "ReachSpec", "access", "equity"]

Verdict = Literal["recommended", "legacy"]
Kernel = TypeVar("Kernel", bound=Callable[..., Any])

FAMILIES = ("time", "opportunities", "competition", "needs", "level", "gap", "poverty", "inequality")
"""Families in the order in which they are shown; the first four are of access, the others of equity."""

LAWS: dict[str, str] = {
    "order": "The order in which origins, places or people are listed does not matter.",
    "faster": "Where travel gets faster, nobody's value gets worse.",
    "more-places": "One more place makes nobody's value worse.",
    "adds-up": "The parts add up to the whole.",
    "supply-kept": "What is given out is what there is: no place is counted twice.",
    "demand-kept": "Everybody who reaches a place is counted once.",
    "replication": "Ten times the people everywhere gives the same value.",
    "scale": "Measuring access in another unit changes nothing.",
    "translation": "The same amount more for everybody raises the value by that amount.",
    "shift-free": "The same amount more for everybody changes nothing.",
    "transfer": "Moving access from the worse off to the better off never lowers the value.",
    "zero-when-equal": "When everybody has the same access the value is 0.",
    "mean-when-equal": "When everybody has the same access the value is that access.",
    "averse": "The value is never better than the mean.",
    "monotone": "Where nobody's access gets worse, the value does not get worse.",
    "bounded": "The value lies between 0 and 1.",
    "mirror": "Listing people from rich to poor instead of poor to rich turns the sign.",
}
"""Law → what it says. The tests check every measure against each law that it declares."""


@dataclass(frozen=True, slots=True)
class ReachSpec:
    """A registered measure of access, or of its equity.

    Parameters
    ----------
    name, symbol : str
        Name in ``snake_case`` and the usual letter.
    kernel : callable
        The function itself.
    explain : Explain
    family : str
        One of `FAMILIES`.
    unit : str
        ``minutes``, ``places``, ``places per person``, ``share``, ``ratio``, or ``as access``:
        the unit of the value that it is asked about.
    better : str
        ``more`` or ``less``: which direction is good for people; ``as access`` where that depends on
        the value; ``even`` for measures of inequality, where less is more equal.
    laws : frozenset of str
        Names out of `LAWS`.
    say : str
        Sentence for a councillor, with fields in braces.
    verdict : str
        ``recommended``, or ``legacy``: here so that older studies can be checked.
    because : str
        The reason for the verdict.
    oracle : str
        Where the independent value of the tests comes from.
    peers : tuple of str
        What other tools call it.
    guaranteed : bool
        True when the figures of the slowest and of the fastest reading of the map enclose the figure of
        every map between them; False where they are two scenarios only.
    """

    name: str
    symbol: str
    kernel: Callable[..., Any]
    explain: Explain
    family: str
    unit: str
    better: str
    laws: frozenset[str]
    say: str
    verdict: Verdict
    because: str
    oracle: str
    peers: tuple[str, ...] = ()
    guaranteed: bool = False


def _load_access() -> None:
    from ..services import digital  # noqa: F401
    from . import competition, gravity, needs, opportunity  # noqa: F401


def _load_equity() -> None:
    from ..equity import inequality, level, poverty, ranked  # noqa: F401


ACCESS: Registry[ReachSpec] = Registry("measure of access", _load_access, "isopolis.access")
"""What one origin reaches."""

EQUITY: Registry[ReachSpec] = Registry("measure of equity", _load_equity, "isopolis.equity")
"""How what is reached is spread over people."""


def _register(registry: Registry[ReachSpec], name: str, parts: dict[str, Any]) -> Callable[[Kernel], Kernel]:
    unknown = set(parts["laws"]) - set(LAWS)
    if unknown:
        raise CallError(f"{name} declares unknown laws {sorted(unknown)}")
    if parts["family"] not in FAMILIES:
        raise CallError(f'{name} has the unknown family "{parts["family"]}"')
    if not parts["because"] or not parts["oracle"]:
        raise CallError(f"{name} needs a reason for its verdict and an oracle")

    def put(kernel: Kernel) -> Kernel:
        registry.add(name, ReachSpec(name=name, kernel=kernel, **parts))
        return kernel

    return put


def access(
    name: str,
    *,
    symbol: str,
    family: str,
    explain: Explain,
    laws: Iterable[str],
    say: str,
    unit: str,
    because: str,
    oracle: str,
    better: str = "more",
    verdict: Verdict = "recommended",
    peers: tuple[str, ...] = (),
) -> Callable[[Kernel], Kernel]:
    """Register the decorated function as a measure of access; see `ReachSpec` for the parts.

    Raises
    ------
    CallError
        If the name is taken, a law or the family is unknown, or the reason or the oracle is missing.
    """
    parts = {
        "symbol": symbol, "family": family, "explain": explain, "laws": frozenset(laws), "say": say,
        "unit": unit, "better": better, "verdict": verdict, "because": because, "oracle": oracle,
        "peers": peers, "guaranteed": family != "competition",
    }  # fmt: skip
    return _register(ACCESS, name, parts)


def equity(
    name: str,
    *,
    symbol: str,
    family: str,
    explain: Explain,
    laws: Iterable[str],
    say: str,
    unit: str,
    because: str,
    oracle: str,
    better: str = "even",
    verdict: Verdict = "recommended",
    peers: tuple[str, ...] = (),
    guaranteed: bool = False,
) -> Callable[[Kernel], Kernel]:
    """Register the decorated function as a measure of equity; see `ReachSpec` for the parts.

    Raises
    ------
    CallError
        If the name is taken, a law or the family is unknown, or the reason or the oracle is missing.
    """
    parts = {
        "symbol": symbol, "family": family, "explain": explain, "laws": frozenset(laws), "say": say,
        "unit": unit, "better": better, "verdict": verdict, "because": because, "oracle": oracle,
        "peers": peers, "guaranteed": guaranteed,
    }  # fmt: skip
    return _register(EQUITY, name, parts)
