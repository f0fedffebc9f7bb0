"""Everything a desk received, as columns; and how much of it was registered and resolved."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError

__all__ = ["Desk", "Line", "tally", "weeks"]

Texts = npt.NDArray[np.object_]
Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Times = npt.NDArray[np.datetime64]


@dataclass(frozen=True, slots=True, eq=False)
class Desk:
    """Worries, one row each, in the order of the file.

    Parameters
    ----------
    ids, texts, services, channels, zones, groups, languages, topics : (n,) arrays of str
        Empty where not known. `services` is the desk's own name of the kind of worry, `topics` an id of the
        thesaurus.
    received, closed : (n,) arrays of datetime64[s]
        ``NaT`` where not known.
    registered, resolved : (n,) bool arrays
        What was resolved was registered.
    lat, lon : (n,) arrays, degrees
        NaN where not known.

    Raises
    ------
    CallError
        If lengths differ, or something was resolved that nobody registered.
    """

    ids: Texts
    texts: Texts
    services: Texts
    channels: Texts
    zones: Texts
    groups: Texts
    languages: Texts
    topics: Texts
    received: Times
    closed: Times
    registered: Flags
    resolved: Flags
    lat: Floats
    lon: Floats

    def __post_init__(self) -> None:
        if len({len(getattr(self, f.name)) for f in fields(self)}) > 1:
            raise CallError("every column of a desk needs one value for each worry")
        if (self.resolved & ~self.registered).any():
            raise CallError("a worry that was not registered cannot be resolved")

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Line:
    """How many worries of one kind were received, registered and resolved; never more than the one before."""

    key: str
    received: int
    registered: int
    resolved: int


def tally(desk: Desk, keys: npt.ArrayLike) -> tuple[Line, ...]:
    """Count received, registered and resolved by a key.

    Parameters
    ----------
    desk : Desk
    keys : (n,) array of str
        Such as topics, zones, weeks or channels; an empty key is what is not known.

    Returns
    -------
    tuple of Line
        In the order of the keys.
    """
    given = np.asarray(keys, dtype=object).astype(str)
    if len(given) != len(desk):
        raise CallError("give one key for each worry")
    distinct, codes = np.unique(given, return_inverse=True)
    n = len(distinct)
    columns = (
        np.bincount(codes, minlength=n),
        np.bincount(codes, desk.registered, n).astype(np.int64),
        np.bincount(codes, desk.resolved, n).astype(np.int64),
    )
    return tuple(Line(str(k), *(int(c[i]) for c in columns)) for i, k in enumerate(distinct))


def weeks(times: Times) -> Texts:
    """Return the week of ISO 8601 of each time, as ``2026-W07``; empty where the time is not known."""
    out = np.full(len(times), "", dtype=object)
    known = np.flatnonzero(~np.isnat(times))
    days = times[known].astype("datetime64[D]").astype(np.int64)
    # the Thursday decides which year a week is of; day 0, 1 January 1970, was one
    thursday = days - (days + 3) % 7 + 3
    years = thursday.astype("datetime64[D]").astype("datetime64[Y]")
    first = years.astype("datetime64[D]").astype(np.int64)
    number = (thursday - first) // 7 + 1
    out[known] = [f"{y}-W{w:02d}" for y, w in zip(years.astype(str), number.tolist(), strict=True)]
    return out
