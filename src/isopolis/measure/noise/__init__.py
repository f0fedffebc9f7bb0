"""Measures on counts that carry noise, were rounded, are hidden or come from a sample, and intervals for all.

`Drawn` makes tables that agree with what was published, `known` reads value and interval from them, and
`second_moments` takes noise out of V, isolation, interaction and Simpson's index exactly, where no count is
so small that its noise was cut off. What the published counts leave open is refused with its reason.
"""

from .known import Known, about, known, not_identifiable
from .second_moments import (
    biased,
    corrected,
    isolation,
    meetings,
    of_persons,
    simpson,
    variance_ratio,
    variances,
)
from .tables import JOINT, Drawn, Part, kind_of

__all__ = [
    "JOINT",
    "Drawn",
    "Known",
    "Part",
    "about",
    "biased",
    "corrected",
    "isolation",
    "kind_of",
    "known",
    "meetings",
    "not_identifiable",
    "of_persons",
    "simpson",
    "variance_ratio",
    "variances",
]
