"""Streets: which are connected, how steep they are, and where on them a place lies."""

from .parts import Parts, components, parts
from .slopes import slopes
from .snapping import Snapped, snap

__all__ = ["Parts", "Snapped", "components", "parts", "slopes", "snap"]
