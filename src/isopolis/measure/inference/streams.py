"""Random numbers that depend on what they are for, never on who draws them or when.

Philox is counter-based: a key and a counter give the bits, without any state to carry along (Salmon and
others 2011, *SC11*, "Parallel random numbers: as easy as 1, 2, 3"). The key is made from the seed and the
purpose; the counter starts at the replicate and the block. So one worker and many draw the same bits.
"""

from __future__ import annotations

import zlib

import numpy as np

__all__ = ["stream"]


def stream(seed: int, replicate: int, block: int = 0, purpose: str = "") -> np.random.Generator:
    """Generator of one block of one replicate.

    Parameters
    ----------
    seed : int
        At least 0.
    replicate, block : int
        0 .. 2⁶⁴ − 1 each; two streams of other numbers never meet before 2¹²⁸ draws.
    purpose : str
        What is drawn, so that two uses of one seed do not share their numbers.
    """
    words = np.random.SeedSequence([seed, zlib.crc32(purpose.encode())]).generate_state(2, np.uint64)
    counter = np.array([0, 0, block, replicate], dtype=np.uint64)
    return np.random.Generator(np.random.Philox(key=words, counter=counter))
