"""A deterministic, invented city for machines without data: example data, not a real place."""

from .write import FEWEST_ZONES, MOST_ZONES, write_example

__all__ = ["FEWEST_ZONES", "MOST_ZONES", "write_example"]
