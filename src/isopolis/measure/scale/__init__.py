"""Scale: the same measure for surroundings that grow, by distance, by people and by network."""

from .ask import asked_of, fitting, spatial_form
from .chance import expected_by_chance, merged, window_sizes
from .grid import Prefixes, Shape, reach, window_sums
from .lattice import Lattice, lattice
from .near import Near, by_distance, by_kernel, itself
from .people import Costs, along_links, by_network, by_people, from_pairs
from .placed import placed_rows, rows_of_groups
from .profile import Point, Profile, profile
from .scores import Score, from_rows, row_scores, window_totals

__all__ = [
    "Costs",
    "Lattice",
    "Near",
    "Point",
    "Prefixes",
    "Profile",
    "Score",
    "Shape",
    "along_links",
    "asked_of",
    "by_distance",
    "by_kernel",
    "by_network",
    "by_people",
    "expected_by_chance",
    "fitting",
    "from_pairs",
    "from_rows",
    "itself",
    "lattice",
    "merged",
    "placed_rows",
    "profile",
    "reach",
    "row_scores",
    "rows_of_groups",
    "spatial_form",
    "window_sizes",
    "window_sums",
    "window_totals",
]
