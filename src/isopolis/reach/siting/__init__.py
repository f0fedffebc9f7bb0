"""Where new sites go: the worst-off group first, nobody worse, with a bound on what is possible."""

from .plan import METHODS, Level, Plan, Step, choose
from .question import MEASURES, OBJECTIVES, Question
from .stability import Stability, redrawn, stability
from .words import explained

__all__ = [
    "MEASURES",
    "METHODS",
    "OBJECTIVES",
    "Level",
    "Plan",
    "Question",
    "Stability",
    "Step",
    "choose",
    "explained",
    "redrawn",
    "stability",
]
