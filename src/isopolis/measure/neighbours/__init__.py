"""Who counts as near: neighbourhoods as arguments, never as kinds of index.

Every function of this package makes a `Neighbourhood`, and every spatial index takes one.
Nothing here reads outlines or files; it takes arrays.
"""

from .contiguity import Borders, contiguity, grid_borders, orders
from .distance import distance_band, kernel, nearest_people, nearest_zones
from .network import network_band
from .types import CONVENTIONS, Convention, Neighbourhood, alone, from_matrix, weights_of

__all__ = [
    "CONVENTIONS",
    "Borders",
    "Convention",
    "Neighbourhood",
    "alone",
    "contiguity",
    "distance_band",
    "from_matrix",
    "grid_borders",
    "kernel",
    "nearest_people",
    "nearest_zones",
    "network_band",
    "orders",
    "weights_of",
]
