"""Make the loops ready before they are needed, and say so."""

from __future__ import annotations

from collections.abc import Callable

from isopolis.model.text import phrase

from .compiled import NAMES, kernel

__all__ = ["ready"]


def ready(progress: Callable[[str], None] | None = None) -> None:
    """Compile or load every loop of the engine.

    The first time on a machine this takes some seconds; later the code is loaded from where it was kept.
    Without this call each loop is made when it is first used.

    Parameters
    ----------
    progress : callable, optional
        Called with a sentence before each loop, and once at the end.
    """
    tell = progress or (lambda _: None)
    for i, name in enumerate(NAMES):
        tell(phrase("making the search ready: {i} of {n}", i=i, n=len(NAMES)))
        kernel(name)
    tell(phrase("the search is ready"))
