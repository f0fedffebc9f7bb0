"""Cell-key noise: the same set of people always receives the same noise, in whatever table it appears.

With microdata every person has a secret random key, and a cell's key is the sum of the keys of its
people. Without microdata the key is derived from who the cell is about: date, universe, group, the
zones that hold its people, and how many they are. A cell that is as large as a broader one is about
the same people and takes its key. The count is part of the identity on purpose: were it not, a
revised count would receive the old noise, and the difference of two releases would be exact.

Keys are whole numbers modulo 2⁶⁴, so sums of keys do not depend on order or rounding.

References
----------
Fraser, B. & Wooton, J. (2005): A proposed method for confidentialising tabular output to protect
against differencing, UNECE work session. Thompson, G. et al. (2013): Methodology for the automatic
confidentialisation of statistical outputs from remote servers at the Australian Bureau of Statistics.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Counts, Mechanism

from .blocks import ZONE, Block
from .perturb import NoiseTable

__all__ = ["check_secret", "identity_keys", "perturbed", "record_keys", "sum_keys"]

Keys = npt.NDArray[np.uint64]
SECRET_BYTES = 16
SEP = "\x1f"


def check_secret(secret: bytes) -> bytes:
    """Return `secret`; refuse one that could be guessed."""
    if not isinstance(secret, bytes) or len(secret) < SECRET_BYTES:
        raise CallError(f"the secret of the noise must be at least {SECRET_BYTES} random bytes")
    return secret


def _key(secret: bytes, text: str) -> int:
    return int.from_bytes(hmac.digest(secret, text.encode(), "sha256")[:8], "big")


def record_keys(secret: bytes, persons: Iterable[str]) -> Keys:
    """Return one key per person id: the first 64 bits of HMAC-SHA-256."""
    check_secret(secret)
    return np.array([_key(secret, f"person{SEP}{p}") for p in persons], dtype=np.uint64)


def sum_keys(keys: Keys, cells: npt.ArrayLike, shape: tuple[int, ...]) -> Keys:
    """Add the keys of persons up by cell, modulo 2⁶⁴.

    Parameters
    ----------
    keys : (N,) uint64
    cells : (N,) array of int
        Flat position of each person's cell in `shape`.
    """
    out = np.zeros(int(np.prod(shape)), dtype=np.uint64)
    np.add.at(out, np.asarray(cells, dtype=np.intp), keys)
    return out.reshape(shape)


def record_block_keys(parts: Sequence[Block], counts: Counts, keys: Keys) -> tuple[Keys, ...]:
    """Keys of every block of one table from the keys of its cells."""
    if keys.shape != counts.values.shape or keys.dtype != np.uint64:
        raise CallError("record keys must be whole numbers (uint64), one per cell of the table")
    axes = {d.name: i + 1 for i, d in enumerate(counts.dimensions)}
    row = {str(z): i for i, z in enumerate(counts.zone_ids)}
    out = []
    for block in parts:
        folded = np.zeros((len(block.extents), *keys.shape[1:]), dtype=np.uint64)
        for i, extent in enumerate(block.extents):
            folded[i] = keys[[row[z] for z in sorted(extent)]].sum(axis=0, dtype=np.uint64)
        drop = tuple(a for n, a in axes.items() if n not in block.names)
        kept = [n for n in axes if n in block.names]
        folded = folded.sum(axis=drop, dtype=np.uint64) if drop else folded
        out.append(np.transpose(folded, (0, *(kept.index(n) + 1 for n in block.names))))
    return tuple(out)


def identity_keys(secret: bytes, parts: Sequence[Block]) -> tuple[Keys, ...]:
    """Keys of every block of one table when there are no microdata; see the head of this file.

    Parameters
    ----------
    secret : bytes
        At least 16 random bytes, kept by the city and never published.
    parts : sequence of Block
        All blocks of one table, as `blocks` gives them.

    Notes
    -----
    Sameness is recognised within a zone hierarchy and from a group to a broader one of the same
    table. Two groups of the same people that no table nests in each other receive different noise.
    """
    check_secret(secret)
    finest = {b.names: b for b in parts if b.level == ZONE}
    zones = next(iter(finest.values())).counts.zone_ids
    places = np.array([_key(secret, f"zone{SEP}{z}") for z in zones], dtype=np.uint64)
    row = {str(z): i for i, z in enumerate(zones)}
    done: dict[tuple[str, tuple[str, ...]], tuple[Keys, npt.NDArray[np.float64]]] = {}
    for block in sorted(parts, key=lambda b: len(b.names)):
        held = finest[block.names].counts.values > 0
        where = np.stack([_add(places, held, [row[z] for z in sorted(extent)]) for extent in block.extents])
        keys = _own_keys(secret, block, where)
        values = block.counts.values
        # from the last dimension to the first, so that the first one that does not matter decides
        for axis in range(len(block.names), 0, -1):
            broader = block.names[: axis - 1] + block.names[axis:]
            theirs, total = done[block.level, broader]
            same = values == np.expand_dims(total, axis)
            keys = np.where(same, np.expand_dims(theirs, axis), keys)
        done[block.level, block.names] = (keys, values)
    return tuple(done[b.level, b.names][0] for b in parts)


def _add(places: Keys, held: npt.NDArray[np.bool_], rows: list[int]) -> Keys:
    """Sum of the keys of the zones that hold at least one person of each cell."""
    tall = places[rows].reshape(-1, *([1] * (held.ndim - 1)))
    return np.asarray(np.where(held[rows], tall, np.uint64(0)).sum(axis=0, dtype=np.uint64))


def _own_keys(secret: bytes, block: Block, where: Keys) -> Keys:
    counts = block.counts
    flat = counts.values.reshape(-1)
    sets = where.reshape(-1)
    per_row = max(1, flat.size // max(1, len(block.extents)))
    groups = [block.place(i)[1] for i in range(min(per_row, flat.size))]
    head = f"cell{SEP}{counts.date}{SEP}{counts.universe}{SEP}"
    keys = [
        _key(secret, f"{head}{groups[i % per_row]}{SEP}{sets[i]}{SEP}{round(flat[i])}")
        for i in range(flat.size)
    ]
    return np.array(keys, dtype=np.uint64).reshape(counts.values.shape)


def perturbed(counts: Counts, keys: Keys, table: NoiseTable) -> Counts:
    """Add the noise of `table` to every cell that is known and not noisy already.

    Returns
    -------
    Counts
        Whole counts with `Mechanism.CELL_KEY` and V as `parameter`; what was weaker knowledge
        than noise (modelled, noisy, hidden, not collected) keeps its mechanism, and what was
        noisy, hidden or not collected its number too. Weighted counts are rounded first.
    """
    codes = counts.mechanism
    open_ = (codes < Mechanism.CELL_KEY) | (codes == Mechanism.MODELLED)
    whole = np.rint(np.where(open_, counts.values, 0)).astype(np.int64)
    noisy = whole + table.noise(whole, keys)
    return replace(
        counts,
        values=np.where(open_, noisy, counts.values).astype(np.float64),
        mechanism=np.where(open_, np.maximum(codes, Mechanism.CELL_KEY), codes).astype(np.uint8),
        parameter=table.variance,
        weighted=False,
    )


def as_mapping(table: NoiseTable) -> Mapping[str, float | int]:
    """Return the parameters that may be published: D, V and the small counts that do not occur."""
    return {"D": table.largest, "V": table.variance, "js": table.small}
