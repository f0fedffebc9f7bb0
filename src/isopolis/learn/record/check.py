"""Everything that is wrong with a record, at once, in sentences with the path of the field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from pydantic import ValidationError

from isopolis.model.errors import Problem
from isopolis.model.text import phrase

from .model import TERM_FIELDS, Record
from .rules import Broken, broken
from .said import said

__all__ = ["TOO_DEEP", "TOO_LARGE", "Terms", "measured", "problems"]

TOO_LARGE = 512 * 1024
"""Characters that a record may have in all."""
TOO_DEEP = 12
"""How deep lists and parts may lie in each other."""
PEOPLE = ("group", "ground")


class Terms(Protocol):
    """As much of a vocabulary as a record needs."""

    def concept(self, id: str, /) -> Any:
        """Return the concept, or raise `LookupError` or an `IsopolisError` that names near ones."""
        ...


def problems(plain: Any, vocabulary: Terms | None = None, *, file: str | None = None) -> list[Problem]:
    """List everything that keeps `plain` from being a record; an empty list means that it is one.

    Parameters
    ----------
    plain : dict
        The record as YAML or JSON gives it.
    vocabulary : Terms, optional
        Where themes, grounds, groups and so on are looked up; without it they are not.
    file : str, optional
        Named in each problem.
    """
    if not isinstance(plain, Mapping):
        return [_found("not-a-record", phrase("this is not a record: it has no named fields"), "", file)]
    bulk, deep = measured(plain)
    if bulk > TOO_LARGE or deep > TOO_DEEP:
        return [_too_much(bulk, deep, file)]
    out = [_ruled(b, file) for b in broken(plain)]
    try:
        Record.model_validate(plain)
    except ValidationError as error:
        out += [
            _found(code, text, path, file, value=value, rule=rule)
            for path, code, text, value, rule in (said(dict(e), plain) for e in _own(error))
        ]
    return out + (_unknown(plain, vocabulary, file) if vocabulary is not None else [])


def _own(error: ValidationError) -> list[Any]:
    """Return the errors of fields; a list is not "too short" because an item in it is wrong."""
    found = error.errors()
    inner = {e["loc"][:n] for e in found for n in range(1, len(e["loc"]))}
    return [e for e in found if e["loc"] and not (e["type"] == "too_short" and e["loc"] in inner)]


def measured(plain: Any) -> tuple[int, int]:
    """Return how many characters the texts, names and numbers have in all, and how deep they lie.

    Walks with a stack of its own, so that no depth can exhaust Python's; stops where the limits are
    passed by far.
    """
    bulk = deep = 0
    left: list[tuple[Any, int]] = [(plain, 0)]
    while left and bulk <= TOO_LARGE and deep <= TOO_DEEP:
        item, depth = left.pop()
        deep = max(deep, depth)
        if isinstance(item, Mapping):
            bulk += sum(len(str(k)) + 4 for k in item)
            left += [(v, depth + 1) for v in item.values()]
        elif isinstance(item, list | tuple):
            bulk += 2 * len(item)
            left += [(v, depth + 1) for v in item]
        else:
            bulk += len(item) if isinstance(item, str) else 20
    return bulk, deep


def _found(code: str, message: str, path: str, file: str | None, **more: Any) -> Problem:
    return Problem(code, message, file=file, column=path or None, **more)


def _too_much(bulk: int, deep: int, file: str | None) -> Problem:
    message = (
        phrase("this record is too large")
        if bulk > TOO_LARGE
        else phrase("the parts of this record lie too deep in each other")
    )
    rule = phrase("at most {n} characters and {m} levels", n=TOO_LARGE, m=TOO_DEEP)
    return _found("too-much", message, "", file, rule=rule)


def _ruled(item: Broken, file: str | None) -> Problem:
    if item.rule == "grade":
        message = phrase("evidence grade {grade} needs an answer here", grade=item.found)
        rule = phrase('results with their indicator; for cost and failures an answer or "not stated"')
        return _found("grade-without-evidence", message, item.path, file, rule=rule)
    if item.rule == "words":
        message = phrase("the summary has {n} words", n=item.found)
        return _found("too-long", message, item.path, file, rule=phrase("at most 300 words"))
    if item.rule == "original":
        message = phrase("there is no title in the language of the record, {code}", code=item.found)
        return _found("no-title", message, item.path, file)
    if item.rule == "unmarked":
        message = phrase("it is not said who translated the texts in {code}", code=item.found)
        return _found("unmarked-translation", message, item.path, file, rule='"human", "machine"')
    message = phrase("this address is not among the sources")
    return _found("uncited", message, item.path, file, value=item.found)


def _unknown(plain: Mapping[str, Any], vocabulary: Terms, file: str | None) -> list[Problem]:
    out = []
    for path, schemes, term in _terms(plain):
        if term.split(":")[0] not in schemes:
            rule = phrase("a term of {schemes}", schemes=", ".join(schemes))
            out.append(
                _found(
                    "wrong-scheme", phrase("this term has no place here"), path, file, value=term, rule=rule
                )
            )
            continue
        try:
            vocabulary.concept(term)
        except Exception as error:  # a vocabulary says in its own words what it lacks
            out.append(_found("unknown-term", str(error).strip("'\" .\n"), path, file))
    return out


def _terms(plain: Mapping[str, Any]) -> list[tuple[str, tuple[str, ...], str]]:
    """List path, schemes that may stand there, and term, as far as the plain record has the right form."""
    out: list[tuple[str, tuple[str, ...], str]] = []

    def take(path: str, schemes: tuple[str, ...], items: Any) -> None:
        for i, term in enumerate(items if isinstance(items, list | tuple) else ()):
            if isinstance(term, str) and ":" in term:
                out.append((f"{path}[{i}]", schemes, term))

    for name, scheme in TERM_FIELDS.items():
        take(name, (scheme,), plain.get(name))
    crosses = plain.get("intersections")
    for i, cross in enumerate(crosses if isinstance(crosses, list | tuple) else ()):
        take(f"intersections[{i}]", PEOPLE, cross)
    for name, inner in (("gained", "groups"), ("lost", "groups"), ("participants", "targeted")):
        part = plain.get(name)
        take(f"{name}.{inner}", PEOPLE, part.get(inner) if isinstance(part, Mapping) else None)
    results = plain.get("results")
    for i, result in enumerate(results if isinstance(results, list | tuple) else ()):
        if isinstance(result, Mapping) and isinstance(result.get("group"), str):
            out.append((f"results[{i}].group", PEOPLE, result["group"]))
    if isinstance(plain.get("measure_type"), str):
        out.append(("measure_type", ("measure_type",), plain["measure_type"]))
    return out
