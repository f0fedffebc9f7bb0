"""Lists that are written with commas."""

from __future__ import annotations

__all__ = ["numbers"]


def numbers(text: str, option: str) -> list[float]:
    """Take ``500,1000`` apart.

    Raises
    ------
    CallError
        With every part that is no number.
    """
    from isopolis.model import CallError

    out, wrong = [], []
    for part in (p.strip() for p in text.split(",") if p.strip()):
        try:
            out.append(float(part))
        except ValueError:
            wrong.append(part)
    if wrong:
        raise CallError(f"{option}: {', '.join(wrong)} is no number; write 500,1000,2000")
    return out
