"""Tables that agree with what was published, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from isopolis.measure import MEASURES, Estimate, Observed, Question, estimate
from isopolis.measure.noise import JOINT, Drawn, kind_of, known
from isopolis.model import Mechanism, Undefined
from isopolis.privacy.perturb import noise_table


def everything(x: np.ndarray) -> np.ndarray:
    return x


def first(x: np.ndarray) -> np.ndarray:
    return np.stack([x[..., 0], x[..., 1:].sum(axis=-1)], axis=-1)


def rest_first(x: np.ndarray) -> np.ndarray:
    return first(x)[..., ::-1]


def city(zones: int = 40, people: int = 120, groups: int = 3, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    mix = rng.dirichlet([1.0, 4.0, 8.0][:groups], zones)
    return np.array([rng.multinomial(people, p) for p in mix], dtype=float)


def keyed(x: np.ndarray, seed: int = 5) -> Observed:
    keys = np.random.default_rng(seed).integers(0, 2**63, x.shape, dtype=np.uint64) * np.uint64(2)
    y = (x + noise_table(5, 2.0, 0).noise(x, keys)).astype(float)
    return Observed(y, mechanism=np.full(x.shape, Mechanism.CELL_KEY, np.uint8), parameter=2.0)


def hide(x: np.ndarray, below: int) -> Observed:
    hidden = x < below
    low, high = np.where(hidden, 0, x), np.where(hidden, below - 1, x)
    return Observed((low + high) / 2, low, high)


def ask(seen: Observed, name: str = "dissimilarity", select: object = first) -> Estimate:
    return estimate(seen, [Question(MEASURES[name], select, name)], seed=1, key="k", simulations=99)[0]  # type: ignore[arg-type]


# -- what is drawn ----------------------------------------------------------------------


def test_full_counts_keep_the_people_of_every_zone() -> None:
    x = city()
    drawn = Drawn(Observed(x), 60, 1, "k")
    for tables in (drawn.joint(), drawn.pair(drawn.mark(first))):
        np.testing.assert_allclose(tables.sum(axis=2), np.broadcast_to(x.sum(axis=1), (60, 40)))
    # each share lies near the counted one, and is pulled towards the others
    share = x[:, 0] / x.sum(axis=1)
    mean = drawn.pair(drawn.mark(first))[..., 0].mean(axis=0) / x.sum(axis=1)
    assert np.corrcoef(mean, share)[0, 1] > 0.97
    assert mean.std() < share.std()


def test_mirrored_questions_get_mirrored_tables_in_any_order() -> None:
    x = city()
    one, other = Drawn(Observed(x), 20, 1, "k"), Drawn(Observed(x), 20, 1, "k")
    a, b = one.pair(one.mark(first)), one.pair(one.mark(rest_first))
    d, c = other.pair(other.mark(rest_first)), other.pair(other.mark(first))
    np.testing.assert_array_equal(a, b[..., ::-1])
    np.testing.assert_array_equal(a, c)
    np.testing.assert_array_equal(b, d)


def test_which_questions_have_tables_of_their_own() -> None:
    drawn = Drawn(Observed(city()), 20, 1, "k")
    assert drawn.mark(everything) == JOINT
    assert drawn.mark(first) != JOINT
    assert drawn.mark(lambda x: x[..., :2]) != JOINT  # two groups, nobody else
    assert drawn.mark(lambda x: np.stack([x[..., 0], x.sum(axis=-1)], axis=-1)) == JOINT  # shares people


@pytest.mark.parametrize("make", [keyed, lambda x: hide(x, 10)])
def test_drawn_counts_are_whole_and_agree_with_what_was_published(make: object) -> None:
    x = city()
    seen: Observed = make(x)  # type: ignore[operator]
    for tables in (
        Drawn(seen, 40, 1, "k").joint(),
        Drawn(seen, 40, 1, "k").pair(Drawn(seen, 1, 1, "k").mark(first)),
    ):
        np.testing.assert_array_equal(tables, np.rint(tables))
        assert (tables >= 0).all()
    tables = Drawn(seen, 40, 1, "k").joint()
    if seen.lower is not None and seen.upper is not None:
        assert (tables >= seen.lower).all()
        assert (tables <= seen.upper).all()
        known_cells = seen.lower == seen.upper
        assert (tables[:, known_cells] == x[known_cells]).all()
    else:
        assert np.abs(tables - seen.x).max() <= 5


def test_samples_hold_at_least_the_people_who_were_asked() -> None:
    rng = np.random.default_rng(3)
    s = rng.binomial(city(people=800).astype(int), 0.1).astype(float)
    drawn = Drawn(Observed(10 * s, se=np.sqrt(90 * s)), 40, 1, "k")
    tables = drawn.joint()
    assert (tables >= s - 1e-9).all()
    assert tables.sum(axis=(1, 2)).mean() == pytest.approx(10 * s.sum(), rel=0.02)


def test_kinds_of_tables() -> None:
    x = city()
    full, rounded = np.zeros(x.shape, np.uint8), np.full(x.shape, Mechanism.ROUNDED, np.uint8)
    assert kind_of(Observed(x)) == kind_of(Observed(x, mechanism=full)) == "full"
    assert kind_of(Observed(x, mechanism=rounded, parameter=3)) == "noisy"
    assert kind_of(Observed(x, mechanism=rounded)) == "full"  # to what base was not said
    assert kind_of(Observed(x, se=x)) == "sample"
    modelled = np.full(x.shape, Mechanism.MODELLED, np.uint8)
    assert kind_of(Observed(x, se=x, mechanism=modelled)) == "modelled"
    assert kind_of(Observed(x, mechanism=np.full(x.shape, Mechanism.DP, np.uint8))) == "unstated"


# -- what is said --------------------------------------------------------------------------


def test_the_interval_is_made_of_the_ends_of_the_draws() -> None:
    found = known(np.arange(199.0))
    assert (found.low, found.high) == pytest.approx((4.0, 194.0))
    assert found.middle == 99.0
    few = known(np.array([0.0, 1.0] * 6))
    assert few.high - few.middle == pytest.approx(2.200985 * 0.522233 * (13 / 12) ** 0.5, rel=1e-5)
    assert known(np.full(12, 0.1)).sd == 0


def test_noise_is_taken_out_of_the_value_and_widens_the_interval() -> None:
    x = city(zones=60, people=60)
    truth = float(MEASURES["dissimilarity"].kernel(first(x)))
    found = [ask(keyed(x, seed)) for seed in range(8)]
    naive = [float(MEASURES["dissimilarity"].kernel(first(keyed(x, seed).x))) for seed in range(8)]
    values = [f.value for f in found if isinstance(f.value, float)]
    assert abs(np.mean(values) - truth) < abs(np.mean(naive) - truth)
    assert all(f.interval is not None and f.interval[1] > f.interval[0] for f in found)
    assert "true counts" in found[0].interval_method


@pytest.mark.parametrize(
    ("code", "parameter"), [(Mechanism.DP, 1.0), (Mechanism.ROUNDED, 5.0), (Mechanism.CELL_KEY, 2.0)]
)
def test_second_moments_of_a_rare_group_lie_in_their_interval(code: Mechanism, parameter: float) -> None:
    # noise cut off at 0 and rounding do not add the variance that they add to large counts
    rng = np.random.default_rng(0)
    x = np.stack([a := rng.binomial(60, 0.02 * rng.gamma(2, 0.5, 150)), 60 - a], axis=1).astype(float)
    if code == Mechanism.DP:
        q = 1 - np.exp(-parameter)
        noise = rng.geometric(q, x.shape) - rng.geometric(q, x.shape)
        seen = Observed(np.maximum(x + noise, 0), mechanism=np.full(x.shape, code, np.uint8), parameter=1.0)
    elif code == Mechanism.ROUNDED:
        y = 5 * (x // 5 + (rng.random(x.shape) < x % 5 / 5))
        seen = Observed(y, mechanism=np.full(x.shape, code, np.uint8), parameter=5.0)
    else:
        seen = keyed(x)
    for name in ("variance_ratio", "isolation"):
        found, truth = ask(seen, name), float(MEASURES[name].kernel(first(x)))
        if isinstance(found.value, Undefined):
            continue
        assert found.interval is not None
        assert found.interval[0] <= found.value <= found.interval[1], name
        assert found.value == pytest.approx(truth, rel=0.35), name


def test_exact_counts_under_a_sample_without_error_have_no_width() -> None:
    x = city()
    found = ask(Observed(x, se=np.zeros(x.shape)))
    assert found.interval is not None
    assert found.interval[1] - found.interval[0] < 1e-9


def test_what_noise_leaves_open_is_refused_with_its_reason() -> None:
    rng = np.random.default_rng(1)
    x = np.stack([rng.binomial(150, 0.01, 30), np.full(30, 150)], axis=1).astype(float)
    refused = ask(hide(x, 10), select=everything)
    assert isinstance(refused.value, Undefined)
    assert refused.value.code == "not-identifiable"
    assert "30 hidden cells" in str(refused.value)
    assert (refused.interval, refused.expected, refused.maximum) == (None, None, None)
    noise = rng.geometric(1 - np.exp(-0.1), x.shape) - rng.geometric(1 - np.exp(-0.1), x.shape)
    strong = Observed(
        np.maximum(x + noise, 0), mechanism=np.full(x.shape, Mechanism.DP, np.uint8), parameter=0.1
    )
    assert isinstance(ask(strong, select=everything).value, Undefined)


def test_noise_of_unstated_size_gives_no_interval_and_says_so() -> None:
    x = city()
    found = ask(Observed(x, mechanism=np.full(x.shape, Mechanism.CELL_KEY, np.uint8)))
    assert isinstance(found.value, float)
    assert found.interval is None
    assert "not stated" in found.interval_method


def test_a_group_of_everybody_or_nobody_in_some_zones_is_no_obstacle() -> None:
    x = np.array([[40.0, 0], [0, 40], [0, 0], [7, 33]] * 6)
    for seen in (Observed(x), keyed(x), hide(x, 5)):
        found = ask(seen, select=everything)
        assert isinstance(found.value, Undefined) or found.interval is not None


def test_large_cells_keep_the_error_of_their_noise() -> None:
    # they say the same of shares with and without it, and D is moved by it all the same
    x = city(zones=30, people=3000, groups=2) + 400
    tables = Drawn(keyed(x), 199, 1, "k").joint()
    sd = tables.std(axis=0)
    assert sd.mean(axis=0) == pytest.approx([2**0.5, 2**0.5], rel=0.05)
    assert np.abs(tables.mean(axis=0) - keyed(x).x).mean() < 0.1


def test_a_zone_with_few_others_probably_hides_more() -> None:
    # all zones have about a hundred people: where 75 of the others live, 25 may be hidden
    others = np.repeat([95.0, 75, 65, 60, 50], 12)
    x = np.stack([100 - others, others], axis=1)
    drawn = Drawn(hide(x, 30), 199, 1, "k").joint()[..., 0].mean(axis=0)
    assert drawn[12:24].mean() > drawn[:12].mean() + 1


def test_a_group_hidden_in_every_zone_is_refused() -> None:
    rng = np.random.default_rng(3)
    x = np.stack([rng.integers(0, 10, 60), rng.integers(90, 110, 60)], axis=1).astype(float)
    refused = ask(hide(x, 10), select=everything)
    assert isinstance(refused.value, Undefined)
    assert "60 hidden cells" in str(refused.value)
    # bounds that do not reach down to nobody are not hidden in this sense
    banded = Observed(x + 44.5, x + 40, x + 49)
    assert isinstance(ask(banded, select=everything).value, float)


def test_noise_of_a_few_cells_leaves_the_value_as_counted() -> None:
    x = city(zones=200, people=4000)
    codes = np.zeros(x.shape, np.uint8)
    codes[3, 0] = Mechanism.ROUNDED
    x[3, 0] = 30
    found = ask(Observed(x, mechanism=codes, parameter=3.0))
    assert found.value == float(MEASURES["dissimilarity"].kernel(first(x)))
    assert found.interval is not None
    assert found.interval[1] > found.interval[0]
