"""Which worries may be one: by text, place and time; suggested to a person, never joined by itself.

Worries of the same neighbourhood of space and time are compared, each with at most `MOST` that came before
it there, so that the work grows with their number and not with its square. Places are squares of twice
the radius in four grids shifted by a radius: any two points within the radius share a square in one of them.

References
----------
McNamee, P. & Mayfield, J. (2004): Character n-gram tokenization for European language text retrieval,
Information Retrieval 7, 73–97 (n-grams of letters in the place of words).
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from .desk import Desk

__all__ = ["MOST", "Pair", "Rules", "groups_of", "likeness", "suggest"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MOST = 40
"""Earlier worries of the same place that one is compared with."""

WIDTH = 1 << 18
SIZES = (3, 4)
LONGEST = 600
DEGREE = 111_195.0  # metres of a degree of a great circle
CHUNK = 100_000


@dataclass(frozen=True, slots=True)
class Rules:
    """When two worries may be one.

    Parameters
    ----------
    metres : float
        Farthest apart, where both have coordinates; otherwise both need the same neighbourhood.
    days : float
        Longest time between them.
    likeness : float
        Least likeness of the texts, 0 to 1; less is asked the nearer they are.
    """

    metres: float = 150.0
    days: float = 14.0
    likeness: float = 0.5


@dataclass(frozen=True, slots=True)
class Pair:
    """Two worries that may be one.

    Parameters
    ----------
    first, second : int
        Positions, the earlier first.
    score : float
        0 to 1.
    likeness : float
        Of the texts.
    metres : float or None
    days : float
    by : str
        ``text``, or ``topic`` where the texts are in different languages.
    """

    first: int
    second: int
    score: float
    likeness: float
    metres: float | None
    days: float
    by: str


def suggest(desk: Desk, rules: Rules | None = None) -> tuple[Pair, ...]:
    """Suggest pairs, the likeliest first.

    The score is the likeness of the texts times a factor for distance and one for time, each falling from 1
    to one half at the farthest. Texts in different languages have no likeness; they are suggested when
    they are of one topic within a third of the distance and three days, with half a score.

    Parameters
    ----------
    desk : Desk
        Worries without a time, or without coordinates and neighbourhood, are compared with none.
    rules : Rules, optional
    """
    rule = rules or Rules()
    best: dict[tuple[int, int], Pair] = {}
    vectors = _vectors(desk.texts)
    for one, other in _candidates(desk, rule):
        for start in range(0, len(one), CHUNK):
            part = slice(start, start + CHUNK)
            for pair in _judged(desk, rule, vectors, one[part], other[part]):
                best[pair.first, pair.second] = pair
    return tuple(sorted(best.values(), key=lambda p: (-p.score, p.first, p.second)))


def groups_of(pairs: tuple[Pair, ...], n: int) -> Ints:
    """Return for each of `n` worries the first one of its group, if all suggestions were right."""
    root = np.arange(n)
    for pair in pairs:
        a, b = _root(root, pair.first), _root(root, pair.second)
        root[max(a, b)] = min(a, b)
    return np.array([_root(root, i) for i in range(n)], dtype=np.int64)


def _root(root: Ints, i: int) -> int:
    while root[i] != i:
        root[i] = root[root[i]]
        i = int(root[i])
    return i


def _grams(text: str) -> tuple[Ints, Ints]:
    """Hashed n-grams of letters within words, with how often each comes."""
    words = "".join(c if c.isalnum() else " " for c in text.casefold()[:LONGEST]).split()
    joined = " " + " ".join(words) + " "
    grams = [joined[i : i + n] for n in SIZES for i in range(len(joined) - n + 1)] if words else []
    return np.unique([zlib.crc32(g.encode()) % WIDTH for g in grams], return_counts=True)


def likeness(text: str, others: Sequence[str]) -> Floats:
    """Return how alike a text is to each of `others` by their letters, where place and time do not matter.

    Parameters
    ----------
    text : str
    others : sequence of str

    Returns
    -------
    (n,) float64
        0 (no letters in common) to 1 (the same), in the order of `others`.
    """
    if not others:
        return np.zeros(0)
    vectors = _vectors(np.array([t[:LONGEST] for t in (text, *others)]))
    return np.clip((vectors[1:] @ vectors[0].T).toarray().ravel(), 0.0, 1.0)


def _vectors(texts: npt.NDArray[Any]) -> Any:
    """(n, WIDTH) sparse rows of length 1: n-grams weighted by how rare they are."""
    from scipy.sparse import csr_matrix, diags

    distinct, of = np.unique(texts.astype(str), return_inverse=True)
    parts = [_grams(t) for t in distinct.tolist()]
    ends = np.cumsum([0, *(len(p[0]) for p in parts)])
    columns = np.concatenate([p[0] for p in parts] or [np.empty(0, np.int64)]).astype(np.int64)
    counts = np.concatenate([p[1] for p in parts] or [np.empty(0, np.int64)]).astype(np.float64)
    seen = np.bincount(columns, minlength=WIDTH)
    rare = np.log((1 + len(distinct)) / (1 + seen)) + 1
    values = (1 + np.log(counts)) * rare[columns]
    matrix = csr_matrix((values, columns, ends), shape=(len(distinct), WIDTH))
    length = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    return (diags(1 / np.where(length > 0, length, 1.0)) @ matrix).tocsr()[of]


def _candidates(desk: Desk, rule: Rules) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of positions that share a place and lie near in time."""
    timed = ~np.isnat(desk.received)
    placed = timed & np.isfinite(desk.lat) & np.isfinite(desk.lon)
    if placed.any():
        where = np.flatnonzero(placed)
        x, y = _metres(desk, where)
        for dx in (0.0, 1.0):
            for dy in (0.0, 1.0):
                side = 2 * rule.metres
                column = np.floor(x / side + dx / 2).astype(np.int64)
                row = np.floor(y / side + dy / 2).astype(np.int64)
                yield from _near(desk, where, column * (1 << 31) + row, rule)
    where = np.flatnonzero(timed & ~placed & (desk.zones != ""))
    if len(where):
        yield from _near(desk, where, np.unique(desk.zones[where].astype(str), return_inverse=True)[1], rule)


def _metres(desk: Desk, where: Ints) -> tuple[Floats, Floats]:
    lat = desk.lat[where]
    return desk.lon[where] * DEGREE * np.cos(np.radians(lat.mean())), lat * DEGREE


def _near(desk: Desk, where: Ints, place: Ints, rule: Rules) -> Iterator[tuple[Ints, Ints]]:
    """Pairs of one place: each with those that came shortly before it."""
    time = desk.received[where].astype(np.int64)
    order = np.lexsort((where, time, place))
    where, place, time = where[order], place[order], time[order]
    for step in range(1, MOST + 1):
        fits = (place[step:] == place[:-step]) & (time[step:] - time[:-step] <= rule.days * 86_400)
        if not fits.any():
            return
        first = np.flatnonzero(fits)
        yield where[first], where[first + step]


def _judged(desk: Desk, rule: Rules, vectors: Any, one: Ints, other: Ints) -> Iterator[Pair]:
    alike = np.asarray(vectors[one].multiply(vectors[other]).sum(axis=1)).ravel()
    days = np.abs((desk.received[other] - desk.received[one]).astype(np.int64)) / 86_400
    apart = _apart(desk, one, other)
    far = np.where(np.isnan(apart), 0.5, apart / rule.metres)
    factor = (1 - far / 2) * (1 - days / rule.days / 2)
    same = (far <= 1) & (alike >= rule.likeness * (0.7 + 0.3 * np.minimum(far, 1)))
    tongues = (desk.languages[one] != desk.languages[other]) & (desk.languages[one] != "")
    tongues &= (desk.languages[other] != "") & (desk.topics[one] != "")
    tongues &= desk.topics[one] == desk.topics[other]
    cross = ~same & tongues & (apart <= rule.metres / 3) & (days <= 3)
    for i in np.flatnonzero(same | cross).tolist():
        text = bool(same[i])
        score = float((alike[i] if text else 0.5) * factor[i])
        yield Pair(
            int(one[i]), int(other[i]), min(score, 1.0), min(float(alike[i]), 1.0),
            None if np.isnan(apart[i]) else float(apart[i]), float(days[i]), "text" if text else "topic",
        )  # fmt: skip


def _apart(desk: Desk, one: Ints, other: Ints) -> Floats:
    """Metres between two points; NaN where either is not known."""
    lat = np.radians((desk.lat[one] + desk.lat[other]) / 2)
    dx = (desk.lon[one] - desk.lon[other]) * np.cos(lat)
    return np.asarray(DEGREE * np.hypot(dx, desk.lat[one] - desk.lat[other]))
