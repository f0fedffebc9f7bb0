"""What is true of the example city by construction: parameters, and indices of the probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from .composition import CITY_SHARES, DIMENSIONS, TARGETS, base_table
from .fields import FIELD_NOTE
from .names import CITY, NOTICE
from .participation import ACTIVITY, AGES, CELL_RATES, Vote
from .people import CROSSINGS, People
from .plan import Plan
from .survey import LGBTIQ_SHARES, RELIGION_BY_ORIGIN, RELIGIONS, Sample, religion_shares

__all__ = ["make_truth"]

Floats = npt.NDArray[np.float64]

MODEL = (
    "A resident of zone i at date t is in the crossed cell (age a, sex s, origin o, income q, disability d) "
    "with probability proportional to base(a,s,o,q,d) * exp(A_i(a) + S_i(s) + O_i(o) + Q_i(q) + D_i(d)); "
    "each zone's residents are one multinomial draw of its fixed total, independent between zones and dates."
)
INDICES = (
    "Indices are those of the expected counts n_i * p_ig (fixed totals times generating probabilities), not "
    "of the drawn counts: plug-in values from the counts exceed them by their bias. Logarithms are natural. "
    "dissimilarity and information_theory of a group: that group against everyone else; information_theory "
    "and mutual_information of a dimension: all its categories at once; between_districts + within_districts "
    "= total."
)


def make_truth(
    plan: Plan,
    people: list[People],
    gentrified: Floats,
    vote: Vote,
    sample: Sample,
    *,
    seed: int,
) -> dict[str, Any]:
    """Return the content of truth.json."""
    dates = {p.date: _indices(plan, p, _groups(p)) for p in people}
    first, last = (dates[p.date]["dissimilarity"] for p in (people[0], people[-1]))
    return {
        "notice": NOTICE,
        "city": CITY,
        "zones": len(plan),
        "seed": seed,
        "model": {"formula": MODEL, "fields": FIELD_NOTE, "dates": {p.date: _parameters(p) for p in people}},
        "indices": INDICES,
        "dates": dates,
        "change": {"dissimilarity": {g: _round(last[g] - first[g]) for g in first}},
        "religion": {
            "date": people[-1].date,
            "by_origin": {o: dict(zip(RELIGIONS, r, strict=True)) for o, r in RELIGION_BY_ORIGIN.items()},
            **_indices(plan, people[-1], {"religion": (RELIGIONS, religion_shares(people[-1]))}),
        },
        "survey": {
            "date": people[-1].date,
            "universe": "residents aged 15 and over",
            "people": sample.people,
            "asked": sample.asked,
            "shares": dict(LGBTIQ_SHARES),
        },
        "turnout": _turnout(plan, vote),
        "empty_zones": [z for z, n in zip(plan.ids, people[0].total, strict=True) if n == 0],
        "gentrified_zones": [
            z for z, g, n in zip(plan.ids, gentrified, people[0].total, strict=True) if g > 0.5 and n > 0
        ],
    }


def _round(value: Any) -> float:
    return round(float(value), 9)


def _parameters(people: People) -> dict[str, Any]:
    mix = people.mix
    return {
        "city_shares": {k: list(v) for k, v in CITY_SHARES[people.date].items()},
        "base_table": {
            "dimensions": {k: list(v) for k, v in DIMENSIONS.items()},
            "values": [round(float(v), 12) for v in base_table(people.date).ravel()],
        },
        "strength": dict(mix.strength),
        "constants": {name: [float(v) for v in mix.constants[name]] for name in DIMENSIONS},
        "targets": {
            knob: {"group": f"{name}={category}", "dissimilarity": target[people.date == max(CITY_SHARES)]}
            for knob, (name, category, target) in TARGETS.items()
        },
    }


def _groups(people: People) -> dict[str, tuple[tuple[str, ...], Floats]]:
    """Return name → (groups or categories, (Z, K) probabilities) of the dimensions and some crossings."""
    out = {name: (categories, people.shares[name]) for name, categories in DIMENSIONS.items()}
    for names in CROSSINGS:
        a, b = sorted(names)
        # group texts are sorted by dimension
        texts = {(x, y): f"{a}={x if a == names[0] else y} & {b}={y if a == names[0] else x}"
                 for x in DIMENSIONS[names[0]] for y in DIMENSIONS[names[1]]}  # fmt: skip
        title = " × ".join(names)
        out[title] = (tuple(texts.values()), people.shares[title])
    return out


def _indices(plan: Plan, people: People, groups: dict[str, tuple[tuple[str, ...], Floats]]) -> dict[str, Any]:
    """Compute D and H of each group against the rest, and M and H of each dimension."""
    weight: Floats = people.total / people.total.sum()
    out: dict[str, Any] = {
        "people": int(people.total.sum()),
        "shares": {},
        "dissimilarity": {},
        "information_theory": {},
        "mutual_information": {},
    }
    for name, (categories, shares) in groups.items():
        for k, category in enumerate(categories):
            group = category if "=" in category else f"{name}={category}"
            p = shares[:, k]
            city = float(weight @ p)
            two = np.stack([p, 1 - p], axis=1)
            out["shares"][group] = _round(city)
            out["dissimilarity"][group] = _round(weight @ np.abs(p - city) / (2 * city * (1 - city)))
            out["information_theory"][group] = _round(_m(weight, two) / _entropy(weight @ two))
        total, between = _m(weight, shares), _between(weight, shares, plan.district)
        out["information_theory"][name] = _round(total / _entropy(weight @ shares))
        out["mutual_information"][name] = {
            "total": _round(total),
            "between_districts": _round(between),
            "within_districts": _round(total - between),
        }
    return out


def _entropy(shares: Floats) -> Any:
    """(...,) entropy of the last axis, in nats."""
    return -(shares * np.log(np.where(shares > 0, shares, 1.0))).sum(axis=-1)


def _m(weight: Floats, shares: Floats) -> float:
    return float(_entropy(weight @ shares) - weight @ _entropy(shares))


def _between(weight: Floats, shares: Floats, district: npt.NDArray[np.intp]) -> float:
    size = np.bincount(district, weight).astype(np.float64)
    mass = np.stack([np.bincount(district, weight * shares[:, k]) for k in range(shares.shape[1])], axis=1)
    lived = size > 0
    return _m(size[lived], mass[lived] / size[lived, None])


def _turnout(plan: Plan, vote: Vote) -> dict[str, Any]:
    expected = (vote.eligible * vote.rates[plan.district]).sum(axis=0)
    eligible = vote.eligible.sum(axis=0)
    return {
        "activity": ACTIVITY,
        "formula": "logit(rate) = logit(cell_rates[origin][age]) + district_logit[district]",
        "cell_rates": {o: dict(zip(AGES, rates, strict=True)) for o, rates in CELL_RATES.items()},
        "district_logit": {d: float(v) for d, v in zip(plan.district_ids, vote.district_logit, strict=True)},
        "expected_rate": {
            o: {a: _round(expected[i, j] / max(eligible[i, j], 1)) for i, a in enumerate(AGES)}
            for j, o in enumerate(DIMENSIONS["origin"])
        },
        "expected_rate_city": _round(expected.sum() / eligible.sum()),
    }
