"""Names of themes in the language of the page."""

from __future__ import annotations

from collections.abc import Iterable

from isopolis.learn.vocabulary import UnknownTermError, shipped

__all__ = ["theme_choices", "theme_name"]


def theme_name(id_: str, language: str) -> str:
    """Return the label of a theme; a theme that the vocabulary does not have keeps its id."""
    try:
        return str(shipped().label(id_, language))
    except (UnknownTermError, KeyError):
        return id_


def theme_choices(ids: Iterable[str], language: str) -> list[tuple[str, str]]:
    """Ids with their names, by name."""
    return sorted(((i, theme_name(i, language)) for i in ids), key=lambda c: c[1].casefold())
