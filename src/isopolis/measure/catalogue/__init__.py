"""Indices that one asks for by name: everything in the literature beyond what a diagnosis shows.

Each is registered in `isopolis.measure.CATALOGUE` with its words, laws, source, a verdict
(recommended or legacy) and the reason. ``docs/measures.md`` lists them all.
"""

from . import corrected, diversity, ordinal, two_group, zones  # noqa: F401
