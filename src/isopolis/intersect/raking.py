"""Weights that make the people who answered look like the census: raking to margins, with trimming.

References
----------
Deming, W. E. & Stephan, F. F. (1940): On a least squares adjustment of a sampled frequency table when the
expected marginal totals are known, Annals of Mathematical Statistics 11(4), 427–444 (the cycle of fits).
Kish, L. (1965): Survey Sampling, Wiley, section 11.7 (design effect of unequal weights).
Potter, F. (1990): A study of procedures to identify and trim extreme sampling weights, Proceedings of the
Survey Research Methods Section, ASA, 225–230 (trimming with the surplus given to the others).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from isopolis.model import CallError, Undefined
from isopolis.model.text import count, listing, phrase, phrases

__all__ = ["FEWEST_EFFECTIVE", "FEWEST_IN_CATEGORY", "Margin", "Raked", "kish", "margins_of", "rake"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

CLOSE = 1e-9
ROUNDS = 2_000
TRIM = 5.0
FEWEST_EFFECTIVE = 30.0
"""Fewest people that the weighted answers must be worth; below it no weighted number is given."""

FEWEST_IN_CATEGORY = 5
"""Fewest people who must have answered in every category that is weighted by."""


@dataclass(frozen=True, slots=True, eq=False)
class Margin:
    """What the census says of one dimension, and where each person who answered belongs.

    Parameters
    ----------
    name : str
        Name for readers.
    categories : tuple of str
    codes : (n,) array of int
        Category of each person; -1 where it is not known: such a person keeps the weight that the other
        margins give.
    target : (K,) array, people, >= 0
        Residents in each category; only their shares matter.
    """

    name: str
    categories: tuple[str, ...]
    codes: Codes
    target: Floats

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "codes", np.asarray(self.codes, dtype=np.int64))
        put(self, "target", np.asarray(self.target, dtype=np.float64))
        k = len(self.categories)
        if self.target.shape != (k,):
            raise CallError(f'margin "{self.name}" has {k} categories and {self.target.size} totals')
        if not (np.isfinite(self.target).all() and (self.target >= 0).all() and self.target.sum() > 0):
            raise CallError(f'the totals of margin "{self.name}" must be finite, not negative, not all 0')
        if self.codes.size and not (self.codes.min() >= -1 and self.codes.max() < k):
            raise CallError(f'margin "{self.name}" has codes outside of -1 … {k - 1}')


@dataclass(frozen=True, slots=True, eq=False)
class Raked:
    """Weights with what they cost.

    Parameters
    ----------
    weights : (n,) array
        Of mean 1 over the people who answered.
    rounds : int
        Cycles over all margins.
    converged : bool
        True when every margin is met (without trimming: within 1e-9 of its shares).
    furthest : float
        Largest difference that is left between a weighted share and the census, over all categories.
    trimmed : int
        People whose weight was held at the limit.
    design_effect, effective_n : float
        Kish's: how many times larger the variance is than with equal weights; how many people with equal
        weights would tell as much.
    refusal : Undefined or None
        Why no weighted result may be given; None when it may.
    """

    weights: Floats
    rounds: int
    converged: bool
    furthest: float
    trimmed: int
    design_effect: float
    effective_n: float
    refusal: Undefined | None = None


def kish(weights: npt.ArrayLike) -> tuple[float, float]:
    """Return design effect and effective number of people: ``n Σw² / (Σw)²`` and ``(Σw)² / Σw²``."""
    w = np.asarray(weights, dtype=np.float64)
    squares = float((w**2).sum())
    if squares == 0:
        return 1.0, 0.0
    effective = float(w.sum()) ** 2 / squares
    return len(w) / effective, effective


def rake(
    margins: Sequence[Margin],
    base: npt.ArrayLike | None = None,
    *,
    trim: float | None = TRIM,
    fewest_effective: float = FEWEST_EFFECTIVE,
    fewest_in_category: int = FEWEST_IN_CATEGORY,
) -> Raked:
    """Weight people so that every margin has the shares of the census.

    Parameters
    ----------
    margins : sequence of Margin
        All for the same people.
    base : (n,) array, optional
        Weights to start from (of a drawn sample); 1 when not given.
    trim : float, optional
        Largest weight in means of all weights, above 1; None for no limit. What is cut goes to the others,
        and the margins are then met as nearly as the limit allows.
    fewest_effective, fewest_in_category : float, int
        Below them the weights are refused.

    Returns
    -------
    Raked
        Its `refusal` says in words why the weights must not be used.

    Raises
    ------
    CallError
        If margins disagree about the number of people, or a weight or limit is not possible.
    """
    if not margins:
        raise CallError("name at least one margin to weight by")
    n = len(margins[0].codes)
    if any(len(m.codes) != n for m in margins):
        raise CallError("all margins must be about the same people")
    if trim is not None and trim <= 1:
        raise CallError("the largest weight must be above 1: it is counted in means of all weights")
    start = np.ones(n) if base is None else np.asarray(base, dtype=np.float64)
    if start.shape != (n,) or not (np.isfinite(start).all() and (start > 0).all()):
        raise CallError("every person needs one weight to start from, above 0")
    thin = _too_thin(margins, n, fewest_in_category)
    if thin is not None:
        return Raked(np.ones(n), 0, False, 0.0, 0, *kish(np.ones(n)), refusal=thin)
    return _finished(margins, *_cycled(margins, start / start.mean(), trim), fewest_effective)


def _too_thin(margins: Sequence[Margin], n: int, fewest: int) -> Undefined | None:
    if n == 0:
        return Undefined("nobody", phrase("Nobody answered."))
    few = [
        phrase("“{category}” ({dimension})", category=m.categories[k], dimension=m.name)
        for m in margins
        for k in np.flatnonzero((m.target > 0) & (_counts(m) < fewest))
    ]
    if not few:
        return None
    said = phrase(
        "Fewer than {least} people answered in {categories}: join them with another category, or leave "
        "this dimension out of the weighting.",
        least=count(fewest),
        categories=listing(few[:5]) if len(few) <= 5 else listing([*few[:5], _more(len(few) - 5)]),
    )
    return Undefined("too-thin", said)


def _more(n: int) -> str:
    return phrases("{n} more", "{n} more", n)


def _counts(margin: Margin) -> Codes:
    return np.bincount(margin.codes[margin.codes >= 0], minlength=len(margin.categories))


def _cycled(
    margins: Sequence[Margin], start: Floats, trim: float | None
) -> tuple[Floats, int, bool, npt.NDArray[np.bool_]]:
    """Fit margin after margin until nothing moves; people of the same kind are fitted together."""
    kinds, of_person = np.unique(np.column_stack([m.codes for m in margins]), axis=0, return_inverse=True)
    of_person = of_person.ravel()
    weights = start.copy()
    if trim is None:
        mass = _by_kind(of_person, start)
        fitted, rounds, met = _fitted(margins, kinds, mass.copy())
        return start * _ratio(fitted, mass)[of_person], rounds, met, np.zeros(len(start), dtype=bool)
    kept, rounds, met = weights, 0, False
    for _pass in range(100):
        mass = _by_kind(of_person, kept)
        fitted, more, met = _fitted(margins, kinds, mass.copy())
        weights = kept * _ratio(fitted, mass)[of_person]
        weights /= weights.mean()
        rounds += more
        high = weights > trim * (1 + CLOSE)
        if not high.any():
            return weights, rounds, met, np.isclose(weights, trim)
        kept = _cut(weights, trim)
    return kept, rounds, False, np.isclose(kept, trim)


def _by_kind(of_person: Codes, weights: Floats) -> Floats:
    return np.asarray(np.bincount(of_person, weights), dtype=np.float64)


def _ratio(top: Floats, bottom: Floats) -> Floats:
    # who is of a category that the census counts nobody in weighs nothing
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)


def _cut(weights: Floats, most: float) -> Floats:
    """Hold weights at `most` and give what is cut to the others in proportion, until it fits."""
    out = weights / weights.mean()
    for _pass in range(100):
        high = out >= most
        free = ~high
        surplus = float((out[high] - most).sum())
        out[high] = most
        if surplus <= CLOSE or not free.any():
            break
        out[free] *= 1 + surplus / float(out[free].sum())
    return out


def _fitted(margins: Sequence[Margin], kinds: Codes, mass: Floats) -> tuple[Floats, int, bool]:
    """Return the fitted mass of each kind of person, the cycles, and whether all margins are met."""
    shares = [m.target / m.target.sum() for m in margins]
    for done in range(1, ROUNDS + 1):
        off = 0.0
        for j, share in enumerate(shares):
            known = kinds[:, j] >= 0
            codes = kinds[known, j]
            have = np.bincount(codes, mass[known], len(share))
            want = share * have.sum()
            off = max(off, float(np.abs(have - want).max()) / max(float(have.sum()), CLOSE))
            mass[known] *= np.divide(want, have, out=np.zeros_like(want), where=have > 0)[codes]
        if off <= CLOSE:
            return mass, done, True
    return mass, ROUNDS, False


def _finished(
    margins: Sequence[Margin],
    weights: Floats,
    rounds: int,
    met: bool,
    held: npt.NDArray[np.bool_],
    fewest: float,
) -> Raked:
    weights = weights / weights.mean()
    effect, effective = kish(weights)
    furthest = max(_off(m, weights) for m in margins)
    refusal = None
    if not met and not held.any():
        refusal = Undefined(
            "no-weights",
            phrase(
                "No weights fit all census totals at once: they contradict each other for the people who "
                "answered. Weight by fewer dimensions."
            ),
        )
    elif effective < fewest:
        refusal = Undefined(
            "too-thin",
            phrase(
                "After weighting, the answers are worth those of {effective} people; below {least} no "
                "weighted result is given.",
                effective=count(effective),
                least=count(fewest),
            ),
        )
    return Raked(weights, rounds, met, furthest, int(held.sum()), effect, effective, refusal)


def _off(margin: Margin, weights: Floats) -> float:
    known = margin.codes >= 0
    have = np.bincount(margin.codes[known], weights[known], len(margin.categories))
    total = float(have.sum())
    return float(np.abs(have / total - margin.target / margin.target.sum()).max()) if total else 0.0


def margins_of(
    people: Mapping[str, Sequence[str]], census: Mapping[str, Mapping[str, float]]
) -> list[Margin]:
    """Make margins of named categories: ``{"age": ["65+", …]}`` and ``{"age": {"65+": 1200, …}}``.

    A category of a person that the census does not have counts as not known.
    """
    out = []
    for name, totals in census.items():
        if name not in people:
            continue
        position = {category: i for i, category in enumerate(totals)}
        codes = np.array([position.get(c, -1) for c in people[name]], dtype=np.int64)
        out.append(Margin(name, tuple(totals), codes, np.array(list(totals.values()), dtype=np.float64)))
    return out
