"""Write a public bundle as one ZIP file, the same byte for byte whenever and wherever it is written."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

__all__ = ["zipped"]

WHEN = (1980, 1, 1, 0, 0, 0)
"""The earliest date that the format knows: when a bundle was zipped says nothing."""


def zipped(texts: Mapping[str, bytes]) -> bytes:
    """Return the ZIP file of `texts`, in the order of their names."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(texts):
            entry = zipfile.ZipInfo(name, WHEN)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, texts[name])
    return out.getvalue()
