"""Access to what is offered online: people with a connection, and help points for those without."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.explain import Citation, Explain
from isopolis.model import CallError

from ..measures.result import NOT_LOCATED, REACHED, Access
from ..measures.spec import access

__all__ = ["Digital", "digital"]

Floats = npt.NDArray[np.float64]

DIJK = Citation(
    "van Dijk, J.", 2020, "The Digital Divide", "Polity Press", "chapters 4 and 5",
)  # fmt: skip
HELSPER = Citation(
    "Helsper, E. J.", 2021, "The Digital Disconnect: The social causes and consequences of digital "
    "inequalities", "SAGE",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Digital:
    """Who can use what is offered online.

    Parameters
    ----------
    online : Access
        (O,) share of people with a connection of their own, 0..1.
    helped : Access
        (O,) share of people with a connection, or without one and a help point in reach.
    left_out : Access
        (O,) share of people with neither.
    """

    online: Access
    helped: Access
    left_out: Access


@access(
    "digital",
    symbol="d",
    family="needs",
    unit="share",
    because="A service that moves online closes its door to those who are not: the share can be counted.",
    oracle="a loop over origins; the bounds of a union",
    explain=Explain(
        title="Access to what is offered online",
        one_line="What share of people can use an online service at home, or at a help point in reach?",
        low="Near 0 hardly anybody here can use what is offered online.",
        high="At 1 everybody can, at home or with help near by.",
        ask_next=(
            "Is the help point open when people are free, and does it speak their language?",
            "Who has a telephone but no device on which a form can be filled in?",
        ),
        pitfalls=(
            "A connection in the home is not a person who can use it.",
            "Coverage on a map is what a firm offers, not what people can pay.",
        ),
        not_for="Do not use it as a reason to close a counter.",
        example="With 70 of 100 people connected, the value is 1 beside a help point and 0.7 far from one.",
        citations=(DIJK, HELSPER),
    ),
    laws=("order", "more-places", "bounded"),
    say="{percent} of people can use what is offered online.",
)  # fmt: skip
def digital(
    coverage: npt.ArrayLike, help_costs: npt.ArrayLike, cutoff: int, *, attached: npt.ArrayLike | None = None
) -> Digital:
    """Return who can use an online service.

    Parameters
    ----------
    coverage : (O,) array
        Share of people with a connection, 0..1; NaN where it is not known.
    help_costs : (O,) array of int, milliseconds
        Time to the nearest help point, -1 where there is none in reach.
    cutoff : int, milliseconds
        Included.
    attached : (O,) array of bool, optional
        False for origins that are not on the network.

    Returns
    -------
    Digital
        State `NOT_LOCATED` where nothing is known: an origin off the network has a value where everybody
        is connected only.

    Raises
    ------
    CallError
        If shapes disagree, or a share is not within 0..1.

    References
    ----------
    van Dijk (2020); Helsper (2021).
    """
    share, costs = np.asarray(coverage, dtype=np.float64), np.asarray(help_costs)
    if share.ndim != 1 or share.shape != costs.shape:
        raise CallError("give for every origin the share of people with a connection and the time to help")
    known = np.isfinite(share)
    if known.any() and not (share[known].min() >= 0 and share[known].max() <= 1):
        raise CallError("shares of people with a connection lie within 0 and 1")
    share = np.where(known, share, 0.0)
    near = (costs >= 0) & (costs <= cutoff)
    on = np.ones(len(share), dtype=np.bool_) if attached is None else np.asarray(attached, dtype=np.bool_)
    # with a help point in reach everybody is helped, however many are connected
    reached = near & on
    helped = np.where(reached, 1.0, share)
    sure = reached | (known & on) | (share >= 1)
    return Digital(_access(share, known), _access(helped, sure), _access(1 - helped, sure, "less", worst=1.0))


def _access(values: Floats, known: npt.NDArray[np.bool_], better: str = "more", worst: float = 0.0) -> Access:
    return Access(values, np.where(known, REACHED, NOT_LOCATED), "digital", "share", better, worst)
