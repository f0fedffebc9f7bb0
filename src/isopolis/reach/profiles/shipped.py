"""Profiles that ship with the program, and the words of tags that all profiles share."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from isopolis import content
from isopolis.model.errors import CallError, near
from isopolis.model.text import phrase

from .model import CLASSES, SURFACES, Profile

__all__ = ["Vocabulary", "names", "profile", "vocabulary"]

FOLDER = "reach/profiles"
ALIASES = {"wheelchair": "manual_wheelchair", "electric_wheelchair": "powered_wheelchair", "stroller": "pram"}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What values of tags mean: classes, surfaces, heights of kerbs in metres, ways that nobody walks on."""

    classes: Mapping[str, int]
    surfaces: Mapping[str, int]
    kerb_heights: Mapping[str, float]
    for_vehicles: frozenset[str]
    not_there: frozenset[str]

    def class_of(self, text: str) -> int | None:
        """Return the place in `CLASSES` of a value of ``highway``, one past the end where nobody walks."""
        said = text.strip().lower()
        if said in self.for_vehicles or said in self.not_there:
            return len(CLASSES)
        return self.classes.get(said)

    def surface_of(self, text: str) -> int | None:
        """Return the place in `SURFACES`; of several surfaces the worst known."""
        found = [self.surfaces.get(part.strip().lower()) for part in text.split(";")]
        known = [f for f in found if f is not None]
        return max(known) if known and len(known) == len(found) else None

    def kerb_of(self, text: str) -> float | None:
        """Return the height that a value of ``kerb`` stands for; -2 where it says only that there is one."""
        said = text.strip().lower()
        return -2.0 if said == "yes" else self.kerb_heights.get(said)


@functools.cache
def vocabulary() -> Vocabulary:
    """Return what values of tags mean."""
    written = content.read(f"{FOLDER}/shared/streets.yaml")
    places = {
        kind: {word: order.index(name) for name, words in written[kind].items() for word in words}
        for kind, order in (("classes", CLASSES), ("surfaces", SURFACES))
    }
    heights = {word: float(height) for word, height in written["kerb_heights"].items()}
    return Vocabulary(
        MappingProxyType(places["classes"]),
        MappingProxyType(places["surfaces"]),
        MappingProxyType(heights),
        frozenset(written["for_vehicles"]),
        frozenset(written["not_there"]),
    )


def names() -> tuple[str, ...]:
    """Return the names of the shipped profiles, the adult first."""
    found = [f.removesuffix(".yaml") for f in content.names(FOLDER)]
    return tuple(sorted(found, key=lambda n: (n != "adult", n)))


def profile(which: str | Mapping[str, Any]) -> Profile:
    """Return a profile by its name, or read one.

    Parameters
    ----------
    which : str or mapping
        ``"manual wheelchair"``, ``"manual-wheelchair"`` and ``"wheelchair"`` are all `manual_wheelchair`.
        A mapping is what stands in a profile's YAML file.

    Raises
    ------
    CallError
        If no profile of that name ships.
    DataError
        With everything that is wrong in a mapping.
    """
    from .parsing import parse_profile

    if isinstance(which, Mapping):
        return parse_profile(which, phrase("the profile"))
    name = "_".join(which.strip().lower().replace("-", " ").replace("_", " ").split())
    name = ALIASES.get(name, name)
    if name not in names():
        hint = near(name, (*names(), *ALIASES))
        raise CallError(
            phrase(
                'there is no mobility profile "{name}"; {near} The path of a YAML file works too.',
                name=which,
                near=hint,
            )
        )
    return _shipped(name)


@functools.cache
def _shipped(name: str) -> Profile:
    from .parsing import parse_profile

    return parse_profile(content.read(f"{FOLDER}/{name}.yaml"), f"{name}.yaml")
