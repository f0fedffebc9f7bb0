"""What a kind of module tells beside the projects on a ballot: texts, languages, how they were ordered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ABOUT", "COUNTED", "About", "Sheet"]


@dataclass(frozen=True, slots=True)
class About:
    """A project in the words of who proposed it.

    Parameters
    ----------
    text : str
        The beginning of it.
    language : str
        Code of its language; empty when it is not known.
    address : str
        Where all of it can be read; empty when nowhere.
    tongue : str
        Name of the language in that language, where it is another one than that of the page.
    """

    text: str
    language: str = ""
    address: str = ""
    tongue: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What stands on a ballot beside names and costs; its projects are grouped by place.

    Parameters
    ----------
    order : str
        One sentence on how places and projects came into their order.
    projects : mapping of str to About
        By id of the project.
    """

    order: str
    projects: Mapping[str, About] = field(default_factory=dict)


ABOUT: dict[str, Callable[[Any], Sheet]] = {}
"""Kind of module → what is asked with the module; a kind of module puts itself here when it is installed."""

COUNTED: dict[str, Callable[[Any, Any], None]] = {}
"""Kind of module → what is called with the vote and the second person, in the transaction of the count."""
