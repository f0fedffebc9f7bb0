"""How large a group is: the one number that needs no zones."""

from __future__ import annotations

import numpy as np

from isopolis.explain import Citation, Explain

from .arrays import Floats, divide
from .spec import measure

__all__ = ["share"]


@measure(
    "share",
    groups="one",
    because="No index can be read without it.",
    oracle="totals of the published table of Barcelona",
    symbol="P",
    family="composition",
    kind="share",
    explain=Explain(
        title="Share of the city",
        one_line="What share of people belong to this group?",
        low="Near 0 hardly anybody belongs to it, or hardly anybody was asked or answered.",
        high="Near 1 almost everybody belongs to it.",
        ask_next=("Who was asked, who could answer freely, and who did not answer?",),
        pitfalls=(
            "From a survey it is an estimate. Read the interval, not the middle.",
            "People hide what may harm them. For some groups the true share is higher.",
        ),
        not_for="Do not break a city-wide survey down by zone: too few people were asked in each.",
        example="A share of 6 percent with an interval from 5 to 7 fits between 5 and 7 of every 100 people.",
        citations=(
            Citation(
                "Lohr, S. L.", 2021, "Sampling: design and analysis", "CRC Press, third edition", "chapter 2"
            ),
        ),
    ),
    laws=("zone-order", "scale", "split", "empty-zone", "bounded"),
    say="{percent} of people belong to {group}.",
)
def share(x: Floats) -> Floats:
    """Share of the first column among all people.

    Parameters
    ----------
    x : (..., Z, G) array
        Persons, >= 0.

    Returns
    -------
    (...) array in 0..1; 0 where nobody is.
    """
    x = np.asarray(x, dtype=np.float64)
    return divide(x[..., 0].sum(axis=-1), x.sum(axis=(-1, -2)))
