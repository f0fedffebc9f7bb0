"""What makes a gap: where people live, how they move, what the service admits."""

from .shapley import FACTORS, Part, Split, shapley, split
from .tables import level_of, split_levels

__all__ = ["FACTORS", "Part", "Split", "level_of", "shapley", "split", "split_levels"]
