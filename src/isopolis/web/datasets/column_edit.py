"""The columns of one table as a form shows them, and writing the answers back into a city.toml.

Comments and everything that the form does not ask stay as they are in the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tomlkit
from tomlkit.items import AoT, Table

__all__ = ["OTHER", "ROLES", "ColumnState", "TableState", "edit_city", "edit_table", "states", "wrong"]

ROLES = ("", "zone", "total", "group", "context", "date", "count", "category")
OTHER = "other"
"""A meaning that only the text of city.toml can state; the form leaves it alone."""

JOIN = "; "
"""Between the dimensions of a column that belongs to several."""

_SPECIAL = ("lower", "upper", "se", "mechanism")


@dataclass(frozen=True, slots=True)
class ColumnState:
    """What one column is taken for.

    Parameters
    ----------
    role : str
        One of `ROLES`, or `OTHER`.
    dimension : str
        For ``group`` and ``category``: what the groups differ in, such as age; several joined by "; ".
    label : str
        For ``group``: the words for readers.
    """

    name: str
    samples: tuple[str, ...] = ()
    role: str = ""
    dimension: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class TableState:
    """One table: where it stands and what its columns are taken for.

    Parameters
    ----------
    place : int or None
        Which ``[[tables]]`` of the text it is; None when the text does not use it.
    """

    file: str
    sheet: str
    place: int | None
    date: str
    universe: str
    columns: tuple[ColumnState, ...]

    @property
    def used(self) -> bool:
        """True when the text uses the table."""
        return self.place is not None


# -- reading -----------------------------------------------------------------------------------
def states(text: str, seen: Sequence[Mapping[str, Any]]) -> list[TableState]:
    """Return every table of the files with what the text says of it, those in use first.

    Text that is no TOML says nothing of any table.
    """
    tables = _parsed(text).get("tables", [])
    by_place = {(s["file"], s["sheet"]): s for s in seen}
    used = []
    for place, table in enumerate(tables):
        looks = by_place.get((str(table.get("file", "")), str(table.get("sheet", ""))))
        looks = looks or by_place.get((str(table.get("file", "")), ""))
        if looks is not None:
            used.append(_state(looks, place, table))
    named = {(s.file, s.sheet) for s in used} | {(s.file, "") for s in used}
    rest = [_state(s, None, {}) for s in seen if (s["file"], s["sheet"]) not in named]
    return used + rest


def _parsed(text: str) -> Mapping[str, Any]:
    try:
        return tomlkit.parse(text).unwrap()
    except (tomlkit.exceptions.TOMLKitError, RecursionError):
        return {}


def _state(looks: Mapping[str, Any], place: int | None, table: Mapping[str, Any]) -> TableState:
    meant = _meanings(table)
    columns = tuple(
        ColumnState(c["name"], tuple(c["samples"]), *meant.get(c["name"], ("", "", "")))
        for c in looks["columns"]
    )
    date, universe = str(table.get("date", "")), str(table.get("universe", ""))
    return TableState(looks["file"], looks["sheet"], place, date, universe, columns)


def _meanings(table: Mapping[str, Any]) -> dict[str, tuple[str, str, str]]:
    """Column → (role, dimension, label); what is stated last of a column counts."""
    out: dict[str, tuple[str, str, str]] = {}
    for name in [table.get(k) for k in _SPECIAL] + list(table.get("where", {})):
        out[str(name)] = (OTHER, "", "")
    for dimension in table.get("dimensions", []):
        title = str(dimension.get("label") or dimension.get("name", ""))
        labels = dimension.get("labels", {})
        if dimension.get("total"):
            out[str(dimension["total"])] = (OTHER, "", "")
        for column in map(str, dimension.get("columns", [])):
            role, titles, label = out.get(column, ("", "", ""))
            # a column may belong to several: foreigners by passport, and as one of several origins
            both = f"{titles}{JOIN}{title}" if role == "group" else title
            out[column] = ("group", both, label or str(labels.get(column, "")))
        if dimension.get("column"):
            out[str(dimension["column"])] = ("category", title, "")
    for crossing in table.get("crossings", []):
        out |= {str(c): (OTHER, "", "") for c in crossing.get("columns", {}).values()}
    out |= {str(c): ("context", "", "") for c in table.get("context", [])}
    for key, role in (("zone", "zone"), ("total", "total"), ("date_column", "date"), ("count", "count")):
        if table.get(key):
            out[str(table[key])] = (role, "", "")
    return out


# -- checking ------------------------------------------------------------------------------------
def wrong(columns: Iterable[ColumnState]) -> list[tuple[str, tuple[str, ...]]]:
    """Return every contradiction as a code and the columns concerned; the codes are those of the form."""
    by_role: dict[str, list[str]] = {}
    for c in columns:
        by_role.setdefault(c.role, []).append(c.name)
    out: list[tuple[str, tuple[str, ...]]] = []
    if not set(by_role) - {"", OTHER}:
        return []  # the table is not used
    if "zone" not in by_role:
        out.append(("no_zone", ()))
    once = ("zone", "total", "date", "count")
    out += [(f"many_{role}", tuple(by_role[role])) for role in once if len(by_role.get(role, ())) > 1]
    long, wide = by_role.get("category", []), by_role.get("group", []) + by_role.get("total", [])
    if (long or "count" in by_role) and wide:
        out.append(("mixed", (*by_role.get("count", ()), *long, *wide)))
    if "count" in by_role and not long:
        out.append(("no_category", tuple(by_role["count"])))
    if not long and not wide and "context" not in by_role:
        out.append(("nothing", ()))
    nameless = [c.name for c in columns if c.role in ("group", "category") and not c.dimension.strip()]
    if nameless:
        out.append(("no_dimension", tuple(nameless)))
    return out


# -- writing -------------------------------------------------------------------------------------
def edit_city(text: str, values: Mapping[str, str], zones: Mapping[str, str]) -> str:
    """Set keys of the city and of ``[zones]``; an empty value takes the key away."""
    doc = tomlkit.parse(text)
    for key, value in values.items():
        _put(doc, key, value)
    if "zones" not in doc:
        made = tomlkit.table()
        first = next((k for k in doc if isinstance(doc[k], (Table, AoT))), None)
        # a table written before the first one keeps the text in its usual order
        if first is None:
            doc["zones"] = made
        else:
            doc = _with_zones_first(text, doc)
    for key, value in zones.items():
        _put(doc["zones"], key, value)
    return tomlkit.dumps(doc)


def _with_zones_first(text: str, doc: tomlkit.TOMLDocument) -> tomlkit.TOMLDocument:
    whole = tomlkit.dumps(doc)
    start = re.search(r"^\[", whole, re.M)
    at = start.start() if start else len(whole)
    return tomlkit.parse(whole[:at] + "[zones]\n\n" + whole[at:])


def edit_table(text: str, state: TableState) -> str:
    """Write what `state` says into the text; a table in which nothing is used leaves it.

    `wrong` must have found nothing in its columns.
    """
    doc = tomlkit.parse(text)
    unused = not any(c.role for c in state.columns)
    if "tables" not in doc:
        if unused:
            return text
        doc["tables"] = tomlkit.aot()
    tables = doc["tables"]
    if unused:
        if state.place is not None:
            del tables[state.place]
        if not len(tables):
            del doc["tables"]
        return tomlkit.dumps(doc)
    if state.place is None:
        tables.append(_new_table(state))
        table = tables[len(tables) - 1]
    else:
        table = tables[state.place]
    _fill(table, state)
    return tomlkit.dumps(doc)


def _new_table(state: TableState) -> Table:
    made = tomlkit.table()
    made["file"] = state.file
    if state.sheet:
        made["sheet"] = state.sheet
    made["layout"] = "wide"
    return made


def _fill(table: Any, state: TableState) -> None:
    of = {role: [c for c in state.columns if c.role == role] for role in (*ROLES, OTHER)}
    layout = "long" if of["category"] else "wide" if of["group"] or of["total"] else "values"
    before = table.get("layout")
    table["layout"] = layout
    _put(table, "zone", of["zone"][0].name)
    _put(table, "date", "" if of["date"] else state.date)
    _put(table, "date_column", of["date"][0].name if of["date"] else "")
    _put(table, "universe", state.universe)
    _put(table, "total", of["total"][0].name if of["total"] else "")
    _put(table, "count", of["count"][0].name if of["count"] else "")
    _put(table, "context", [c.name for c in of["context"]] if layout != "long" else [])
    if layout != before and "dimensions" in table:
        del table["dimensions"]
    if layout == "long":
        _long_dimensions(table, of["category"])
    elif layout == "wide":
        _wide_dimensions(table, of["group"], {c.name for c in (*of["total"], *of["group"], *of[OTHER])})
        _keep_crossings(table, {c.name for c in of[OTHER]})
    else:
        _put(table, "dimensions", [])
    if layout != "wide":
        _put(table, "crossings", [])


def _put(table: Any, key: str, value: Any) -> None:
    """Set a key, or take it away when there is nothing to say; an equal value is not touched."""
    if not value:
        if key in table:
            del table[key]
    elif table.get(key) != value:
        table[key] = value


def _wide_dimensions(table: Any, groups: Sequence[ColumnState], counted: set[str]) -> None:
    wanted: dict[str, list[ColumnState]] = {}
    known = {str(d.get("label") or d["name"]): str(d["name"]) for d in table.get("dimensions", [])}
    known |= {str(d["name"]): str(d["name"]) for d in table.get("dimensions", [])}
    names: dict[str, str] = {}
    for c in groups:
        for title in filter(None, map(str.strip, c.dimension.split(JOIN.strip()))):
            name = names.setdefault(
                title, known.get(title) or _short(title, {*names.values(), *known.values()})
            )
            wanted.setdefault(name, []).append(c)
    dimensions = table.get("dimensions")
    if dimensions is None:
        table["dimensions"] = tomlkit.aot()
        dimensions = table["dimensions"]
    for place in range(len(dimensions) - 1, -1, -1):
        if str(dimensions[place]["name"]) not in wanted:
            del dimensions[place]
    old = {str(d["name"]): d for d in dimensions}
    titles = {name: title for title, name in names.items()}
    for name, columns in wanted.items():
        if name not in old:
            dimensions.append(_new_dimension(name, titles[name]))
            old[name] = dimensions[len(dimensions) - 1]
        _fill_dimension(old[name], columns, counted)
    if not len(dimensions):
        del table["dimensions"]


def _new_dimension(name: str, title: str) -> Table:
    made = tomlkit.table()
    made["name"] = name
    if title != name:
        made["label"] = title
    made["columns"] = []
    return made


def _fill_dimension(dimension: Any, columns: Sequence[ColumnState], counted: set[str]) -> None:
    names = [c.name for c in columns]
    before = [str(c) for c in dimension.get("columns", [])]
    # the order of categories that are still there means something
    order = [c for c in before if c in names] + [c for c in names if c not in before]
    if order != before:
        dimension["columns"] = order
    if dimension.get("total") and dimension["total"] not in counted:
        del dimension["total"]
    said = {c.name: c.label.strip() for c in columns if c.label.strip()}
    if said != {str(k): str(v) for k, v in dimension.get("labels", {}).items()}:
        inline = tomlkit.inline_table()
        inline.update(said)
        _put(dimension, "labels", inline)


def _keep_crossings(table: Any, special: set[str]) -> None:
    """Leave out crossings of which a column was given another meaning."""
    crossings = table.get("crossings")
    if crossings is None:
        return
    names = {str(d["name"]) for d in table.get("dimensions", [])}
    for place in range(len(crossings) - 1, -1, -1):
        crossing = crossings[place]
        needed = {str(crossing.get("dimension", "")), *map(str, crossing.get("within", {}))}
        if not set(map(str, crossing.get("columns", {}).values())) <= special or not needed <= names:
            del crossings[place]
    if not len(crossings):
        del table["crossings"]


def _long_dimensions(table: Any, categories: Sequence[ColumnState]) -> None:
    old = {str(d.get("column", "")): d for d in table.get("dimensions", [])}
    taken: set[str] = set()
    made = []
    for c in categories:
        title = c.dimension.strip()
        before = dict(old[c.name].unwrap()) if c.name in old else {}
        if before and title in (before.get("label"), before.get("name")):
            name, label = str(before["name"]), before.get("label", "")
        else:
            name = _short(title, taken)
            label = title if title != name else ""
        taken.add(name)
        kept = {k: v for k, v in before.items() if k not in ("name", "label", "column")}
        made.append({"name": name} | ({"label": label} if label else {}) | {"column": c.name} | kept)
    if [dict(d.unwrap()) for d in table.get("dimensions", [])] == made:
        return
    rows = tomlkit.array()
    for row in made:
        inline = tomlkit.inline_table()
        inline.update(row)
        rows.append(inline)
    table["dimensions"] = rows.multiline(True)


def _short(title: str, taken: set[str]) -> str:
    """Make a short name of letters, digits and _ of words in any script."""
    plain = unicodedata.normalize("NFC", title).strip().lower()
    stem = re.sub(r"[^\w]+", "_", plain).strip("_") or "dimension"
    name, number = stem, 2
    while name in taken:
        name, number = f"{stem}_{number}", number + 1
    return name
