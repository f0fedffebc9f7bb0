"""Rows of one table of services → places by kind, with what is wrong in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import Problems
from isopolis.model.text import phrase, phrases

from .access_tables import numbers_of
from .columns import Table
from .config_access import ATTRIBUTES, PlacesConfig
from .numbers import Decimal
from .opening import unreadable
from .service_places import bookings_of, capacities_of, fees_of, languages_of, step_free_of

__all__ = ["Zoned", "counted_places", "listed_places"]

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.object_]

_FIELDS = {
    "opening_hours": "hours", "capacity": "capacity", "fee": "fee", "languages": "languages",
    "step_free": "step_free", "booking": "booking", "eligibility": "eligibility",
}  # fmt: skip
"""Key of city.toml → field of `Places`."""


@dataclass(frozen=True, slots=True, eq=False)
class Zoned:
    """Ids of the city's zones (or origins) and their points, for places that are counted in a zone."""

    ids: Texts
    lon: Floats
    lat: Floats


def counted_places(
    table: Table,
    section: PlacesConfig,
    decimal: Decimal,
    lon: Floats,
    lat: Floats,
    zone: Texts,
    row: npt.NDArray[np.int64],
    zoned: Zoned,
    problems: Problems,
) -> dict[str, dict[str, npt.NDArray[np.generic]]]:
    """Counts per zone or point: each column is a kind, each row with a number above 0 a place."""
    there = row >= 0
    if len(zoned.ids):
        at = np.maximum(row, 0)
        bare = there & ~np.isfinite(lon)
        lon, lat = np.where(bare, zoned.lon[at], lon), np.where(bare, zoned.lat[at], lat)
    ids = _ids(table, section, problems) if section.id else zone.copy()
    blank = np.array([i == "" for i in ids], dtype=bool)
    ids[blank] = np.array([f"row {r}" for r in table.row_numbers], dtype=object)[blank]
    out = {}
    for column in section.columns:
        amount, wrong = numbers_of(table, column, decimal)
        wrong |= amount < 0
        _say_amounts(table, section, column, amount, wrong, problems)
        keep = np.isfinite(amount) & (amount > 0) & ~wrong & (np.isfinite(lon) | there)
        keep &= _agreed(table, column, ids, amount, problems)
        if keep.any():
            names = np.full(int(keep.sum()), "", dtype=object)
            out[column] = {
                "ids": ids[keep], "names": names, "lon": lon[keep], "lat": lat[keep], "zone": zone[keep],
                "amount": amount[keep],
            }  # fmt: skip
        else:
            problems.caveat(
                "no-places",
                phrase('nothing is counted under "{column}"', column=column),
                file=table.file,
                column=column,
            )
    _say_lost(table, np.flatnonzero(~np.isfinite(lon) & ~there), problems)
    return out


def _agreed(
    table: Table, column: str, ids: Texts, amount: Floats, problems: Problems
) -> npt.NDArray[np.bool_]:
    """(n,) True where an id stands for the first time; rows of one id that count differently are an error."""
    _, first, where = np.unique(ids.astype(str), return_index=True, return_inverse=True)
    out = np.zeros(len(ids), dtype=bool)
    out[first] = True
    before = amount[first[where.ravel()]]
    rows = np.flatnonzero((amount != before) & ~(np.isnan(amount) & np.isnan(before)))
    if len(rows):
        problems.error(
            "repeated-place",
            phrase("two places of the same kind have the same id and differ otherwise"),
            file=table.file,
            column=column,
            rows=table.shown(rows),
            count=len(rows),
            value=str(ids[rows[0]]),
            hint=phrase("Give each place an id of its own, or remove the row that is wrong."),
        )
    return out


def _say_amounts(
    table: Table,
    section: PlacesConfig,
    column: str,
    amount: Floats,
    wrong: npt.NDArray[np.bool_],
    problems: Problems,
) -> None:
    rows = np.flatnonzero(wrong)
    if len(rows):
        problems.error(
            "bad-amount",
            phrase("this is no number of places"),
            file=table.file,
            column=column,
            rows=table.shown(rows),
            count=len(rows),
            value=table[column].at(int(rows[0])),
            rule=phrase("a number of 0 or more, or an empty cell"),
            hint=phrase("Correct the cell, or leave it empty if it is not known."),
        )
    gaps = np.flatnonzero(~np.isfinite(amount) & ~wrong)
    if not len(gaps):
        return
    where = {"file": table.file, "column": column, "rows": table.shown(gaps), "count": len(gaps)}
    if section.empty == "none":
        problems.caveat(
            "empty-means-none",
            phrases(
                "an empty cell was read as none, as city.toml says or as was guessed",
                "{n} empty cells were read as none, as city.toml says or as was guessed",
                len(gaps),
            ),
            hint=phrase('Write empty = "unknown" if they stand for what nobody knows.'),
            **where,  # type: ignore[arg-type]
        )
    else:
        problems.caveat(
            "unknown-amount",
            phrases(
                "it is not known how many there are in one row, which counts for nothing here: access may be "
                "better than shown",
                "it is not known how many there are in {n} rows, which count for nothing here: access may be "
                "better than shown",
                len(gaps),
            ),
            hint=phrase('Write empty = "none" for this table if an empty cell means none.'),
            **where,  # type: ignore[arg-type]
        )


def _say_lost(table: Table, rows: npt.NDArray[np.int64], problems: Problems) -> None:
    if len(rows):
        problems.caveat(
            "place-without-place",
            phrases(
                "a row has neither usable coordinates nor a known zone and was left out",
                "{n} rows have neither usable coordinates nor a known zone and were left out",
                len(rows),
            ),
            file=table.file,
            rows=table.shown(rows),
            count=len(rows),
            hint=phrase("Fill in where they are: nobody can be said to reach them now."),
        )


def listed_places(
    table: Table,
    section: PlacesConfig,
    decimal: Decimal,
    lon: Floats,
    lat: Floats,
    zone: Texts,
    problems: Problems,
) -> dict[str, dict[str, npt.NDArray[np.generic]]]:
    """One row per place."""
    kinds = table[section.kind].text() if section.kind else np.full(len(table), section.service, dtype=object)
    ids = _ids(table, section, problems)
    names = table[section.name].text() if section.name else np.full(len(table), "", dtype=object)
    located = np.isfinite(lon) & np.isfinite(lat)
    _say_gaps(table, section, located, zone, problems)
    keep = located | np.array([z != "" for z in zone], dtype=bool)
    _say_lost(table, np.flatnonzero(~keep), problems)
    nameless = np.array([str(k) == "" for k in kinds], dtype=bool)
    if nameless.any():
        _say_kindless(table, section, np.flatnonzero(nameless), problems)
    keep &= ~nameless & _once(table, kinds, ids, names, problems)
    _say_alike(table, kinds, names, lon, lat, keep, problems)
    columns = {"ids": ids, "names": names, "lon": lon, "lat": lat, "zone": zone}
    columns |= _attributes(table, section, problems)
    if section.amount:
        amount, wrong = numbers_of(table, section.amount, decimal)
        wrong |= amount < 0
        _say_amounts(table, section, section.amount, amount, wrong, problems)
        columns["amount"] = amount
        keep &= np.isfinite(amount) & (amount > 0) & ~wrong
    out = {}
    for kind in dict.fromkeys(str(k) for k, good in zip(kinds, keep, strict=True) if good):
        rows = np.flatnonzero(keep & (kinds == kind))
        out[kind] = {n: c[rows] for n, c in columns.items()}
    return out


def _ids(table: Table, section: PlacesConfig, problems: Problems) -> Texts:
    made = np.array([f"row {r}" for r in table.row_numbers], dtype=object)
    if not section.id:
        return made
    ids = table[section.id].text().astype(object)
    blank = np.array([i == "" for i in ids], dtype=bool)
    if blank.any():
        problems.caveat(
            "place-without-id",
            phrases(
                "a place has no id; its row is used", "{n} places have no id; their rows are used",
                int(blank.sum()),
            ),
            file=table.file,
            column=section.id,
            rows=table.shown(np.flatnonzero(blank)),
            count=int(blank.sum()),
        )  # fmt: skip
    return np.where(blank, made, ids)


def _say_gaps(
    table: Table, section: PlacesConfig, located: npt.NDArray[np.bool_], zone: Texts, problems: Problems
) -> None:
    """Places whose zone alone is known, in a table that has coordinates."""
    by_zone = np.flatnonzero(~located & np.array([z != "" for z in zone], dtype=bool))
    if len(by_zone) and (section.x or located.any()):
        problems.caveat(
            "place-by-zone-only",
            phrases(
                "a place has no usable coordinates; only its zone is known",
                "{n} places have no usable coordinates; only their zones are known",
                len(by_zone),
            ),
            file=table.file,
            column=section.x or None,
            rows=table.shown(by_zone),
            count=len(by_zone),
            hint=phrase("Fill in the coordinates."),
        )


def _say_kindless(
    table: Table, section: PlacesConfig, rows: npt.NDArray[np.int64], problems: Problems
) -> None:
    problems.caveat(
        "place-without-kind",
        phrases(
            "a row does not say which service it is and was left out",
            "{n} rows do not say which service they are and were left out",
            len(rows),
        ),
        file=table.file,
        column=section.kind,
        rows=table.shown(rows),
        count=len(rows),
    )


def _once(table: Table, kinds: Texts, ids: Texts, names: Texts, problems: Problems) -> npt.NDArray[np.bool_]:
    """(n,) False for rows that repeat a whole earlier row; a repeated id with other facts is an error."""
    first: dict[tuple[str, str], int] = {}
    keep = np.ones(len(table), dtype=bool)
    same: list[int] = []
    clash: list[int] = []
    for i, key in enumerate(zip(kinds.tolist(), ids.tolist(), strict=True)):
        before = first.setdefault(key, i)
        if before != i:
            keep[i] = False
            alike = all(c.at(i) == c.at(before) for c in table.columns.values())
            (same if alike else clash).append(i)
    if same:
        problems.caveat(
            "repeated-row",
            phrases("a place stands twice and was used once", "{n} places stand twice and were used once",
                    len(same)),
            file=table.file,
            rows=table.shown(np.array(same)),
            count=len(same),
        )  # fmt: skip
    if clash:
        problems.error(
            "repeated-place",
            phrase("two places of the same kind have the same id and differ otherwise"),
            file=table.file,
            rows=table.shown(np.array(clash)),
            count=len(clash),
            value=str(ids[clash[0]]),
            hint=phrase("Give each place an id of its own, or remove the row that is wrong."),
        )
    return keep


def _say_alike(
    table: Table, kinds: Texts, names: Texts, lon: Floats, lat: Floats, keep: npt.NDArray[np.bool_],
    problems: Problems,
) -> None:  # fmt: skip
    """Say that places of one kind and name at one spot may be one; they stay, since a house may hold two."""
    seen: dict[tuple[object, ...], int] = {}
    rows = []
    for i in np.flatnonzero(keep & np.isfinite(lon)):
        key = (kinds[i], names[i], round(float(lon[i]), 6), round(float(lat[i]), 6))
        if key in seen:
            rows.append(int(i))
        seen.setdefault(key, int(i))
    if rows:
        problems.caveat(
            "same-spot",
            phrases(
                "a place has the kind, name and spot of another under another id; both were kept",
                "{n} places have the kind, name and spot of others under other ids; all were kept",
                len(rows),
            ),
            file=table.file,
            rows=table.shown(np.array(rows)),
            count=len(rows),
            hint=phrase("Remove those that stand twice."),
        )


def _attributes(
    table: Table, section: PlacesConfig, problems: Problems
) -> dict[str, npt.NDArray[np.generic]]:
    readers = {
        "capacity": capacities_of, "fee": fees_of, "languages": languages_of, "step_free": step_free_of,
        "booking": bookings_of,
    }  # fmt: skip
    out: dict[str, npt.NDArray[np.generic]] = {}
    for key in ATTRIBUTES:
        column = getattr(section, key)
        if column and key in readers:
            out[_FIELDS[key]] = readers[key](table, column, problems)  # type: ignore[operator]
        elif column:
            out[_FIELDS[key]] = table[column].text()
    if section.opening_hours:
        unreadable(table, section.opening_hours, problems)
    return out
