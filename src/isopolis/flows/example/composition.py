"""The model that the residents are drawn from.

Zone i, date t. A resident falls in the crossed cell (age a, sex s, origin o, income q,
disability d) with probability proportional to

    base_t(a, s, o, q, d) · exp(A_i(a) + S_i(s) + O_i(o) + Q_i(q) + D_i(d))

where base_t is the city's own crossing (`base_table`), the exponents are smooth fields
times one strength each (`effects`), and one constant per category makes the city's
expected shares equal `CITY_SHARES`. The strengths are solved for so that the
dissimilarity of the generating probabilities meets `TARGETS`; both are written to
truth.json.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from .fields import DATES

__all__ = [
    "AXES",
    "CITY_SHARES",
    "DIMENSIONS",
    "KNOBS",
    "SHAPE",
    "TARGETS",
    "base_table",
    "effects",
    "probabilities",
]

Floats = npt.NDArray[np.float64]

DIMENSIONS: dict[str, tuple[str, ...]] = {
    "age": ("0-14", "15-29", "30-44", "45-64", "65-79", "80+"),
    "sex": ("female", "male"),
    "origin": ("native", "eu", "non_eu"),
    "income": ("Q1", "Q2", "Q3", "Q4", "Q5"),
    "disability": ("no", "yes"),
}
AXES = tuple(DIMENSIONS)
SHAPE = tuple(len(c) for c in DIMENSIONS.values())

CITY_SHARES: dict[str, dict[str, tuple[float, ...]]] = {
    DATES[0]: {
        "age": (0.150, 0.190, 0.220, 0.265, 0.125, 0.050),
        "sex": (0.512, 0.488),
        "origin": (0.790, 0.070, 0.140),
        "income": (0.2, 0.2, 0.2, 0.2, 0.2),
        "disability": (0.870, 0.130),
    },
    DATES[1]: {
        "age": (0.140, 0.185, 0.215, 0.260, 0.140, 0.060),
        "sex": (0.511, 0.489),
        "origin": (0.730, 0.090, 0.180),
        "income": (0.2, 0.2, 0.2, 0.2, 0.2),
        "disability": (0.860, 0.140),
    },
}

# strength → (dimension, category whose dissimilarity it sets, target at each date)
TARGETS: dict[str, tuple[str, str, tuple[float, float]]] = {
    "old": ("age", "80+", (0.150, 0.150)),
    "young": ("age", "15-29", (0.120, 0.125)),
    "family": ("age", "0-14", (0.100, 0.100)),
    "sex": ("sex", "female", (0.020, 0.020)),
    "eu": ("origin", "eu", (0.210, 0.190)),
    "non_eu": ("origin", "non_eu", (0.370, 0.340)),
    "poor": ("income", "Q1", (0.270, 0.295)),
    "rich": ("income", "Q5", (0.290, 0.320)),
    "disability": ("disability", "yes", (0.070, 0.070)),
}
KNOBS = tuple(TARGETS)

_OLD = np.array([0.0, 0.0, 0.0, 0.2, 0.7, 1.0])
_YOUNG = np.array([0.0, 1.0, 0.3, 0.0, 0.0, 0.0])
_FAMILY = np.array([1.0, 0.0, 0.5, 0.2, 0.0, 0.0])
_SCORE = np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
_WOMEN_BY_AGE = np.array([0.487, 0.492, 0.500, 0.508, 0.540, 0.635])
_ORIGIN_BY_AGE = {
    "eu": np.array([-0.3, 0.3, 0.5, 0.0, -0.8, -1.2]),
    "non_eu": np.array([0.1, 0.3, 0.4, 0.0, -0.9, -1.5]),
}
_POORER_BY_AGE = np.array([0.15, 0.40, 0.0, -0.20, 0.10, 0.35])
_POORER_BY_ORIGIN = np.array([0.0, 0.1, 0.8])
_POORER_IF_FEMALE = np.array([0.1, 0.0])
_DISABLED_BY_AGE = np.array([0.035, 0.05, 0.08, 0.16, 0.28, 0.52])
_DISABLED_BY_INCOME = np.array([0.45, 0.2, 0.0, -0.2, -0.4])


def base_table(date: str) -> Floats:
    """(6, 2, 3, 5, 2) the city's crossing before the zones differ; sums to 1."""
    share = {name: np.array(values) for name, values in CITY_SHARES[date].items()}
    age = share["age"][:, None, None, None, None]
    women = np.stack([_WOMEN_BY_AGE, 1 - _WOMEN_BY_AGE], axis=1)[:, :, None, None, None]
    lean = np.stack([np.zeros(6), _ORIGIN_BY_AGE["eu"], _ORIGIN_BY_AGE["non_eu"]], axis=1)
    origin = share["origin"] * np.exp(lean)
    origin = (origin / origin.sum(axis=1, keepdims=True))[:, None, :, None, None]
    poorer = (
        _POORER_BY_AGE[:, None, None] + _POORER_IF_FEMALE[None, :, None] + _POORER_BY_ORIGIN[None, None, :]
    )
    income = np.exp(-poorer[..., None] * _SCORE)
    income = (income / income.sum(axis=-1, keepdims=True))[..., None]
    logit = np.log(_DISABLED_BY_AGE / (1 - _DISABLED_BY_AGE))[:, None] + _DISABLED_BY_INCOME[None, :]
    yes = 1 / (1 + np.exp(-logit))
    disability = np.stack([1 - yes, yes], axis=-1)[:, None, None, :, :]
    table: Floats = age * women * origin * income * disability
    return table / table.sum()


def effects(fields: Mapping[str, Floats], strength: Mapping[str, float]) -> dict[str, Floats]:
    """Return, by dimension, the (Z, K) log-effects of the zones."""
    wealth = fields["wealth"][:, None]
    slope = np.where(_SCORE < 0, strength["poor"], strength["rich"])
    zero = np.zeros(len(wealth))
    age = (
        strength["old"] * fields["old"][:, None] * _OLD
        + strength["young"] * fields["young"][:, None] * _YOUNG
        + strength["family"] * fields["family"][:, None] * _FAMILY
    )
    return {
        "age": age,
        "sex": np.stack([strength["sex"] * fields["sex"], zero], axis=1),
        "origin": np.stack(
            [zero, strength["eu"] * fields["eu"], strength["non_eu"] * fields["non_eu"]], axis=1
        ),
        "income": wealth * _SCORE * slope,
        "disability": np.stack([zero, strength["disability"] * fields["disability"]], axis=1),
    }


def probabilities(base: Floats, effect: Mapping[str, Floats], constants: Mapping[str, Floats]) -> Floats:
    """(Z, 6, 2, 3, 5, 2) probability of each crossed cell in each zone; sums to 1 in every zone.

    Parameters
    ----------
    base : (6, 2, 3, 5, 2) array
    effect : dimension → (Z, K) array of log-effects
    constants : dimension → (K,) array of log-constants
    """
    out: Floats = base[None]
    for axis, name in enumerate(AXES):
        factor = np.exp(effect[name] + constants[name])
        shape = [factor.shape[0]] + [1] * len(AXES)
        shape[axis + 1] = factor.shape[1]
        out = out * factor.reshape(shape)
    return out / out.sum(axis=tuple(range(1, len(AXES) + 1)), keepdims=True)
