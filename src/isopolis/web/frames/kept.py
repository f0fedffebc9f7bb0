"""Which questionnaires a workspace can begin, and how frames and their terms are kept and said."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from isopolis.act.frames import Frame, read_frame, shipped, shipped_names, write_plain
from isopolis.act.rules import said_as
from isopolis.learn.vocabulary import Concept
from isopolis.learn.vocabulary import shipped as vocabulary
from isopolis.model import CallError, DataError
from isopolis.web.languages import page_language, said
from isopolis.web.modules.comments.words import plain as cleaned

from .models import OwnFrame

__all__ = [
    "as_json", "frame_of", "is_scheme", "known_term", "offered", "problems", "term_label", "terms", "tidied",
    "word",
]  # fmt: skip


def as_json(frame: Frame) -> dict[str, Any]:
    """Return a frame as a JSON field keeps it, with days as text."""

    def plain(item: Any) -> Any:
        if isinstance(item, dict):
            return {k: plain(v) for k, v in item.items()}
        if isinstance(item, list):
            return [plain(v) for v in item]
        return item.isoformat() if hasattr(item, "isoformat") else item

    made: dict[str, Any] = plain(write_plain(frame))
    return made


def tidied(frame: Frame) -> Frame:
    """Return a frame without signs that hide or that no database keeps.

    Raises
    ------
    DataError
        When nothing is left of a text that has to be there.
    """

    def tidy(item: Any) -> Any:
        if isinstance(item, dict):
            return {tidy(k): tidy(v) for k, v in item.items()}
        if isinstance(item, list):
            return [tidy(v) for v in item]
        return cleaned(item) if isinstance(item, str) else item

    return read_frame(tidy(as_json(frame)), frame.id)


def offered(workspace: Any) -> list[tuple[str, Frame]]:
    """List the questionnaires that can be begun: those that ship, then the city's own."""
    own = OwnFrame.objects.filter(workspace=workspace).order_by("title", "pk")
    return [(n, shipped(n)) for n in shipped_names()] + [(o.key, read_frame(o.content, o.key)) for o in own]


def frame_of(workspace: Any, key: str) -> Frame | None:
    """Return one of `offered` by its key."""
    if key in shipped_names():
        return shipped(key)
    own = OwnFrame.objects.filter(workspace=workspace, key=key).first()
    return read_frame(own.content, key) if own else None


def word(text: Any) -> str:
    """Say a text of a frame in the language of the page, where it has it."""
    return said_as(text, page_language())


def is_scheme(scheme: Any) -> bool:
    """Tell whether terms can be chosen of a scheme; an empty one stands for all."""
    return scheme == "" or (isinstance(scheme, str) and scheme in vocabulary().schemes)


def _concepts(scheme: str) -> Iterable[Concept]:
    if not scheme:
        return vocabulary().concepts.values()
    # a scheme may be gone from the vocabulary since the questionnaire was brought
    return vocabulary().scheme(scheme) if is_scheme(scheme) else ()


def terms(scheme: str) -> list[tuple[str, str]]:
    """List the terms of a scheme with their labels, in the order of the labels; all without a scheme."""
    labels = ((c.id, term_label(c.id)) for c in _concepts(scheme))
    return sorted(labels, key=lambda pair: pair[1].casefold())


def term_label(term: str) -> str:
    """Return the label of a term; the term itself where it is not known any more."""
    try:
        return str(vocabulary().label(term, page_language()))
    except (CallError, DataError, KeyError, LookupError):
        return term


def known_term(term: str, scheme: str) -> bool:
    """Tell whether a term is one of a scheme."""
    return any(c.id == term for c in _concepts(scheme))


def problems(error: DataError) -> list[str]:
    """Say every problem of an input in the language of the page."""
    return [said(p.said()) for p in error.problems]
