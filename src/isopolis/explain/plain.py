"""A plain-language check: short sentences, no jargon that is not explained."""

from __future__ import annotations

import re

__all__ = ["JARGON", "LONGEST", "complaints"]

LONGEST = 32
"""Words in the longest sentence allowed."""

JARGON = frozenset(
    "heteroscedastic hypergeometric stochastic asymptotic monotonic bivariate multivariate "
    "quantile covariance eigenvalue likelihood parametric posterior estimator entropy "
    "operationalise stakeholder leverage paradigm utilise aforementioned inter alia".split()
) - {"alia", "inter"}
"""Words that a councillor should not need."""


def complaints(text: str) -> list[str]:
    """List what makes `text` hard to read; empty when it is plain."""
    out = []
    for sentence in re.split(r"(?<=[.!?])\s+", text.strip()):
        words = re.findall(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*", sentence)
        if len(words) > LONGEST:
            out.append(f'{len(words)} words in "{sentence[:60]}…" (at most {LONGEST})')
        out += [f'"{w}" in "{sentence[:60]}"' for w in words if w.lower() in JARGON]
    return out
