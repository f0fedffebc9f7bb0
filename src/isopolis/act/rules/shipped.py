"""The rules that ship, and their tests."""

from __future__ import annotations

from functools import cache
from typing import Any

from isopolis.content import names, parse, read
from isopolis.model import CallError
from isopolis.model.errors import near
from isopolis.model.text import phrase

from .reading import read_rules
from .sets import RuleSet
from .trials import Trial, read_trials

__all__ = ["read_text", "shipped", "shipped_names", "shipped_trials"]

FOLDER = "rules"
TESTS = ".test.yaml"


def shipped_names() -> tuple[str, ...]:
    """Return the ids of the sets of rules that ship."""
    return tuple(
        n.removesuffix(".yaml") for n in names(FOLDER) if n.endswith(".yaml") and not n.endswith(TESTS)
    )


@cache
def shipped(name: str) -> RuleSet:
    """Return a set of rules that ships.

    Raises
    ------
    CallError
        When there is none of that name, with those that there are.
    """
    if name not in shipped_names():
        hint = near(name, shipped_names())
        raise CallError(phrase('no rules "{name}" ship; {hint}', name=name, hint=hint))
    return read_rules(read(f"{FOLDER}/{name}.yaml"), f"{name}.yaml")


def shipped_trials(name: str) -> tuple[Trial, ...]:
    """Return the tests that ship with a set of rules; none when there is no file of tests."""
    file = f"{name}{TESTS}"
    if file not in names(FOLDER):
        return ()
    return read_trials(read(f"{FOLDER}/{file}"), shipped(name), file)


def read_text(rules: str, file: str, tests: str = "") -> tuple[RuleSet, tuple[Trial, ...]]:
    """Read rules, and their tests if given, from YAML text.

    Raises
    ------
    DataError
        With everything that is wrong in them.
    CallError
        When a text is no YAML.
    """
    made = read_rules(_plain(rules, file), file)
    tested = f"{file.removesuffix('.yaml')}{TESTS}"
    return made, read_trials(_plain(tests, tested), made, tested) if tests else ()


def _plain(text: str, file: str) -> Any:
    try:
        return parse(text, file)
    except ValueError as error:
        raise CallError(str(error)) from None
