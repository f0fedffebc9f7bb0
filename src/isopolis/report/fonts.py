"""Which letters the fonts of this machine have: the PDF takes them for what its own font lacks."""

from __future__ import annotations

from functools import cache

__all__ = ["covered"]


@cache
def _characters() -> frozenset[int]:
    """Code points of all fonts that are installed; files that are no fonts are passed over."""
    from matplotlib.font_manager import findSystemFonts
    from matplotlib.ft2font import FT2Font

    found: set[int] = set()
    for path in findSystemFonts():
        try:
            found |= set(FT2Font(path).get_charmap())
        except (OSError, RuntimeError):
            continue
    return frozenset(found)


def covered(letters: str) -> bool:
    """Tell whether installed fonts have all of these letters between them."""
    return {ord(c) for c in letters} <= _characters()
