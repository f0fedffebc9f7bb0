"""Independent random streams, one per part of the example city."""

from __future__ import annotations

import zlib

import numpy as np

__all__ = ["stream"]


def stream(seed: int, part: str) -> np.random.Generator:
    """Return the generator of one named part.

    Parameters
    ----------
    seed : int, >= 0
    part : str
        Name of the part; a new part gets a new name and so leaves every other part as it was.
    """
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, zlib.crc32(part.encode())])))
