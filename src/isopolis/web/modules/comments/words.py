"""Cleaning of what people write: plain text, nothing that hides or turns around other text."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["plain"]

_KEPT = "\n\u200c\u200d"
"""Line ends, and the two joiners that some scripts and emoji need."""


def plain(text: str) -> str:
    """Return text without control characters and without marks that change the direction of what follows."""
    unified = text.replace("\r\n", "\n").replace("\r", "\n")
    kept = "".join(
        c for c in unified if c in _KEPT or unicodedata.category(c) not in ("Cc", "Cf", "Co", "Cs")
    )
    lines = [line.rstrip() for line in unicodedata.normalize("NFC", kept).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
