"""The entropy of square windows by compiled loops, for large grids; numba is imported when it is called.

All radii of a row are done together, so that the rows of sums they share are read once. The product x ln x of
a whole number comes from a table as far as that fits the cache, beyond it from a logarithm that compilers can
do several at a time (range and coefficients of fdlibm's ``e_log.c``, Sun Microsystems 1993; error below 1e-15
of the value). The twin in plain numpy is `scores`; both agree to 1e-13. The loops are also plain Python, only
slow.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np
import numpy.typing as npt

from ..arrays import Floats
from .grid import Prefixes, asked_rows, reach

__all__ = ["entropy_rows", "sums_from_corner"]

TABLE = 2**16
"""Entries of the table of x ln x: half a megabyte, near the processor."""


def entropy_rows(sums: Prefixes, radii: Sequence[float], rows: tuple[int, int] | None = None) -> Floats:
    """(radii, rows asked) sums over cells of people × entropy of their window, in nats; see `scores`."""
    first, last = asked_rows(rows, sums.shape[0])
    out = np.zeros((len(radii), last - first))
    wide = np.array([reach(r) for r in radii], dtype=np.int64)
    w, n = (np.empty(sums.shape[1], dtype=sums.table.dtype) for _ in range(2))
    # the same numbers as indices: without a sign nothing must be looked up from the end
    index = np.uint32 if w.itemsize == 4 else np.uint64
    room = [np.empty(sums.shape[1]) for _ in range(3)]
    _compiled()["rows_of"](
        sums.table, wide, _table(), first, last, w, w.view(index), n, n.view(index), *room, out
    )
    return out


def sums_from_corner(x: npt.NDArray[np.integer], out: npt.NDArray[np.integer]) -> None:
    """Fill a (groups, rows + 1, columns + 1) table of sums from (rows, columns, groups) people."""
    _compiled()["from_corner"](x, out)


@cache
def _table() -> Floats:
    x = np.arange(TABLE, dtype=np.float64)
    return x * np.log(np.maximum(x, 1.0))


@cache
def _compiled() -> dict[str, Callable[..., Any]]:
    """Compile the loops below, or load what was kept; each sees those before it in their compiled form."""
    from numba import njit

    space: dict[str, Any] = {"__name__": __name__, "np": np, **_bit_casts()}
    for plain in (ln, window, add_products, add_up, from_corner, rows_of):
        own = FunctionType(plain.__code__, space, plain.__name__)
        # multiply and add in one step; only the sum of a row is reordered, in the same way for every row
        free = {"contract", "reassoc", "nsz"} if plain is add_up else {"contract"}
        try:
            made = njit(error_model="numpy", fastmath=free, cache=True)(own)
        except RuntimeError:  # no folder in which code could be kept
            made = njit(error_model="numpy", fastmath=free)(own)
        space[plain.__name__] = made
    return space


def _bit_casts() -> dict[str, Any]:
    """`bits` and `double` as the one instruction that they are."""
    from numba import types
    from numba.extending import intrinsic

    def cast(to: Any, given: Any) -> Any:
        def emit(context: Any, builder: Any, _: Any, values: Any) -> Any:
            return builder.bitcast(values[0], context.get_value_type(to))

        return to(given), emit

    @intrinsic
    def bits(context: Any, x: Any) -> Any:
        return cast(types.int64, types.float64)

    @intrinsic
    def double(context: Any, x: Any) -> Any:
        return cast(types.float64, types.int64)

    return {"bits": bits, "double": double}


# -- loops, as numba compiles them ------------------------------------------------------------
# Views begin at 0 and branches stay outside, so that compilers do several cells at a time.
def bits(x: float) -> int:
    """The 64 bits of a double as a whole number."""
    return int(np.float64(x).view(np.int64))


def double(x: int) -> float:
    """The double that has these bits."""
    return float(np.int64(x).view(np.float64))


def ln(x: Any) -> Any:
    """Natural logarithm of a number of 1 or more; some finite number for 0."""
    t = bits(x) - 0x3FE6A09E667F3BCD
    f = double((t & 0xFFFFFFFFFFFFF) + 0x3FE6A09E667F3BCD) - 1.0
    s = f / (2.0 + f)
    z = s * s
    p = 0.2222219843214978396 + z * (
        0.1818357216161805012 + z * (0.1531383769920937332 + z * 0.1479819860511658591)
    )
    p = 0.6666666666666735130 + z * (0.3999999999940941908 + z * (0.2857142874366239149 + z * p))
    return float(t >> 52) * 0.6931471805599453 + s * (2.0 + z * p)


def window(high: Any, low: Any, k: int, w: Any) -> None:
    """Fill `w` with the sums of the columns at most k away, from two rows of sums from the corner."""
    columns = len(w)
    if 2 * k + 1 > columns:
        for c in range(columns):
            u, v = min(columns, c + k + 1), max(0, c - k)
            w[c] = (high[u] - low[u]) - (high[v] - low[v])
        return
    all_of = high[columns] - low[columns]
    a, b = high[k + 1 : 2 * k + 1], low[k + 1 : 2 * k + 1]
    for j in range(k):
        w[j] = a[j] - b[j]
    a, b, q = high[2 * k + 1 :], low[2 * k + 1 :], w[k:]
    for j in range(len(a)):
        q[j] = (a[j] - b[j]) - (high[j] - low[j])
    a, b, q = high[columns - 2 * k :], low[columns - 2 * k :], w[columns - k :]
    for j in range(k):
        q[j] = all_of - (a[j] - b[j])


def add_products(w: Any, index: Any, s: Any, table: Any) -> None:
    """Add x ln x of the counts to `s`; `index` are the counts again."""
    most = w[0]
    for c in range(len(w)):
        most = max(most, w[c])
    if most < len(table):
        for c in range(len(w)):
            s[c] += table[index[c]]
    else:
        for c in range(len(w)):
            x = float(w[c])
            s[c] += x * ln(x)


def add_up(s: Any) -> Any:
    """Sum of a row."""
    total = 0.0
    for c in range(len(s)):
        total += s[c]
    return total


def from_corner(x: Any, out: Any) -> None:
    """Sums from the corner, all groups of a row before the next."""
    rows, columns, groups = x.shape
    for r in range(rows):
        for g in range(groups):
            above, here = out[g, r], out[g, r + 1]
            run = above[0]
            for c in range(columns):
                run += x[r, c, g]
                here[c + 1] = above[c + 1] + run


def rows_of(
    sums: Any, wide: Any, table: Any, first: int, last: int, w: Any, w_at: Any, n: Any, n_at: Any,
    own: Any, s: Any, t: Any, out: Any,
) -> None:  # fmt: skip
    """Score rows `first` to `last`, all half-widths of a row before the next row."""
    groups, rows, columns = sums.shape
    rows, columns = rows - 1, columns - 1
    for r in range(first, last):
        own[:] = 0.0
        for g in range(groups):
            window(sums[g, r + 1], sums[g, r], 0, w)
            for c in range(columns):
                own[c] += w[c]
        for i in range(len(wide)):
            k = wide[i]
            n[:] = 0
            s[:] = 0.0
            t[:] = 0.0
            for g in range(groups):
                window(sums[g, min(rows, r + k + 1)], sums[g, max(0, r - k)], min(k, columns), w)
                for c in range(columns):
                    n[c] += w[c]
                add_products(w, w_at, s, table)
            add_products(n, n_at, t, table)
            for c in range(columns):
                s[c] = own[c] * (t[c] - s[c]) / max(float(n[c]), 1.0)
            out[i, r - first] = add_up(s)
