"""Rule files: from the plain data of a YAML file to a `RuleSet`, or every problem in it at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from isopolis.model.errors import Problems, near
from isopolis.model.text import phrase

from .fields import TYPES, Field
from .parse import Parser
from .sets import MARKS, STATUSES, Rule, RuleSet, Source
from .words import is_said

__all__ = ["read_rules"]

NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
SET_KEYS = {
    "id", "title", "version", "note", "status", "source", "valid_from", "valid_to", "fields", "define",
    "rules",
}  # fmt: skip
RULE_KEYS = {
    "id", "title", "require", "when", "hard", "todo", "source", "status", "valid_from", "valid_to",
}  # fmt: skip
FIELD_KEYS = {"type", "label", "choices"}
SOURCE_KEYS = {"url", "title", "read", "mark"}
MOST_RULES = 500


def read_rules(plain: Any, file: str) -> RuleSet:
    """Read the plain data of a rule file.

    Parameters
    ----------
    plain : mapping
        What `isopolis.content.parse` gives.
    file : str
        Its name, for messages.

    Raises
    ------
    DataError
        With everything that is wrong: unknown keys and fields, circles, sources without date.
    """
    return _Reading(file).set(plain)


class _Reading:
    def __init__(self, file: str) -> None:
        self.file, self.problems = file, Problems()

    def wrong(self, where: str, message: str, value: Any = None, rule: str = "", hint: str = "") -> None:
        shown = str(value)[:120] if value is not None else None
        self.problems.error(
            "rule-file", message, file=self.file, column=where or None, value=shown, rule=rule, hint=hint
        )

    def keys(self, plain: Any, allowed: set[str], where: str) -> Mapping[str, Any]:
        if not isinstance(plain, Mapping):
            self.wrong(where, phrase("this is no list of names with values"), plain)
            return {}
        for key in plain:
            if key not in allowed:
                said = phrase('"{key}" is unknown here', key=str(key))
                self.wrong(where, said, hint=near(str(key), sorted(allowed)))
        return plain

    def set(self, plain: Any) -> RuleSet:
        top = self.keys(plain, SET_KEYS, "")
        name = self.name(top.get("id"), "id")
        if not is_said(top.get("title")):
            self.wrong("title", phrase("a title is missing"))
        fields = self.fields(top.get("fields"))
        defined = self.keys(top["define"], set(top["define"]), "define") if _full(top.get("define")) else {}
        parser = Parser(fields, defined, self.problems, self.file)
        for named in defined:
            parser.read({"use": named}, f"define {named}")
        rules = self.rules(top, parser)
        if not self.problems.fatal:
            self.unused(fields, rules)
        self.problems.raise_if_fatal()
        version = str(top.get("version", ""))
        return RuleSet(name, version, top["title"], top.get("note", ""), fields, tuple(rules))

    def name(self, given: Any, where: str) -> str:
        if not isinstance(given, str) or not NAME.match(given):
            self.wrong(where, phrase("an id is missing or not allowed"), given, rule="a-z, 0-9, _")
            return "?"
        return given

    def fields(self, plain: Any) -> dict[str, Field]:
        out = {}
        for name, given in self.keys(plain, set(plain) if _full(plain) else set(), "fields").items():
            where = f"fields › {name}"
            self.name(name, where)
            one = self.keys(given, FIELD_KEYS, where)
            kind = one.get("type")
            if kind not in TYPES:
                self.wrong(where, phrase("the type is unknown"), kind, hint=near(str(kind), TYPES))
                continue
            if not is_said(one.get("label")):
                self.wrong(where, phrase("a label is missing: the question that asks for this fact"))
            choices = one.get("choices", [])
            if (kind == "choice") != bool(choices) or not isinstance(choices, list):
                self.wrong(where, phrase("a choice lists its choices, and nothing else does"), choices)
                continue
            if len({type(c) for c in choices}) > 1 or any(isinstance(c, bool) for c in choices):
                self.wrong(
                    where,
                    phrase("choices are all texts or all whole numbers; YES and NO need quotes"),
                    choices,
                )
                continue
            out[name] = Field(name, kind, one.get("label", ""), tuple(choices))
        return out

    def rules(self, top: Mapping[str, Any], parser: Parser) -> list[Rule]:
        given = top.get("rules")
        if not isinstance(given, list) or not 0 < len(given) <= MOST_RULES:
            self.wrong("rules", phrase("there are no rules, or more than {n}", n=MOST_RULES))
            return []
        out = [self.rule(one, top, parser, f"rules {n}") for n, one in enumerate(given, 1)]
        made = [r for r in out if r is not None]
        seen: set[str] = set()
        for rule in made:
            if rule.id in seen:
                self.wrong("rules", phrase('two rules have the id "{id}"', id=rule.id))
            seen.add(rule.id)
        return made

    def rule(self, plain: Any, top: Mapping[str, Any], parser: Parser, where: str) -> Rule | None:
        one = self.keys(plain, RULE_KEYS, where)
        name = self.name(one.get("id"), where)
        where = f"rules › {name}" if name != "?" else where
        for key in ("title", "todo"):
            if not is_said(one.get(key)) and (key == "title" or one.get("hard", True)):
                self.wrong(where, phrase('"{name}" is missing', name=key))
        hard = one.get("hard", True)
        if not isinstance(hard, bool):
            self.wrong(where, phrase('"{name}" has another type', name="hard"), hard)
        status = one.get("status", top.get("status"))
        if status not in STATUSES:
            self.wrong(where, phrase("the status is unknown"), status, rule=", ".join(STATUSES))
        source = self.source(one.get("source", top.get("source")), where)
        days = [self.day(one.get(k, top.get(k)), f"{where} › {k}") for k in ("valid_from", "valid_to")]
        if days[0] and days[1] and days[1] < days[0]:
            self.wrong(where, phrase("valid_to is before valid_from"), days[1])
        when = parser.read(one["when"], f"{where} › when") if "when" in one else None
        require = parser.read(one.get("require"), f"{where} › require")
        if require is None or source is None:
            return None
        return Rule(
            name, one.get("title"), require, when, hard, one.get("todo", ""), source, str(status), *days
        )

    def source(self, plain: Any, where: str) -> Source | None:
        if not _full(plain):
            self.wrong(where, phrase("a source is missing: url, title, the day it was read, mark"))
            return None
        one = self.keys(plain, SOURCE_KEYS, f"{where} › source")
        mark = one.get("mark", "read")
        if mark not in MARKS:
            self.wrong(where, phrase("the mark is unknown"), mark, rule=", ".join(MARKS))
        read = self.day(one.get("read"), f"{where} › source › read")
        url = str(one.get("url", ""))
        if mark != "general" and (read is None or not re.match(r"https?://\S+\Z", url)):
            self.wrong(where, phrase("a source that was read has an address and the day of reading"), url)
        return Source(url, str(one.get("title", "")), read, str(mark))

    def day(self, given: Any, where: str) -> date | None:
        if given is None:
            return None
        if isinstance(given, datetime) or not isinstance(given, date):
            self.wrong(where, phrase("this is no date"), given, rule="2026-11-21")
            return None
        return given

    def unused(self, fields: Mapping[str, Field], rules: list[Rule]) -> None:
        used = frozenset().union(*(r.fields() for r in rules))
        for name in sorted(set(fields) - used):
            self.wrong(f"fields › {name}", phrase("no rule looks at this field"))


def _full(given: Any) -> bool:
    return isinstance(given, Mapping) and bool(given)
