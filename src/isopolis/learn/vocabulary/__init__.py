"""One vocabulary for all: grounds, groups, services, barriers, hazards, themes, pillars, instruments.

``shipped()`` gives it. Every module resolves its terms there, so that a "single mother" of a survey,
of a policy in the library and of an action plan is the same thing, in every language.
"""

from __future__ import annotations

from .changes import Change, changes
from .concepts import Concept, Definition, LocalTerm, Match, Scheme, Source, is_id
from .expand import Expansion, expand
from .shipped import languages, shipped
from .skos import read_skos, to_jsonld, to_turtle
from .vocabulary import AmbiguousTermError, UnknownTermError, Vocabulary
from .words import folded, likeness, plain

__all__ = [
    "AmbiguousTermError",
    "Change",
    "Concept",
    "Definition",
    "Expansion",
    "LocalTerm",
    "Match",
    "Scheme",
    "Source",
    "UnknownTermError",
    "Vocabulary",
    "changes",
    "expand",
    "folded",
    "is_id",
    "languages",
    "likeness",
    "plain",
    "read_skos",
    "shipped",
    "to_jsonld",
    "to_turtle",
]
