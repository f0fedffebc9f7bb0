"""People below a standard of access: how many, how far below, and how unequally far."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from isopolis.explain import Citation, Explain
from isopolis.model import CallError

from ..measures.spec import equity
from .level import within
from .weighted import Masked, Settings, Weighted, masked

__all__ = ["fgt0", "fgt1", "fgt2", "shortfalls"]

FGT = Citation(
    "Foster, J., Greer, J. and Thorbecke, E.", 1984, "A class of decomposable poverty measures",
    "Econometrica 52(3), 761-766", "eq. 3",
)  # fmt: skip
TRANSPORT = Citation(
    "Karner, A., Pereira, R. H. M. and Farber, S.", 2025, "Advances and pitfalls in measuring transportation "
    "equity", "Transportation 52, 1399-1427",
)  # fmt: skip


def shortfalls(w: Weighted, standard: float | None) -> npt.NDArray[np.float64]:
    """(n,) distance to the standard in 0..1, 0 where it is met.

    Where more is better: (z - y) / z, as in Foster, Greer and Thorbecke. Where less is better:
    (t - z) / (longest - z), so that whoever reaches nothing has 1, as whoever has nothing has there.

    Raises
    ------
    CallError
        If there is no standard, it is not above 0, or times were looked for without a limit.
    """
    met = within(w, standard)
    assert standard is not None
    if w.better == "more":
        if standard <= 0:
            raise CallError("a standard of access is a number above 0")
        return np.where(met, 0.0, 1 - w.values / standard)
    if w.worst <= standard:
        raise CallError(
            "how far people are from a standard in minutes is counted up to the longest time that was looked "
            "for: look for longer times than the standard"
        )
    return np.where(met, 0.0, np.minimum((w.values - standard) / (w.worst - standard), 1.0))


def _fgt(w: Weighted, numbers: npt.NDArray[np.float64]) -> Masked:
    everybody = w.everybody
    sums = numbers @ w.people + w.away
    return masked(np.divide(sums, everybody, out=np.zeros(len(sums)), where=everybody > 0), everybody > 0)


@equity(
    "fgt0",
    symbol="FGT0",
    family="poverty",
    unit="share",
    better="less",
    guaranteed=True,
    because="It counts people, and people can be counted again.",
    oracle="a loop over people; Belo Horizonte, share of people with no school in reach",
    peers=("R accessibility fgt_poverty",),
    explain=Explain(
        title="Share below the standard (FGT 0)",
        one_line="What share of the group has less access than everybody should have?",
        low="At 0 nobody is below the standard.",
        high="At 1 everybody is below the standard.",
        ask_next=("Where do they live, and what would lift them above it?",),
        pitfalls=("It does not see how far below the standard people are.",),
        not_for="Do not lower the share by helping only those who are nearly there.",
        example="A value of 0.2 means that 20 of every 100 people have no health centre within 15 minutes.",
        citations=(FGT, TRANSPORT),
    ),
    laws=("order", "replication", "monotone", "bounded"),
    say="{percent} of {group} are below the standard.",
)  # fmt: skip
def fgt0(w: Weighted, asked: Settings) -> Masked:
    """(G,) share of people below ``asked.standard``, among them those who reach nothing."""
    return _fgt(w, (~within(w, asked.standard)).astype(np.float64))


@equity(
    "fgt1",
    symbol="FGT1",
    family="poverty",
    unit="share",
    better="less",
    guaranteed=True,
    because="It falls whenever anybody below the standard is helped, however little.",
    oracle="a loop over people; the example of a line by hand",
    peers=("R accessibility fgt_poverty",),
    explain=Explain(
        title="Shortfall below the standard (FGT 1)",
        one_line="How far below the standard are people, on average over all of the group?",
        low="At 0 nobody is below the standard.",
        high="At 1 everybody has nothing at all.",
        ask_next=("Is it many people a little below, or few people far below?",),
        pitfalls=(
            (
                "For minutes, the shortfall is counted up to the longest time that was looked for. Another "
                "limit gives another value."
            ),
            "Many people a little below and few far below can give the same value.",
        ),
        not_for="Do not compare values with different standards.",
        example="When one in five has half of the standard and all others have it, the value is 0.1.",
        citations=(FGT, TRANSPORT),
    ),
    laws=("order", "replication", "monotone", "bounded"),
    say="On average {group} lack {percent} of the standard.",
)  # fmt: skip
def fgt1(w: Weighted, asked: Settings) -> Masked:
    """(G,) mean shortfall over all people; who reaches nothing lacks all of it."""
    return _fgt(w, shortfalls(w, asked.standard))


@equity(
    "fgt2",
    symbol="FGT2",
    family="poverty",
    unit="share",
    better="less",
    guaranteed=True,
    because="It weighs those farthest below most, so that helping them first shows.",
    oracle="a loop over people; the example of a line by hand",
    peers=("R accessibility fgt_poverty",),
    explain=Explain(
        title="Severity below the standard (FGT 2)",
        one_line="How far below the standard are people, when those farthest below count most?",
        low="At 0 nobody is below the standard.",
        high="At 1 everybody has nothing at all.",
        ask_next=("Who is farthest below, and what would change it for them?",),
        pitfalls=(
            "The value has no unit that people can picture. Use it to order plans, not to speak of them.",
            "For minutes it depends on the longest time that was looked for.",
        ),
        not_for="Do not compare values with different standards.",
        example="When one in five has half of the standard and all others have it, the value is 0.05.",
        citations=(FGT, TRANSPORT),
    ),
    laws=("order", "replication", "monotone", "bounded"),
    say="The severity of lacking access among {group} is {value}.",
)  # fmt: skip
def fgt2(w: Weighted, asked: Settings) -> Masked:
    """(G,) mean squared shortfall over all people."""
    return _fgt(w, shortfalls(w, asked.standard) ** 2)
