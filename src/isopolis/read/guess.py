"""Looking at a folder and writing down what its files seem to be."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, DataError
from isopolis.model.text import joint, phrase

from .config import CityConfig, SourceConfig, TableConfig
from .config_access import AccessConfig
from .guess_access import guess_access
from .guess_apart import set_apart
from .guess_files import FoundFile, Join, dates_of, join_files, scan
from .guess_long import guess_long, nested_columns
from .guess_wide import WideGuess, guess_wide
from .guess_zones import guess_zones
from .ignored import in_words, nothing_usable
from .not_people import purpose, universe_of
from .profile import Looks, look_at
from .toml_access import access_text
from .toml_text import city_text
from .wording import one_or_more

__all__ = ["Guess", "guess", "guess_city", "guesses_in_words"]

Floats = npt.NDArray[np.float64]

TOP = "Guessed from the files; every guess has its reason above it. Check it, correct it, keep it."


@dataclass(frozen=True, slots=True)
class Guess:
    """A guessed configuration, why, and which files were left aside; `access`: what is said of access."""

    config: CityConfig
    comments: dict[tuple[str, ...], str]
    ignored: dict[str, str]
    access: AccessConfig = field(default_factory=AccessConfig)

    @property
    def text(self) -> str:
        """The commented city.toml."""
        aside = [f"Not used: {name}: {why}." for name, why in sorted(self.ignored.items())]
        text = city_text(self.config, self.comments | {("end",): ""})
        more = access_text(self.access, self.comments)
        end = "\n".join(f"# {line}" for line in aside)
        return "\n".join(part.strip("\n") + "\n" for part in (text, more, end) if part)


def guess_city(folder: str | Path) -> str:
    """Look at a folder (or one file) and write a commented city.toml.

    Parameters
    ----------
    folder : str or Path

    Returns
    -------
    str
        Text of a city.toml that can be used as it is.

    Raises
    ------
    DataError
        If nothing in it counts people by zone, or a file cannot be read.
    CallError
        If there is no such folder.
    """
    return guess(Path(folder)).text


def guesses_in_words(found: Guess) -> str:
    """Sum the guesses up in one sentence, for a caveat."""
    config = found.config
    said = []
    if config.zones.file:
        said.append(phrase("zones are in {file} by {column}", file=config.zones.file, column=config.zones.id))
    for table in config.tables:
        names = ", ".join(d.name for d in table.dimensions) or (
            phrase("only a total") if table.total else phrase("only zone-level numbers")
        )
        file = table.file
        if table.sheet:
            file = phrase('{file}, sheet "{sheet}"', file=table.file, sheet=table.sheet)
        date = table.date or table.date_column or phrase("no date")
        said.append(phrase("{file} ({date}): {dimensions}", file=file, date=date, dimensions=names))
    if found.access:
        said.append(phrase("for access to services: {files}", files=", ".join(found.access.files)))
    if found.ignored:
        files = in_words(found.ignored, bool(config.zones.file))
        said.append(phrase("not used: {files}", files=files))
    return joint(said, "; ")


def guess(path: Path) -> Guess:
    """Look at a folder or one file; see `guess_city`."""
    if not path.exists():
        raise CallError(f"there is no file or folder {path}")
    files, ignored, broken = scan(path)
    if broken:
        raise DataError(broken)
    looked = files
    files, apart = set_apart(path, files)
    join = join_files(files)
    if join is None:
        raise DataError([nothing_usable(path, files, ignored, "no file has a column of zone ids")])
    ignored |= join.apart
    dates = dates_of([f.name for f, _ in join.tables])
    drafts: list[tuple[TableConfig, dict[tuple[str, ...], str]]] = []
    known: dict[tuple[str, ...], WideGuess] = {}
    for found, column in join.tables:
        date = found.date or dates.get(found.name, "")
        made, why = _table(found, column, join, date, len(drafts) + 1, known)
        if made is None:
            ignored[found.title] = why["why",]
        else:
            drafts.append((made, why))
    drafts = _one_total_each(drafts, ignored)
    ignored = {n: w for n, w in ignored.items() if not join.zones or n != join.zones.name}
    if not any(t.layout != "values" for t, _ in drafts):
        raise DataError([nothing_usable(path, files, ignored, "no table has columns of people")])
    folder = path if path.is_dir() else path.parent
    whole = _assembled(path, folder, join, drafts, ignored)
    access = guess_access(path, looked, apart, ignored, whole.config)
    ignored = {n: w for n, w in (ignored | access.ignored).items() if n not in access.used}
    return replace(whole, comments=whole.comments | access.comments, ignored=ignored, access=access.config)


# -- one table ---------------------------------------------------------------
def _table(
    found: FoundFile, column: str, join: Join, date: str, number: int, known: dict[tuple[str, ...], WideGuess]
) -> tuple[TableConfig | None, dict[tuple[str, ...], str]]:
    looks, where, note = _slice(found.looks, column)
    dated = next((n for n, look in looks.columns.items() if look.dates and n != column), "")
    constant = looks[dated].distinct == 1 if dated else False
    if constant:
        date = date or looks.table[dated].at(0)
    date_column = "" if not dated or constant else dated
    base = TableConfig(
        found.name,
        "wide",
        column,
        number,
        sheet=found.sheet,
        where=where,
        date="" if date_column else date,
        date_column=date_column,
    )
    comments: dict[tuple[str, ...], str] = {("where", str(number)): note} if note else {}
    said = [_why_date(found, dated if constant else "")] if date and not date_column else []
    comments["table", str(number)] = "\n".join(said + _why_rows(found))
    keys = _pairs(looks, column, date_column)
    if keys == len(looks.table):
        return _wide(base, looks, found, join, comments, known)
    long = guess_long(looks, column, date_column)
    if long is None and keys >= 0.9 * len(looks.table):
        # a few repeated zones are a mistake in a wide table; the reader names them
        return _wide(base, looks, found, join, comments, known)
    if long is None:
        return None, {
            ("why",): f'zones repeat in "{column}", and no columns of categories tell the rows apart'
        }
    comments["table", str(number)] = (
        comments.get(("table", str(number)), "") + f"\na long table: {long.reason}"
    ).strip()
    made = replace(
        base,
        layout="long",
        count=long.count,
        dimensions=long.dimensions,
        lower=long.extra.get("lower", ""),
        upper=long.extra.get("upper", ""),
        se=long.extra.get("se", ""),
        mechanism=long.extra.get("mechanism", ""),
        universe=universe_of([found.name, column]),
    )
    return made, comments


def _why_date(found: FoundFile, column: str) -> str:
    if column:
        return f'the date comes from the column "{column}"'
    return f"the date comes from the name of the {'sheet' if found.date else 'file'}"


def _why_rows(found: FoundFile) -> list[str]:
    if not found.totals:
        return []
    rows = ", ".join(str(r) for r in found.totals)
    what = one_or_more(len(found.totals), "row {} holds", "rows {} hold").format(rows)
    return [f"{what} the total of the others and {one_or_more(len(found.totals), 'is', 'are')} left out"]


def _pairs(looks: Looks, column: str, dated: str) -> int:
    codes, _ = looks.table[column].coded()
    if not dated:
        return len(np.unique(codes))
    dates, texts = looks.table[dated].coded()
    return len(np.unique(codes.astype(np.int64) * (len(texts) + 1) + dates))


def _slice(looks: Looks, column: str) -> tuple[Looks, dict[str, str], str]:
    """Where one text column tells several measures of each zone apart, keep the rows of people."""
    if looks[column].unique:
        return looks, {}, ""
    for name, look in looks.columns.items():
        if name == column or look.numeric or look.dates or not 2 <= look.distinct <= 6:
            continue
        codes, texts = looks.table[name].coded()
        slices = {
            str(texts[c]): looks.table.take(np.flatnonzero(codes == c))
            for c in np.unique(codes)
            if texts[c] != ""
        }
        if not all(len(np.unique(t[column].coded()[0])) == len(t) for t in slices.values()):
            continue
        whole = {v: look_at(t) for v, t in slices.items() if purpose(v) != "share"}
        good = {v: found for v, found in whole.items() if _whole_numbers(found)}
        if len(good) == 1 and len(slices) > 1:
            value = next(iter(good))
            return (
                good[value],
                {name: value},
                f'only these rows are whole numbers; "{name}" also holds other measures',
            )
    return looks, {}, ""


def _whole_numbers(looks: Looks) -> bool:
    some = [look for look in looks.columns.values() if look.numeric and not look.dates and look.purpose == ""]
    return bool(some) and all(look.whole for look in some)


def _wide(
    base: TableConfig,
    looks: Looks,
    file: FoundFile,
    join: Join,
    comments: dict[tuple[str, ...], str],
    known: dict[tuple[str, ...], WideGuess],
) -> tuple[TableConfig | None, dict[tuple[str, ...], str]]:
    column = base.zone
    parents = nested_columns(looks, column)
    names = [n for n, look in looks.columns.items() if not look.numeric]
    skip = (column, base.date_column, *parents, *names)
    headings = tuple(sorted(looks.columns))
    if headings not in known:
        known[headings] = guess_wide(looks, _stacked(looks, file, join), skip, base.file)
    found = known[headings]
    number = str(base.number)
    for name, why in found.reasons.items():
        comments[("total", number) if name == "total" else ("dimension", number, name)] = why
    said = ([_left(found)] if found.left_out else []) + ([] if found.dimensions else [_GROUPS_MISSING])
    if not found.dimensions:
        said += [
            _class_of_zones(n, found.context, looks) for n in found.context if looks[n].purpose == "level"
        ]
    comments["left", number] = "\n".join(said)
    if not found.dimensions and not found.total:
        if not found.context:
            return None, {("why",): "no column of people"}
        if join.zones is None:
            return None, {("why",): "its numbers are no people: " + ", ".join(found.context[:4])}
        return replace(base, layout="values", context=found.context), comments
    return replace(
        base,
        total=found.total,
        dimensions=found.dimensions,
        crossings=found.crossings,
        context=found.context,
        universe=universe_of([base.file, found.total]),
    ), comments


_GROUPS_MISSING = """No groups were found: this table counts people and does not say who they are, so nothing
can be compared. To go on, add columns that count groups of the same people in each zone (women
and men; age bands; citizenship or birthplace; education), one number per zone, and name them here:
[[tables.dimensions]]
name = "sex"
columns = ["women", "men"]"""


def _class_of_zones(name: str, context: Sequence[str], looks: Looks) -> str:
    """Say why classes of zones, such as tenths of income, are no groups, and what can be done with them."""
    lines = [
        f'"{name}" gives each zone one class. As groups of people it would put everyone of a zone into the',
        "same one, and they would live wholly apart whatever the city is like: so no groups were made of it.",
    ]
    money = next((n for n in context if looks[n].purpose == "money"), "")
    if money:
        lines += [
            f'What these zones can answer with "{money}": where poorer areas lie,',
            f"isopolis priority-areas FOLDER --rule sixty_percent --column income={money}",
        ]
    return "\n".join(lines)


def _left(found: WideGuess) -> str:
    names = list(found.left_out)
    lines = [f"left out, because they add up with no other column (they may overlap): {', '.join(names)}"]
    if found.total:
        lines += ["to compare one of them with everyone else, add for example", "[[tables.dimensions]]"]
        lines += [f'name = "{names[0]}"', f'columns = ["{names[0]}"]', f'total = "{found.total}"']
        lines += ['complement = "everyone_else"']
    return "\n".join(lines)


def _stacked(looks: Looks, file: FoundFile, join: Join) -> dict[str, Floats]:
    """Numbers of this table and of those with the same headings: every date gets the same dimensions."""
    same = [
        f.looks
        for f, _ in join.tables
        if f is not file and list(f.table.columns) == list(looks.table.columns)
    ]
    return {
        n: np.concatenate([look.values, *(s[n].values for s in same)]) for n, look in looks.columns.items()
    }


def _one_total_each(
    drafts: list[tuple[TableConfig, dict[tuple[str, ...], str]]], ignored: dict[str, str]
) -> list[tuple[TableConfig, dict[tuple[str, ...], str]]]:
    """Leave out tables that repeat the dimensions of the same people at the same date; number the rest."""
    seen: dict[tuple[str, str, str], str] = {}
    out: list[tuple[TableConfig, dict[tuple[str, ...], str]]] = []
    for table, comments in drafts:
        key = (table.universe, table.date, "|".join(sorted(d.name for d in table.dimensions)))
        if table.layout != "values" and key in seen and not table.date_column:
            ignored[f'{table.file}, sheet "{table.sheet}"' if table.sheet else table.file] = (
                f"it holds the same dimensions of the same people as {seen[key]}, and no date tells them "
                f"apart"
            )
            continue
        seen[key] = table.file
        new = str(len(out) + 1)
        moved = {(p[0], new, *p[2:]) if len(p) > 1 else p: why for p, why in comments.items()}
        out.append((replace(table, number=len(out) + 1), moved))
    return out


# -- the whole city -------------------------------------------------------------
def _assembled(
    path: Path,
    folder: Path,
    join: Join,
    drafts: list[tuple[TableConfig, dict[tuple[str, ...], str]]],
    ignored: dict[str, str],
) -> Guess:
    comments: dict[tuple[str, ...], str] = {("top",): TOP}
    for _, why in drafts:
        comments |= why
    zones, reason = guess_zones(join, [t for t, _ in drafts])
    comments["zones",] = reason
    stem = path.stem if path.is_file() else path.resolve().name
    name = " ".join(stem.replace("_", " ").replace("-", " ").split()).capitalize() or "City"
    config = CityConfig(
        folder,
        name,
        re.sub(r"\W+", "_", stem.lower()),
        zones=zones,
        sources=(SourceConfig("city"),),
        tables=tuple(replace(t, source="city") for t, _ in drafts),
    )
    return Guess(config, comments, ignored)
