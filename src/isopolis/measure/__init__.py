"""Segregation: pure functions on arrays, and the registry that holds them.

Every kernel takes ``(..., zone, group)``; what a measure means, obeys and gives by
chance stands beside it, under the `measure` decorator.
"""

from .draws import Observed
from .estimate import Estimate, Question, estimate
from .spec import FAMILIES, LAWS, MEASURES, MeasureSpec, measure

__all__ = [
    "FAMILIES",
    "LAWS",
    "MEASURES",
    "Estimate",
    "MeasureSpec",
    "Observed",
    "Question",
    "estimate",
    "measure",
]
