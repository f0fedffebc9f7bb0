"""What must stand in a record: a small logic that every engine is asked in its own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .documents import spaced

__all__ = ["All", "Any", "Logic", "Phrase", "holds", "pruned", "to_fts5", "to_tsquery", "tokens_of"]


@dataclass(frozen=True, slots=True)
class Phrase:
    """Encoded tokens, one after the other."""

    tokens: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class All:
    """Each of these; everything when there is none."""

    of: tuple[Logic, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """One of these at least; nothing when there is none."""

    of: tuple[Logic, ...]


Logic = Phrase | All | Any


def holds(logic: Logic, title: str, body: str) -> bool:
    """Say by looking whether a stored row fulfils `logic`."""
    if isinstance(logic, Phrase):
        wanted = spaced(logic.tokens)
        return wanted in title or wanted in body
    parts = (holds(part, title, body) for part in logic.of)
    return all(parts) if isinstance(logic, All) else any(parts)


def tokens_of(logic: Logic) -> Iterator[str]:
    """Yield every token that is named."""
    if isinstance(logic, Phrase):
        yield from logic.tokens
    else:
        for part in logic.of:
            yield from tokens_of(part)


def pruned(logic: Logic, known: Callable[[str], bool]) -> Logic | None:
    """Leave out what cannot be there because a token is unknown; None when nothing can fulfil it."""
    if isinstance(logic, Phrase):
        return logic if all(known(t) for t in logic.tokens) else None
    parts = [pruned(part, known) for part in logic.of]
    kept = tuple(dict.fromkeys(p for p in parts if p is not None))
    if isinstance(logic, All):
        return None if len(parts) > sum(p is not None for p in parts) else All(kept)
    return (kept[0] if len(kept) == 1 else Any(kept)) if kept else None


def to_fts5(logic: Logic) -> str:
    """Write for ``MATCH`` of SQLite's FTS5; tokens are letters and digits only."""
    if isinstance(logic, Phrase):
        return '"' + " ".join(logic.tokens) + '"'
    word = " AND " if isinstance(logic, All) else " OR "
    return "(" + word.join(to_fts5(part) for part in logic.of) + ")"


def to_tsquery(logic: Logic, weight: str = "") -> str:
    """Write as a ``tsquery`` of PostgreSQL; `weight` ``A`` looks at titles only."""
    if isinstance(logic, Phrase):
        said = " <-> ".join(f"'{t}'" + (f":{weight}" if weight else "") for t in logic.tokens)
        return f"({said})" if len(logic.tokens) > 1 else said
    word = " & " if isinstance(logic, All) else " | "
    return "(" + word.join(to_tsquery(part, weight) for part in logic.of) + ")"
