"""Segregation: pure functions on arrays, and the registry that holds them.

Every kernel takes ``(..., zone, group)``; what a measure means, obeys and gives by
chance stands beside it, under the `measure` decorator.
"""

from .asked import value_of, why_not
from .draws import Observed
from .estimate import Estimate, Question, estimate
from .spec import CATALOGUE, FAMILIES, LAWS, MEASURES, MeasureSpec, index, measure

__all__ = [
    "CATALOGUE",
    "FAMILIES",
    "LAWS",
    "MEASURES",
    "Estimate",
    "MeasureSpec",
    "Observed",
    "Question",
    "estimate",
    "index",
    "measure",
    "value_of",
    "why_not",
]
