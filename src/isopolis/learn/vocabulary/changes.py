"""What changed between two versions of a vocabulary."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .concepts import Concept
from .vocabulary import Vocabulary

__all__ = ["Change", "changes"]

FIELDS = ("definition", "note", "broader", "related", "matches")


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Parameters
    ----------
    id : str
        The concept or definition.
    what : str
        ``added``, ``removed``, ``label`` or the name of a field.
    lang : str
        The language, for labels.
    before, after : str
        Empty where there was or is nothing.
    """

    id: str
    what: str
    lang: str = ""
    before: str = ""
    after: str = ""


def changes(old: Vocabulary, new: Vocabulary) -> tuple[Change, ...]:
    """Return all changes from `old` to `new`, by id, then field, then language."""
    found: list[Change] = []
    for id in sorted({*old.concepts, *new.concepts}):
        before, after = old.concepts.get(id), new.concepts.get(id)
        if before is None or after is None:
            what = "added" if before is None else "removed"
            said = ((before and before.label()) or "", (after and after.label()) or "")
            found.append(Change(id, what, "", *said))
        else:
            found.extend(_between(before, after))
    return (*found, *_definitions(old, new))


def _between(old: Concept, new: Concept) -> Iterator[Change]:
    for name in FIELDS:
        before, after = getattr(old, name), getattr(new, name)
        if before != after:
            yield Change(new.id, name, "", _said(before), _said(after))
    for lang in sorted({*old.labels, *new.labels}):
        before, after = old.labels.get(lang, ()), new.labels.get(lang, ())
        if before != after:
            yield Change(new.id, "label", lang, "; ".join(before), "; ".join(after))


def _said(value: object) -> str:
    if isinstance(value, str):
        return value
    parts = value if isinstance(value, tuple) else ()
    return "; ".join(p if isinstance(p, str) else f"{p.relation} {p.scheme} {p.notation}" for p in parts)


def _definitions(old: Vocabulary, new: Vocabulary) -> Iterator[Change]:
    before, after = {d.key: d.text for d in old.definitions}, {d.key: d.text for d in new.definitions}
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            # the same version with another text is a change too, and one that must not happen
            what = "added" if key not in before else "removed" if key not in after else "definition"
            yield Change(key, what, "", before.get(key, ""), after.get(key, ""))
