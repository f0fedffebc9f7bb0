"""Reading a folder for questions about access, with the terms that its services have in the vocabulary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from isopolis.model import AccessData, CallError, Places, near
from isopolis.model.vocabulary import standard

if TYPE_CHECKING:
    import numpy as np

    from .access_asked import AccessFound

__all__ = ["access_to", "load_access", "named_service", "profile_titles", "with_terms"]

SCHEME = "service"
"""The scheme of the vocabulary that names services."""


def load_access(folder: str | Path, *, progress: Callable[[str], None] | None = None) -> AccessData:
    """Read people, services, streets, timetables and travel matrices of a city folder.

    Parameters
    ----------
    folder : str or Path
        A folder with or without a ``city.toml``.
    progress : callable, optional
        Called with a sentence before each step.

    Raises
    ------
    DataError
        With every problem found, when one of them makes a result wrong.
    CallError
        If the call itself is wrong.
    """
    from isopolis.read.access_data import read_access

    data = read_access(Path(folder), progress=progress)
    return replace(data, services=tuple(with_terms(p) for p in data.services))


def with_terms(places: Places) -> Places:
    """Give a service the term that the vocabulary has for its name, when it has exactly one."""
    term = places.term or _term(places.kind)
    return replace(places, term=term)


def named_service(data: AccessData, name: str) -> Places:
    """Return a service by the data's own name, by a term, or by any label of its term in any language.

    Raises
    ------
    CallError
        If there is none; it names those there are.
    """
    try:
        return data.service(name)
    except CallError:
        term = _term(name)
        fitting = [p for p in data.services if term and p.term == term]
        if len(fitting) == 1:
            return fitting[0]
        raise


def _term(text: str) -> str:
    """Return the id of the one concept that a text names, or an empty text."""
    from isopolis.learn.vocabulary import UnknownTermError, shipped

    try:
        return shipped().resolve(text.replace("_", " "), SCHEME).id
    except UnknownTermError:
        return ""


def profile_titles() -> tuple[tuple[str, str], ...]:
    """Return the name and the title of every way of moving that ships."""
    from isopolis.reach.profiles import names, profile

    return tuple((name, standard(profile(name).title)) for name in names())


def access_to(
    city: AccessData | str | Path,
    service: str,
    *,
    progress: Callable[[str], None] | None = None,
    rng: np.random.Generator | None = None,
    **asked: Any,
) -> AccessFound:
    """Answer who can reach a service: ``isopolis.access("my-city/", "health_centre", minutes=15)``.

    Parameters
    ----------
    city : AccessData, str or Path
        A folder, or what `load_access` made of it.
    service : str
        The data's own name, or a term of the vocabulary.
    progress : callable, optional
        Called with a sentence before each step.
    rng : numpy Generator, optional
        For intervals from counts that are not exact.
    **asked
        What else `AccessAsked` knows: ``profile="wheelchair"``, ``minutes=15``, ``by=(("age", "sex"),)``,
        ``at="Tu 14:30"``, ``fee=0``, ``sites=2`` …

    Returns
    -------
    AccessFound

    Raises
    ------
    CallError
        If a name is unknown or a term is out of its range.
    DataError
        With every problem found in the files.
    """
    from .access import access
    from .access_asked import AccessAsked

    known = [f.name for f in fields(AccessAsked)]
    for name in asked:
        if name not in known:
            raise CallError(f'access has no term "{name}": {near(name, known)}')
    data = city if isinstance(city, AccessData) else load_access(city, progress=progress)
    return access(data, AccessAsked(service, **asked), progress=progress, rng=rng)
