"""The vocabulary as one workspace sees it."""

from __future__ import annotations

from typing import Any

from isopolis.learn.vocabulary import Vocabulary, shipped

from .models import LocalTerm

__all__ = ["vocabulary_of"]


def vocabulary_of(workspace: Any) -> Vocabulary:
    """Return the shipped vocabulary with the words of a workspace.

    Terms that were confirmed as a concept that a newer version no longer has are left unmapped, so
    that an upgrade breaks no page.
    """
    known = shipped()
    terms = [t.term() for t in LocalTerm.objects.filter(workspace=workspace).order_by("pk")]
    return known.with_local(t for t in terms if not t.concept or t.concept in known)
