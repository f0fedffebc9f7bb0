"""Comments of a module as rows, without anything that tells who wrote them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .models import Comment

__all__ = ["rows"]


def rows(module: Any) -> Iterator[dict[str, str | int]]:
    """Yield what is public of each comment, oldest first; what is hidden or deleted has no text."""
    for comment in Comment.objects.filter(module=module).order_by("created_at", "pk"):
        yield {
            "number": comment.pk,
            "answer_to": comment.parent_id or "",
            "written": comment.created_at.isoformat(timespec="minutes"),
            "language": comment.language,
            "text": comment.text if comment.is_shown else "",
            "state": comment.state,
        }
