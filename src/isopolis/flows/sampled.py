"""Persons of a survey, one row each → indices of the city with the error of the sample.

Without weights the persons are drawn again, their zones are not: the zones are the city. With weights the
design of the survey decides the error, and only its own replicate weights tell it: nothing is given without
them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from isopolis.measure import MEASURES
from isopolis.measure.inference import Resampled, person_bootstrap, replicate_weights
from isopolis.measure.inference.resample import FACTORS
from isopolis.model import CallError, Problems
from isopolis.model.text import Number, count, phrase
from isopolis.read.columns import Table
from isopolis.read.tables import read_table

__all__ = ["KINDS", "NAMES", "Persons", "Sampled", "doubts", "persons", "read_said", "sampled", "sentence"]

NAMES = ("dissimilarity", "information_theory", "mutual_information", "variance_ratio")
"""Indices of all groups that are given, in this order; then the dissimilarity of each group from the rest."""

KINDS = FACTORS
FEWEST = 50
"""Persons below which nothing is given."""

FEWEST_OF_GROUP = 10
"""Persons of a group below which it gets no index of its own: samples drawn again would often lack it."""

MANY = 20
"""Groups above which numbers as names of groups look like a column of amounts."""

COUNTS = ("n", "count", "counts", "number", "people", "persons", "population", "total", "anzahl", "pop")
"""Names of columns that say how many people a row stands for."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Persons:
    """Persons of a sample.

    Parameters
    ----------
    zone, group : (n,) int arrays
        Positions in `zones` and `groups`.
    weight : (n,) array or None
        Persons of the city that each stands for; None in a sample without weights.
    replicates : (R, n) array or None
    counted : str
        A column of numbers that may say how many people a row stands for; empty when there is none.
    """

    zones: tuple[str, ...]
    groups: tuple[str, ...]
    zone: npt.NDArray[np.intp]
    group: npt.NDArray[np.intp]
    weight: Floats | None = None
    replicates: Floats | None = None
    counted: str = ""

    def table(self, weight: Floats | None = None) -> Floats:
        """(Z, G) persons, or sums of weights."""
        cells = self.zone * len(self.groups) + self.group
        counted = np.bincount(cells, weight, len(self.zones) * len(self.groups))
        return counted.astype(np.float64).reshape(len(self.zones), len(self.groups))


@dataclass(frozen=True, slots=True)
class Sampled:
    """One index of the sample; `group` is empty for all groups together."""

    measure: str
    group: str
    found: Resampled

    def to_dict(self) -> dict[str, Any]:
        """Return the plain JSON form."""
        f = self.found
        return {
            "measure": self.measure, "group": self.group, "value": f.value, "se": f.se, "bias": f.bias,
            "corrected": f.corrected, "interval": list(f.interval), "runs": f.runs, "method": str(f.method),
        }  # fmt: skip


def persons(
    path: Path, *, zone: str, group: str, weight: str = "", replicates: Sequence[str] = ()
) -> Persons:
    """Read a table with one row per person.

    Parameters
    ----------
    zone, group, weight : str
        Names of columns.
    replicates : sequence of str
        Columns of replicate weights; one name that ends in ``*`` stands for all that begin like it.

    Raises
    ------
    DataError
        With every missing column and every row without zone or group or whose weight is no number; or when
        rows are counts, not persons.
    CallError
        For replicate weights without a weight, one column for two purposes, or when there is no such file.
    """
    if zone == group:
        raise CallError(f'zone and group are both the column "{zone}": name two columns')
    if replicates and not weight:
        raise CallError("replicate weights go with the main weight: name its column with --weight")
    if not path.is_file():
        raise CallError(f"there is no file {path}: name a table with one row per person")
    problems = Problems()
    table = read_table(path, problems=problems)
    spread = _spread(table, replicates, weight, path.name, problems)
    for name in (zone, group, *([weight] if weight else [])):
        if name not in table.columns:
            _missing(name, table, path.name, problems)
    problems.raise_if_fatal()
    places, zones = _codes(table, zone, path.name, problems)
    members, groups = _codes(table, group, path.name, problems)
    main = _numbers(table, weight, path.name, problems, least=0.0) if weight else None
    # the replicate weights of some surveys may be below 0
    others = [_numbers(table, name, path.name, problems, least=-np.inf) for name in spread]
    problems.raise_if_fatal()
    counted = next((c for c in table.columns if c.lower() in COUNTS and c not in (zone, group, weight)), "")
    given = Persons(zones, groups, places, members, main, np.stack(others) if others else None, counted)
    _refuse_counts(given, path.name, problems)
    problems.raise_if_fatal()
    return given


def _refuse_counts(given: Persons, file: str, problems: Problems) -> None:
    """Refuse rows of which no two share zone and group: they are cells of a table, or zones."""
    if len(given.zone) < FEWEST or given.table().max() > 1:
        return
    if given.counted:
        hint = phrase(
            'The column "{column}" may say how many people a row stands for: write one row for each person, '
            "or put the table into a city folder.",
            column=given.counted,
        )
    else:
        hint = phrase("Write one row for each person, or put the table of counts into a city folder.")
    message = phrase(
        "{rows} rows, and no two share zone and group: these are counts, not persons",
        rows=count(len(given.zone)),
    )
    problems.error("not-persons", message, file=file, hint=hint)


def read_said(given: Persons) -> str:
    """Say what was read."""
    return phrase(
        "Read: {persons} persons, {zones} zones, {groups} groups.",
        persons=count(len(given.zone)), zones=count(len(given.zones)), groups=count(len(given.groups)),
    )  # fmt: skip


def doubts(given: Persons) -> tuple[str, ...]:
    """Say what makes it doubtful that each row is one person of one group."""
    out = []
    if given.counted and given.weight is None:
        out.append(
            phrase(
                'There is a column "{column}": if it says how many people a row stands for, these values are '
                "wrong, for each row was taken as one person.",
                column=given.counted,
            )
        )
    if len(given.groups) > MANY and all(np.isfinite(_number(g)) for g in given.groups):
        out.append(
            phrase(
                "The {n} groups are all numbers: if they are amounts, not names of groups, put them into "
                "classes first.",
                n=count(len(given.groups)),
            )
        )
    if few := _few(given):
        out.append(
            phrase(
                "Fewer than {n} persons, too few for a value of their own: {groups}.",
                n=count(FEWEST_OF_GROUP),
                groups=", ".join(few),
            )
        )
    if len(given.zone) < 2 * len(given.zones):
        out.append(
            phrase(
                "Fewer than two persons a zone: what the sample adds by chance is larger than what it tells."
            )
        )
    return tuple(out)


def _few(given: Persons) -> list[str]:
    """Return the groups too small for an index of their own."""
    asked = np.bincount(given.group, minlength=len(given.groups))
    return [g for g, n in zip(given.groups, asked, strict=True) if n < FEWEST_OF_GROUP]


def sampled(
    given: Persons, *, kind: str = "sdr", fay: float = 0.0, seed: int = 0, count: int = 499
) -> tuple[Sampled, ...]:
    """Indices of a sample with standard error and 95 % interval.

    Parameters
    ----------
    kind, fay : str, float
        Of the replicate weights (`replicate_weights`).
    seed, count : int
        Of the samples drawn again, where there are no weights.

    Raises
    ------
    CallError
        For weights without replicate weights, too few persons, or fewer than two zones or groups.
    """
    if given.weight is not None and given.replicates is None:
        raise CallError(
            "the sample has weights, so its design decides how far off a value is: name its replicate weights"
        )
    if len(given.zone) < FEWEST:
        raise CallError(f"{len(given.zone)} persons are too few for a standard error: at least {FEWEST}")
    if len(given.zones) < 2 or len(given.groups) < 2:
        raise CallError("an index needs two zones and two groups or more")
    if len(given.groups) - len(_few(given)) < 2:
        raise CallError(f"an index needs two groups of {FEWEST_OF_GROUP} persons or more")
    counted = given.table(given.weight)
    if min((counted.sum(axis=k) > 0).sum() for k in (0, 1)) < 2:
        raise CallError(
            "nearly all weights are 0: an index needs two zones and two groups with weights above 0"
        )
    asked: list[tuple[str, str, int]] = [(name, "", -1) for name in NAMES]
    if len(given.groups) > 2:
        few = _few(given)
        asked += [("dissimilarity", name, g) for g, name in enumerate(given.groups) if name not in few]
    return tuple(
        Sampled(
            name, group, _resampled(given, _statistic(name, g), _most(given, name), kind, fay, seed, count)
        )
        for name, group, g in asked
    )


def sentence(one: Sampled) -> str:
    """Say one index less its bias, with its interval, beside the value as counted, and how it was found."""
    title, f = phrase(MEASURES[one.measure].explain.title), one.found
    low, high = f.interval
    about = (
        phrase("{measure}, {group} and all others", measure=title, group=one.group) if one.group else title
    )
    values = {
        "about": about, "value": _four(f.value), "se": _four(f.se), "low": _four(low), "high": _four(high),
        "corrected": _four(f.corrected), "method": f.method,
    }  # fmt: skip
    if f.bias is None:
        return phrase("{about}: {value}, standard error {se}; {low} to {high} ({method}).", **values)
    if f.corrected <= 0:
        return phrase(
            "{about}: as good as 0. The sample alone adds as much as the {value} counted; at most {high} "
            "({method}).",
            **values,
        )
    return phrase(
        "{about}: {corrected}, standard error {se}; {low} to {high} ({method}). As counted in the sample, "
        "bias included: {value}.",
        **values,
    )


def _four(value: float) -> Number:
    return Number(f"{value:.4f}")


def _most(given: Persons, name: str) -> float:
    """Largest value of an index: 1, or the diversity of the city, which no number of zones exceeds."""
    return 1.0 if MEASURES[name].unit == "share" else float(np.log(len(given.groups)))


def _statistic(name: str, group: int) -> Callable[[Floats], float]:
    kernel = MEASURES[name].kernel

    def value(table: Floats) -> float:
        if group >= 0:
            one = table[:, group]
            table = np.stack([one, table.sum(axis=1) - one], axis=1)
        return float(kernel(table))

    return value


def _resampled(
    given: Persons, statistic: Callable[[Floats], float], most: float, kind: str, fay: float, seed: int,
    count: int,
) -> Resampled:  # fmt: skip
    if given.replicates is None:
        return _within(person_bootstrap(given.table(), statistic, seed=seed, count=count), most)
    # a cell whose replicate weights add up to less than nothing has nobody
    tables = np.stack([np.maximum(given.table(w), 0) for w in given.replicates])
    return _within(replicate_weights(given.table(given.weight), tables, statistic, kind=kind, fay=fay), most)


def _within(found: Resampled, most: float) -> Resampled:
    """Keep to values that the index can have, 0 to `most`."""
    low, high = (min(max(end, 0.0), most) for end in found.interval)
    return replace(found, corrected=min(max(found.corrected, 0.0), most), interval=(low, high))


def _spread(table: Table, names: Sequence[str], weight: str, file: str, problems: Problems) -> list[str]:
    """Columns of replicate weights; the main weight may begin like them and is none of them."""
    if weight in names:
        raise CallError(f'"{weight}" is the main weight: name the columns of the replicate weights only')
    out: list[str] = []
    for name in names:
        stem = name.removesuffix("*")
        found = [c for c in table.columns if c.startswith(stem) and c[len(stem) :].isdigit() and c != weight]
        fitting = found if name.endswith("*") else [c for c in table.columns if c == name]
        if not fitting:
            _missing(name, table, file, problems)
        out += [c for c in fitting if c not in out]
    return out


def _missing(name: str, table: Table, file: str, problems: Problems) -> None:
    have = ", ".join(list(table.columns)[:12])
    message = phrase('there is no column "{name}"', name=name)
    problems.error("no-column", message, file=file, rule=have)


def _codes(
    table: Table, name: str, file: str, problems: Problems
) -> tuple[npt.NDArray[np.intp], tuple[str, ...]]:
    codes, texts = table.columns[name].coded()
    empty = np.array([str(t) == "" for t in texts], dtype=bool)
    rows = np.flatnonzero(empty[codes]) if len(texts) else np.empty(0, dtype=np.intp)
    if len(rows):
        problems.error(
            "empty-cell",
            phrase("a person without this"),
            file=file,
            column=name,
            rows=table.shown(rows),
            count=len(rows),
            hint=phrase("Leave the person out, or give a group its own name, such as unknown."),
        )
    used, where = np.unique(codes, return_inverse=True)
    return where.ravel().astype(np.intp), tuple(str(texts[c]) for c in used)


def _numbers(table: Table, name: str, file: str, problems: Problems, *, least: float) -> Floats:
    column = table.columns[name]
    if column.numbers is not None:
        values = column.numbers.astype(np.float64)
    else:
        codes, texts = column.coded()
        values = np.array([_number(str(t)) for t in texts], dtype=np.float64)[codes]
    bad = np.flatnonzero(~(np.isfinite(values) & (values >= least)))
    if len(bad):
        problems.error(
            "bad-weight",
            phrase("a weight is no number of 0 or more"),
            file=file,
            column=name,
            rows=table.shown(bad),
            count=len(bad),
            value=column.at(int(bad[0])),
        )
    return values


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return float("nan")
