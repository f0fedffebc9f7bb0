"""Tables under cell-key noise: noise everywhere, and the few cells that noise does not protect hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from isopolis.model import Mechanism
from isopolis.model.text import Number, phrase

from .blocks import Block
from .cell_key import Keys, identity_keys, perturbed, record_block_keys
from .perturb import noise_table
from .policy import Policy
from .suppress import Audited, Suppression

__all__ = ["noisy_tables"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def noisy_tables(
    parts: Sequence[Sequence[Block]],
    pattern: Suppression,
    policy: Policy,
    secret: bytes,
    keys: Sequence[Keys] | None = None,
) -> tuple[tuple[tuple[Block, ...], ...], tuple[Audited, ...], tuple[str, ...]]:
    """Add noise to every block, and hide what `pattern` hides.

    Parameters
    ----------
    parts : sequence of sequence of Block
        True counts of each table.
    pattern : Suppression
        Which cells are hidden; its bounds come from true counts and are not used.
    policy, secret
        As in `release`.
    keys : sequence of uint64 arrays, optional
        Sums of record keys per table; keys by identity when not given.

    Returns
    -------
    tables, audit, notes
        Bounds of hidden cells are 0 and the smallest shown total that contains the cell plus D:
        what a reader knows for certain.
    """
    table = noise_table(policy.noise_largest, policy.noise_variance, policy.noise_small)
    out, limits = [], dict[tuple[str, str], tuple[float, float]]()
    for i, mine in enumerate(parts):
        counts = pattern.tables[i]
        by_block = identity_keys(secret, mine) if keys is None else record_block_keys(mine, counts, keys[i])
        noisy = [
            replace(b, counts=perturbed(b.counts, k, table)) for b, k in zip(mine, by_block, strict=True)
        ]
        done = _hidden(noisy, pattern.hidden[i], policy)
        out.append(tuple(done))
        for block, mask in zip(done, pattern.hidden[i], strict=True):
            _note_limits(block, mask, limits)
    audit = tuple(
        replace(a, low=limits[a.zone, a.group][0], high=limits[a.zone, a.group][1])
        for a in pattern.audit
        if (a.zone, a.group) in limits
    )
    notes = (
        phrase(
            "Noise of mean 0, variance {variance} and at most {most} was added "
            "to every count; empty cells stay empty, and the same people receive the same noise everywhere. "
            "Totals have their own noise, so parts do not add up exactly.",
            variance=Number(f"{policy.noise_variance:g}"),
            most=f"{policy.noise_largest}",
        ),
        *table.notes,
    )
    return tuple(out), audit, notes


def _hidden(noisy: Sequence[Block], masks: Sequence[Flags], policy: Policy) -> list[Block]:
    largest = policy.noise_largest
    both = list(zip(noisy, masks, strict=True))
    top = max((float(b.counts.values[~m].max(initial=0)) for b, m in both), default=0.0)
    roof = 10.0 ** np.ceil(np.log10(top + largest + policy.sensitive_threshold + 1))
    shown = {
        (b.level, b.names): np.where(
            m | (b.counts.mechanism != Mechanism.CELL_KEY), roof, b.counts.values + largest
        )
        for b, m in both
    }
    out = []
    for block, mask in both:
        upper = np.full(block.counts.values.shape, roof)
        for (level, names), values in shown.items():
            if level == block.level and set(names) < set(block.names):
                axes = [i + 1 for i, n in enumerate(block.names) if n not in names]
                upper = np.minimum(upper, np.expand_dims(values, axes))
        out.append(_with_bounds(block, mask, upper))
    return out


def _with_bounds(block: Block, mask: Flags, upper: Floats) -> Block:
    counts = block.counts
    mine = mask & (counts.mechanism < Mechanism.INTERVAL)
    if not mine.any():
        return block
    low = np.zeros(mine.shape) if counts.lower is None else np.where(mine, 0.0, counts.lower)
    high = upper if counts.upper is None else np.where(mine, upper, counts.upper)
    return replace(
        block,
        counts=replace(
            counts,
            values=np.where(mine, upper / 2, counts.values),
            mechanism=np.where(mine, Mechanism.INTERVAL, counts.mechanism).astype(np.uint8),
            lower=low,
            upper=high,
            se=None if counts.se is None else np.where(mine, 0.0, counts.se),
        ),
    )


def _note_limits(block: Block, mask: Flags, limits: dict[tuple[str, str], tuple[float, float]]) -> None:
    counts = block.counts
    if counts.lower is None or counts.upper is None:
        return
    for at in np.flatnonzero(mask.reshape(-1)).tolist():
        low, high = float(counts.lower.reshape(-1)[at]), float(counts.upper.reshape(-1)[at])
        before = limits.get(block.place(at), (low, high))  # several dates: the widest
        limits[block.place(at)] = (min(low, before[0]), max(high, before[1]))
