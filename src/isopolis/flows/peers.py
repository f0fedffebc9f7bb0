"""Tables of cities → peers: reading a table with its sheet of roles, and the template of both."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isopolis import content
from isopolis.learn.peers import CityTable, PeerCity
from isopolis.learn.peers.words import WORDS
from isopolis.model import CallError, DataError, Problem, Problems, near
from isopolis.model.text import phrase

__all__ = ["FEATURES", "Loaded", "find_city", "load_table", "roles_beside", "shipped_features", "template"]

FEATURES = "peers/features.yaml"
SHEETS = (".toml", ".yaml", ".yml")
SHEET_MOST = 1_000_000
ABOUT = ("city", "id", "country", "languages", "networks")


@dataclass(frozen=True, slots=True, eq=False)
class Loaded:
    """A table of cities, and what is to be said of the file."""

    table: CityTable
    caveats: tuple[Problem, ...]


def shipped_features() -> Mapping[str, Mapping[str, Any]]:
    """Definitions of context features that ship with the program, by id; their texts can be translated."""
    return {id_: one | WORDS[id_] for id_, one in content.read(FEATURES)["features"].items()}


def roles_beside(path: Path) -> Path | None:
    """Find the sheet of roles of a table: of the same name, or ``features.toml`` in its folder."""
    stems = [path.with_suffix(s) for s in SHEETS] + [path.parent / f"features{s}" for s in SHEETS]
    return next((p for p in stems if p.is_file() and p != path), None)


def load_table(path: Path, roles: Path | None = None, *, file: str = "") -> Loaded:
    """Read a table of cities with its sheet of roles.

    Parameters
    ----------
    path : Path
        CSV, Excel or Parquet.
    roles : Path, optional
        TOML or YAML; looked for beside the table when not given. Without any, columns that are called
        as the shipped features are context, and nothing else is used.
    file : str
        Name of the table for messages.

    Raises
    ------
    DataError
        With every problem of both files.
    """
    from isopolis.read.city_roles import Roles, parse_roles
    from isopolis.read.city_table import read_city_table

    problems = Problems()
    sheet = roles or roles_beside(path)
    if sheet is not None:
        declared: Roles = parse_roles(read_sheet(sheet), sheet.name, problems, shipped_features())
    else:
        declared = parse_roles(_by_name(path, file), file or path.name, problems, shipped_features())
    table = read_city_table(path, declared, problems, file=file)
    problems.raise_if_fatal()
    assert table is not None
    return Loaded(table, tuple(problems))


def read_sheet(path: Path) -> Any:
    """Read a sheet of roles as plain tables and lists.

    Raises
    ------
    DataError
        When it is neither TOML nor YAML, or too large.
    """
    try:
        raw = path.read_bytes()
        if len(raw) > SHEET_MOST:
            raise ValueError(phrase("the file is larger than {n} bytes", n=str(SHEET_MOST)))
        text = raw.decode("utf-8-sig")
        return tomllib.loads(text) if path.suffix.lower() == ".toml" else content.parse(text, path.name)
    except (OSError, ValueError, RecursionError) as error:
        said = phrase("this cannot be read as a sheet of roles")
        hint = phrase("Write it as TOML or YAML in UTF-8; `isopolis peers template` makes one.")
        raise DataError(
            [Problem("unreadable-file", said, file=path.name, value=str(error)[:200], hint=hint)]
        ) from error


def _by_name(path: Path, file: str) -> dict[str, Any]:
    from isopolis.read.tables import read_table

    columns = read_table(path, file=file or path.name, problems=Problems()).columns
    return {"context": {name: {} for name in columns if name in shipped_features()}}


def find_city(cities: Sequence[PeerCity], wanted: str) -> PeerCity:
    """Find a city by its id or by its name, letters' case aside.

    Raises
    ------
    CallError
        When there is none, or several of this name.
    """
    exact = [c for c in cities if c.id == wanted]
    named = exact or [c for c in cities if wanted.strip().casefold() in (c.id.casefold(), c.name.casefold())]
    if len(named) == 1:
        return named[0]
    if named:
        raise CallError(f'several cities are called "{wanted}": {", ".join(c.id for c in named)}')
    raise CallError(f'there is no city "{wanted}" in the table: ' + near(wanted, [c.name for c in cities]))


def template() -> tuple[str, str]:
    """Return an empty table (CSV) and its sheet of roles (TOML), with every shipped feature."""
    ids = list(shipped_features())
    head = ",".join((*ABOUT, *(i for i in ids if i not in ABOUT)))
    lines = [
        "# Roles of the columns of cities.csv. Context makes cities alike; outcomes are only compared.",
        "# A column that is not named here is not used. Delete what you do not fill.",
        'title = ""',
        'city = "city"',
    ]
    for id_, one in shipped_features().items():
        lines += [
            "",
            f"[context.{id_}]",
            f"# {one['label']} ({one.get('unit', one.get('kind', ''))}): {one['definition']}",
            'year = ""',
            'source = ""',
        ]
    lines += [
        "",
        "# [outcome.my_outcome]",
        '# column = "…"',
        '# label = "…"',
        '# unit = "%"',
        '# definition = "…"',
        '# better = "low"  # or "high", or "neither"',
        '# low = "…"  # columns with the ends of its interval',
        '# high = "…"',
    ]
    return head + "\n", "\n".join(lines) + "\n"
