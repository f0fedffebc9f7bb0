"""Charts of findings with their summaries and tables."""

from .groups import glance, isolation, spread
from .scale import inside, nested, profile
from .time import change, survey

__all__ = ["change", "glance", "inside", "isolation", "nested", "profile", "spread", "survey"]
