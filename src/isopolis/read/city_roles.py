"""The sheet of roles beside a table of cities: which column is context, which is an outcome, which neither.

A column that the sheet does not name is never used: what makes cities alike is declared, not guessed.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from isopolis.model import CallError, Problems, near
from isopolis.model.peer_table import BETTER, KINDS, TRANSFORMS, ContextFeature, OutcomeIndicator
from isopolis.model.text import phrase

__all__ = ["ABOUT", "OutcomeColumns", "Roles", "parse_roles"]

ABOUT = ("city", "id", "country", "languages", "networks", "population")
"""What a column may say of a city besides context and outcomes."""

FEATURES_MOST = 400

_CONTEXT = {
    "column": str, "label": str, "unit": str, "year": str, "source": str, "kind": str, "transform": str,
    "themes": list, "weight": float, "definition": str,
}  # fmt: skip
_OUTCOME = {
    "column": str, "label": str, "unit": str, "year": str, "source": str, "definition": str, "scale": str,
    "better": str, "themes": list, "low": str, "high": str, "year_column": str, "unit_column": str,
    "definition_column": str, "scale_column": str, "source_column": str,
}  # fmt: skip
_TOP = ("title", *ABOUT, "context", "outcome", "ignore")


@dataclass(frozen=True, slots=True)
class OutcomeColumns:
    """Columns of one outcome; empty where the table has none.

    Parameters
    ----------
    value, low, high : str
        Its value and the ends of its interval.
    unit, definition, scale, year, source : str
        Columns that state these for each city.
    """

    value: str
    low: str = ""
    high: str = ""
    unit: str = ""
    definition: str = ""
    scale: str = ""
    year: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Roles:
    """What each column of a table of cities is.

    Parameters
    ----------
    about : mapping of str to str
        Column of ``city``, ``id``, ``country``, ``languages``, ``networks``, ``population``.
    context : tuple of (ContextFeature, column)
    outcomes : tuple of (OutcomeIndicator, OutcomeColumns)
    ignored : tuple of (pattern, why)
    """

    title: str = ""
    about: Mapping[str, str] = field(default_factory=dict)
    context: tuple[tuple[ContextFeature, str], ...] = ()
    outcomes: tuple[tuple[OutcomeIndicator, OutcomeColumns], ...] = ()
    ignored: tuple[tuple[str, str], ...] = ()

    def why_ignored(self, column: str) -> str:
        """Say why the sheet leaves a column out; empty when it does not."""
        for pattern, why in self.ignored:
            if fnmatch.fnmatchcase(column, pattern):
                return why or phrase("the sheet of roles leaves it out")
        return ""


def parse_roles(
    plain: Any, file: str, problems: Problems, shipped: Mapping[str, Mapping[str, Any]] | None = None
) -> Roles:
    """Check a sheet of roles that was read from TOML or YAML.

    Parameters
    ----------
    plain : mapping
        As the file has it.
    file : str
        Name for messages.
    problems : Problems
        Receives everything that is wrong.
    shipped : mapping, optional
        Definitions of context features by id, from which an entry of the same id takes what it leaves out.
    """
    if not isinstance(plain, Mapping):
        problems.error("wrong-type", phrase("the sheet of roles must be a table of names"), file=file)
        return Roles()
    sheet = _Sheet(file, problems, shipped or {})
    for key in plain:
        if key not in _TOP:
            sheet.error("unknown-key", phrase('no key "{key}": {names}', key=key, names=near(str(key), _TOP)))
    about = {k: text for k in ABOUT if (text := sheet.text(plain, k))}
    context = [f for k, v in sheet.entries(plain, "context") if (f := sheet.context(k, v))]
    outcomes = [o for k, v in sheet.entries(plain, "outcome") if (o := sheet.outcome(k, v))]
    sheet.once(context, outcomes)
    ignored = tuple(sheet.ignored(plain.get("ignore") or []))
    return Roles(sheet.text(plain, "title"), about, tuple(context), tuple(outcomes), ignored)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One sheet being checked."""

    file: str
    problems: Problems
    shipped: Mapping[str, Mapping[str, Any]]

    def error(self, code: str, message: str, **more: Any) -> None:
        self.problems.error(code, message, file=self.file, **more)

    def text(self, plain: Mapping[Any, Any], key: str) -> str:
        """Return one text of the top of the sheet, empty when it is not there."""
        value = plain.get(key)
        if value is None or isinstance(value, str | int | float):
            return str(value).strip() if value is not None else ""
        self.error("wrong-type", phrase('"{key}" must be a text', key=key), value=_short(value))
        return ""

    def entries(self, plain: Mapping[Any, Any], part: str) -> list[tuple[str, Mapping[str, Any]]]:
        given = plain.get(part) or {}
        if not isinstance(given, Mapping):
            self.error("wrong-type", phrase('"{part}" must be a table: id, then its entries', part=part))
            return []
        if len(given) > FEATURES_MOST:
            self.error(
                "too-many",
                phrase('"{part}" has {n} entries', part=part, n=str(len(given))),
                rule=phrase("at most {n}", n=str(FEATURES_MOST)),
            )
            return []
        return [(str(k), v if v is not None else {}) for k, v in given.items()]

    def checked(self, id_: str, raw: Any, keys: Mapping[str, type]) -> dict[str, Any] | None:
        """Return the entries of one column, of the right kinds; None when they are no table."""
        if not isinstance(raw, Mapping):
            self.error("wrong-type", phrase('"{name}" must be a table of its entries', name=id_), column=id_)
            return None
        out: dict[str, Any] = {}
        for key, value in raw.items():
            kind = keys.get(str(key))
            if kind is None:
                said = phrase(
                    '"{name}" has no key "{key}": {names}', name=id_, key=key, names=near(str(key), keys)
                )
                self.error("unknown-key", said, column=id_)
            elif kind is list:
                out[key] = self._list(id_, key, value)
            elif kind is float:
                out[key] = self._weight(id_, value)
            elif isinstance(value, Mapping | list):
                self.error("wrong-type", phrase('"{key}" of "{name}" must be a text', key=key, name=id_))
            elif value is not None:
                out[key] = str(value).strip()
        return out

    def _list(self, id_: str, key: str, value: Any) -> tuple[str, ...]:
        if not isinstance(value, list | tuple) or not all(isinstance(v, str) for v in value):
            self.error("wrong-type", phrase('"{key}" of "{name}" must be a list of texts', key=key, name=id_))
            return ()
        return tuple(value)

    def _weight(self, id_: str, value: Any) -> float:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not 0 <= value < float("inf"):
            self.error(
                "wrong-weight",
                phrase('the weight of "{name}" is no number from 0 up', name=id_),
                value=_short(value),
            )
            return 1.0
        return float(value)

    def context(self, id_: str, raw: Any) -> tuple[ContextFeature, str] | None:
        given = self.checked(id_, raw, _CONTEXT)
        if given is None:
            return None
        known = {k: v for k, v in self.shipped.get(id_, {}).items() if k in _CONTEXT}
        entry = known | given
        if not (self._one(id_, entry, "kind", KINDS) and self._one(id_, entry, "transform", TRANSFORMS)):
            return None
        column = entry.pop("column", id_)
        entry["themes"] = tuple(entry.get("themes", ()))
        try:
            return ContextFeature(id_, **({"label": column} | entry)), column
        except CallError as error:
            self.error("wrong-feature", str(error), column=id_)
            return None

    def outcome(self, id_: str, raw: Any) -> tuple[OutcomeIndicator, OutcomeColumns] | None:
        entry = self.checked(id_, raw, _OUTCOME)
        if entry is None or not self._one(id_, entry, "better", BETTER):
            return None
        column = entry.pop("column", id_)
        names = {k.removesuffix("_column"): entry.pop(k) for k in list(entry) if k.endswith("_column")}
        columns = OutcomeColumns(column, entry.pop("low", ""), entry.pop("high", ""), **names)
        return OutcomeIndicator(id_, **({"label": column} | entry)), columns

    def _one(self, id_: str, entry: Mapping[str, Any], key: str, allowed: Sequence[str]) -> bool:
        if entry.get(key, allowed[0]) in allowed:
            return True
        self.error(
            "unknown-name",
            phrase('"{key}" of "{name}" is not one that is known', key=key, name=id_),
            value=_short(entry[key]),
            rule=", ".join(allowed),
        )
        return False

    def once(
        self,
        context: Sequence[tuple[ContextFeature, str]],
        outcomes: Sequence[tuple[OutcomeIndicator, OutcomeColumns]],
    ) -> None:
        """Refuse a column or an id that is both context and outcome, or is there twice."""
        roles: dict[str, str] = {}
        pairs = [(c, f.id) for f, c in context] + [(c.value, o.id) for o, c in outcomes]
        for column, id_ in pairs:
            if column in roles:
                said = phrase('the column has two roles: "{one}" and "{two}"', one=roles[column], two=id_)
                hint = phrase("A column is context or outcome, once.")
                self.error("two-roles", said, column=column, hint=hint)
            roles[column] = id_
        both = {f.id for f, _ in context} & {o.id for o, _ in outcomes}
        for id_ in sorted(both):
            self.error("two-roles", phrase('"{name}" is context and outcome at once', name=id_), column=id_)

    def ignored(self, given: Any) -> list[tuple[str, str]]:
        out = []
        for one in given if isinstance(given, list) else [given]:
            if isinstance(one, str):
                out.append((one, ""))
            elif isinstance(one, Mapping) and isinstance(one.get("column"), str):
                out.append((one["column"], str(one.get("why") or "")))
            else:
                self.error("wrong-type", phrase('an entry of "ignore" must name a column'), value=_short(one))
        return out


def _short(value: Any) -> str:
    """Write what was found; of a list or table only that it is one, as aliases can make it endless."""
    return str(value)[:40] if isinstance(value, str | int | float) else type(value).__name__
