"""Suppression that holds: unsafe cells, the further cells that protect them, and the proof.

Every unsafe cell is asked: could it be as small, and as large, as the protection demands, with
everything that is shown unchanged? Where not, the cheapest set of further cells is hidden that makes it
possible. At the end the bounds of every hidden cell are computed anew, as an outsider would.

References
----------
Kelly, J. P., Golden, B. L. & Assad, A. A. (1992): Cell suppression: disclosure protection for sensitive
tabular data, Networks 22 (one flow per cell). Castro, J. (2012): Recent advances in optimization
techniques for statistical tabular data protection, EJOR 216(2).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array, hstack

from isopolis.model import Counts, Mechanism

from .blocks import Block
from .linear import System, bounds, minimise, system_of
from .rules import few_people

__all__ = ["Audited", "Needs", "Suppression", "check", "suppress"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Mask = Callable[[Block], Flags]
CLOSE = 1e-6
CHEAP = 1e-3


@dataclass(frozen=True, slots=True)
class Audited:
    """One hidden cell as an outsider sees it.

    Parameters
    ----------
    zone, group : str
    primary : bool
        True when a rule asked for it, False when it protects another cell. Not for publication: who
        knows that two cells are below 10 and add up to 18 knows both.
    low, high : float
        What an outsider can deduce; infinite where nothing limits the cell.
    safe : bool
        True when the bounds are as wide as the protection demands.
    """

    zone: str
    group: str
    primary: bool
    low: float
    high: float
    safe: bool


@dataclass(frozen=True, slots=True, eq=False)
class Needs:
    """How wide the deduced bounds of each cell must be; NaN-free: cells without a need have their truth.

    Parameters
    ----------
    cells : (n,) bool array
        Cells that have a need.
    low, high : (n,) arrays
        The deduced bounds must reach at least this far down and up.
    """

    cells: Flags
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Suppression:
    """Tables with what must be hidden as intervals.

    Parameters
    ----------
    tables : tuple of Counts
        In the order given; hidden cells hold no trace of their number.
    blocks : tuple of tuple of Block
        Every level and margin of each table, hidden in the same way: show these, because a margin
        that is shown is known better than the sum of intervals.
    hidden : tuple of tuple of bool arrays
        The cells hidden here, block by block.
    audit : tuple of Audited
        Every hidden cell.
    consistent : bool
        False when shown numbers contradict the bounds of the source, so that nothing is proven.
    """

    tables: tuple[Counts, ...]
    blocks: tuple[tuple[Block, ...], ...]
    hidden: tuple[tuple[Flags, ...], ...]
    audit: tuple[Audited, ...]
    consistent: bool

    @property
    def safe(self) -> bool:
        """True when every unsafe cell is protected as demanded."""
        return self.consistent and all(a.safe for a in self.audit)


def suppress(
    tables: Sequence[Counts],
    parents: Mapping[str, npt.ArrayLike] | None = None,
    *,
    threshold: int = 10,
    percent: float | None = None,
    unsafe: Mask | None = None,
    public: Mask | None = None,
) -> Suppression:
    """Hide what is unsafe in linked tables, and as little more as protects it.

    Parameters
    ----------
    tables : sequence of Counts
        Tables on the same zones; those of the same date and universe are protected together.
    parents : mapping of str to (Z,) array of str, optional
        Levels of zones, finest first.
    threshold : int
        Protection in people: the deduced bounds of an unsafe cell below it must cover 0 to
        `threshold`, of a larger one its number ± `threshold`.
    percent : float, optional
        Protection in percent of the number instead, for magnitude tables.
    unsafe : callable, optional
        Block → cells that must be hidden; fewer than `threshold` people when not given.
    public : callable, optional
        Block → cells that are public already and cannot be hidden any more.

    Returns
    -------
    Suppression
    """
    rule = unsafe or (lambda block: few_people(block.counts, threshold).cells)
    system = system_of(tables, parents)
    out = _numbers(system, public) if public else np.zeros(len(system.truth), dtype=np.bool_)
    primary = without_implied(system, _numbers(system, rule) & ~system.given)
    needs = needs_of(system, primary & ~out, threshold, percent)
    hidden = protect(system, needs, out)
    low, high, consistent = bounds(system, hidden)
    audit = _report(system, hidden & ~system.given, primary, needs, low, high)
    low, high = _finite(system, low, high, threshold)
    return _written(system, tables, hidden | primary, low, high, audit, consistent)


def needs_of(system: System, cells: Flags, threshold: float, percent: float | None = None) -> Needs:
    """Width demanded of the deduced bounds; see `suppress`."""
    x = system.truth
    if percent is not None:
        low, high = x * (1 - percent / 100), x * (1 + percent / 100)
    else:
        low = np.maximum(0.0, x - threshold)
        high = np.where(x < threshold, threshold, x + threshold)
    if system.whole:  # people are not divided
        low, high = np.floor(low), np.ceil(high)
    return Needs(cells, np.where(cells, low, x), np.where(cells, high, x))


def without_implied(system: System, primary: Flags) -> Flags:
    """Drop empty cells inside a total that is shown to be empty: no hiding could change what they tell."""
    totals, parts = (system.sums < 0).astype(np.float64), (system.sums > 0).astype(np.float64)
    empty = (system.truth == 0) & ~system.given
    out = primary.copy()
    while True:
        lines = totals @ (empty & ~out).astype(np.float64) > 0
        implied = out & empty & (parts.T @ lines.astype(np.float64) > 0)
        if not implied.any():
            return out
        out &= ~implied


def check(system: System, needs: Needs, hidden: Flags) -> Flags:
    """(n,) True for every cell with a need whose deduced bounds are too narrow: the exact audit."""
    low, high, consistent = bounds(system, hidden)
    narrow = (low > needs.low + CLOSE) | (high < needs.high - CLOSE)
    return needs.cells & (narrow | (not consistent))


def _numbers(system: System, mask: Mask) -> Flags:
    """Gather a mask by block into one by cell."""
    out = np.zeros(len(system.truth), dtype=np.bool_)
    for parts, index in zip(system.tables, system.index, strict=True):
        for block, numbers in zip(parts, index, strict=True):
            out[numbers[np.broadcast_to(mask(block), numbers.shape)]] = True
    return out


def protect(system: System, needs: Needs, public: Flags) -> Flags:
    """Return the cells to hide so that every need is met: one flow per unsafe cell and direction."""
    hidden = needs.cells | (system.given & ~public)
    allowed = ~public & ~system.given & ((system.truth > 0) | needs.cells)
    low, high = system.truth.copy(), system.truth.copy()
    reach = abs(system.sums)
    back = reach.T.tocsr()
    missing = np.maximum(needs.high - system.truth, system.truth - needs.low)
    for k in sorted(np.flatnonzero(needs.cells).tolist(), key=lambda i: (-missing[i], i)):
        for sign in (1.0, -1.0):
            end = needs.high[k] - high[k] if sign > 0 else low[k] - needs.low[k]
            if end <= CLOSE:
                continue
            amount = float(abs((needs.high if sign > 0 else needs.low)[k] - system.truth[k]))
            move = _flow(system, (reach, back), k, sign * amount, allowed, hidden)
            if move is None:
                continue  # the audit will say so
            hidden |= np.abs(move) > CLOSE
            for point in (system.truth + move, system.truth - move):
                if (point >= -CLOSE).all():  # both ways are possible tables
                    low, high = np.minimum(low, point), np.maximum(high, point)
    return hidden


def _flow(
    system: System,
    links: tuple[csr_array, csr_array],
    k: int,
    amount: float,
    allowed: Flags,
    hidden: Flags,
) -> Floats | None:
    """Cheapest change of the table that moves cell `k` by `amount`; searched nearby first."""
    near = np.zeros(len(system.truth))
    near[k] = 1.0
    size = 0
    for hop in range(len(system.truth)):
        near = (links[1] @ (links[0] @ near) > 0).astype(np.float64)
        grown = int(near.sum())
        if grown == size:
            return None
        size = grown
        if hop == 0:
            continue
        cells = np.flatnonzero((near > 0) & allowed)
        move = _solve_flow(system, cells, k, amount, hidden)
        if move is not None:
            out = np.zeros(len(system.truth))
            out[cells] = move
            return out
    return None


def _solve_flow(
    system: System, cells: npt.NDArray[np.intp], k: int, amount: float, hidden: Flags
) -> Floats | None:
    sums = system.sums[:, cells]
    sums = sums[np.diff(sums.indptr) > 0]
    cost = np.where(hidden[cells], CHEAP, system.weight[cells])
    room = abs(amount)
    up, down = np.full(len(cells), room), np.minimum(room, system.truth[cells])
    at = cells == k
    up[at], down[at] = max(amount, 0.0), max(-amount, 0.0)
    least = np.zeros(2 * len(cells))
    least[: len(cells)][at], least[len(cells) :][at] = up[at], down[at]
    most = np.concatenate([up, down])
    both = csr_array(hstack([sums, -sums]))
    twice = np.concatenate([cost, cost])
    right = np.zeros(sums.shape[0])
    status, z = minimise(twice, both, right, least, most, whole=False)
    if status == "optimal" and system.whole and np.abs(z - np.rint(z)).max() > CLOSE:
        status, z = minimise(twice, both, right, least, most, whole=True)
    if status != "optimal":
        return None
    return np.asarray(z[: len(cells)] - z[len(cells) :])


def _report(
    system: System, hidden: Flags, primary: Flags, needs: Needs, low: Floats, high: Floats
) -> tuple[Audited, ...]:
    narrow = needs.cells & ((low > needs.low + CLOSE) | (high < needs.high - CLOSE))
    exposed = primary & ~needs.cells  # public already
    names = _places(system, hidden | exposed)
    return tuple(
        Audited(
            *names[i],
            bool(primary[i]),
            0.0 if exposed[i] else float(low[i]),
            np.inf if exposed[i] else float(high[i]),
            not (narrow[i] or exposed[i]),
        )
        for i in np.flatnonzero(hidden | exposed).tolist()
    )


def _places(system: System, wanted: Flags) -> dict[int, tuple[str, str]]:
    out: dict[int, tuple[str, str]] = {}
    for parts, index in zip(system.tables, system.index, strict=True):
        for block, numbers in zip(parts, index, strict=True):
            flat = numbers.reshape(-1)
            for at in np.flatnonzero(wanted[flat]).tolist():
                out.setdefault(int(flat[at]), block.place(at))
    return out


def _finite(system: System, low: Floats, high: Floats, threshold: float) -> tuple[Floats, Floats]:
    """Where nothing limits a cell, bound it by a power of ten above everything in the tables."""
    largest = float(system.truth[~system.given].max(initial=threshold))
    roof = 10.0 ** np.ceil(np.log10(largest + 1))
    return low, np.where(np.isfinite(high), high, np.maximum(roof, low))


def _written(
    system: System,
    tables: Sequence[Counts],
    hidden: Flags,
    low: Floats,
    high: Floats,
    audit: tuple[Audited, ...],
    consistent: bool,
) -> Suppression:
    out, masks = [], []
    for parts, index in zip(system.tables, system.index, strict=True):
        done = []
        for block, at in zip(parts, index, strict=True):
            done.append(replace(block, counts=_hide(block.counts, hidden[at], low[at], high[at])))
        out.append(tuple(done))
        masks.append(tuple(hidden[at] for at in index))
    names = [[d.name for d in t.dimensions] for t in tables]
    whole = tuple(parts[0].counts.margin(*n) for parts, n in zip(out, names, strict=True))
    return Suppression(whole, tuple(out), tuple(masks), audit, consistent)


def _hide(counts: Counts, hidden: Flags, low: Floats, high: Floats) -> Counts:
    """Replace hidden cells by their bounds; the number left in the cell is the middle of them."""
    code = np.where(hidden & ~counts.absent, Mechanism.INTERVAL, counts.mechanism).astype(np.uint8)
    mine = code == Mechanism.INTERVAL
    middle = np.where(mine, (low + high) / 2, np.where(counts.absent, 0.0, counts.values))
    return replace(
        counts,
        values=middle,
        mechanism=code,
        lower=np.where(mine, low, middle),
        upper=np.where(mine, high, middle),
        se=None if counts.se is None else np.where(mine, 0.0, counts.se),
    )
