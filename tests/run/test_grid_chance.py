"""What chance alone gives for a grid: against exact means of a city and shuffled tables, by any cut."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import chi2

from isopolis.cli.app import run
from isopolis.flows import grid_chance
from isopolis.flows.grid_profile import GridProfile
from isopolis.flows.grid_profile import grid_profile as with_chance
from isopolis.measure import MEASURES, null_mean, null_sd
from isopolis.measure.neighbours.distance import distance_band
from isopolis.measure.scale import chance
from isopolis.measure.scale.grid import Prefixes, window_sums
from isopolis.measure.scale.placed import placed_rows, rows_of_groups
from isopolis.model import CallError, Undefined
from isopolis.read.grids import ArrayGrid

from .test_grid_profile import SCORES, grid_profile, people


def noise(seed: int, rows: int, columns: int, mix: tuple[float, ...] = (0.5, 0.3, 0.2)) -> np.ndarray:
    rng = np.random.default_rng(seed)
    size = rng.poisson(12, (rows, columns))
    return rng.multinomial(size, mix).astype(np.uint16)


def test_the_cell_itself_is_a_city_of_zones() -> None:
    x = people(21)
    found = grid_profile(ArrayGrid(x), [0], cell=1, scores=SCORES, band_rows=4).expected
    flat = x.reshape(-1, 3).astype(float)
    wanted = {"entropy": null_mean.information_theory, "gap": null_mean.dissimilarity,
              "squares": null_mean.variance_ratio, "interaction": null_mean.variance_ratio}  # fmt: skip
    for score, mean in wanted.items():
        assert found[score][0] == pytest.approx(mean(flat), abs=1e-12), score


def test_discs_are_what_is_exact_for_a_city_by_distance() -> None:
    x = people(22, 15, 14)
    x[3:6, 2:9] = 0
    at = np.argwhere(np.ones(x.shape[:2])).astype(float)
    expected = MEASURES["spatial_information_theory"].expected
    assert expected is not None
    radii = [1.0, 2.5, 6.0]
    found = grid_profile(ArrayGrid(x), radii, cell=1, shape="disc", band_rows=4).expected["entropy"]
    flat = x.reshape(-1, 3).astype(float)
    wanted = [expected(flat, neighbourhood=distance_band(at, r).weights) for r in radii]
    assert found == pytest.approx(wanted, abs=1e-12)


def test_people_placed_at_random_give_it_on_average() -> None:
    x = people(23, 9, 8)
    size = x.sum(axis=2).ravel().astype(int)
    persons = np.repeat(np.arange(3), x.sum(axis=(0, 1)).astype(int))
    rng = np.random.default_rng(1)
    call = {"radii": [0, 2], "cell": 1, "scores": SCORES}
    drawn = []
    for _ in range(150):
        where = np.repeat(np.arange(len(size)), size)
        table = np.zeros((len(size), 3), dtype=np.int64)
        np.add.at(table, (where, rng.permutation(persons)), 1)
        values = grid_profile(ArrayGrid(table.reshape(x.shape)), **call).values
        drawn.append([values[s] for s in SCORES])
    mean, error = np.mean(drawn, axis=0), np.std(drawn, axis=0) / np.sqrt(len(drawn))
    found = grid_profile(ArrayGrid(x), **call).expected
    assert np.all(np.abs(mean - np.array([found[s] for s in SCORES])) < 5 * error + 1e-12)


@pytest.mark.parametrize("shape", ["square", "disc"])
def test_noise_has_no_excess_and_a_pattern_has(shape: str) -> None:
    x = noise(24, 60, 50)
    found = grid_profile(ArrayGrid(x), [0, 3, 10], cell=1, shape=shape, scores=SCORES)
    for score in SCORES:
        assert np.abs(found.excess[score]).max() < 0.005, score
    assert found.values["entropy"][0] > 0.05  # what a reader would take for a finding
    x[:30, :, 0] *= 5
    there = grid_profile(ArrayGrid(x), [0, 3, 10], cell=1, shape=shape, scores=SCORES)
    assert min(min(there.excess[s]) for s in SCORES) > 0.03


def same(a: GridProfile, b: GridProfile) -> None:
    assert a.expected == b.expected
    assert a.excess == b.excess


@pytest.mark.parametrize("least", [8, 2**16])
def test_any_cut_gives_the_same_bits(least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chance, "EXACT", least)
    monkeypatch.setattr(chance, "CLASSES", min(least, 2**12))
    for seed, shape in ((25, "square"), (26, "disc")):
        x = people(seed, 31, 12)
        call = {"cell": 1, "shape": shape, "scores": SCORES}
        whole = grid_profile(ArrayGrid(x), [0, 1, 2.5, 7, 99], band_rows=31, **call)
        for each in (1, 4, 13):
            same(whole, grid_profile(ArrayGrid(x), [0, 1, 2.5, 7, 99], band_rows=each, send=True, **call))


def test_classes_of_wide_windows_hold_every_person_and_lose_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x = people(27, 40, 30).astype(np.int64) * 161  # an odd number: not the least of a class
    sums = Prefixes.of(x)
    city = x.sum(axis=(0, 1))
    size, own = window_sums(x, 6).sum(axis=2).ravel(), x.sum(axis=2).ravel()
    found = chance.window_sizes(sums, 6)
    assert size.max() > chance.EXACT > size.min()
    assert found[:, 2].any()
    assert found[:, 1].sum() == own.sum()
    assert (found[:, 0] * found[:, 1] + found[:, 2]).sum() == (size * own).sum()
    by_class = [chance.expected_by_chance(s, found, city) for s in SCORES]
    monkeypatch.setattr(chance, "EXACT", 2**30)
    one_by_one = chance.window_sizes(sums, 6)
    assert set(one_by_one[:, 0].tolist()) == set(size[own > 0].tolist())
    exact = [chance.expected_by_chance(s, one_by_one, city) for s in SCORES]
    assert by_class[0] == pytest.approx(exact[0], abs=1e-12)
    assert by_class == pytest.approx(exact, abs=1e-9)


def test_least_sizes_of_classes() -> None:
    n = np.array([0, 1, 65535, 65536, 65551, 65552, 131071, 131072, 131103, 131104, 2**40 - 1, 2**40])
    least = chance._least(chance._class_of(n))
    assert least.tolist()[:10] == [0, 1, 65535, 65536, 65536, 65552, 131056, 131072, 131072, 131104]
    assert np.all(least <= n)
    assert np.all(n - least <= n / 4096)
    assert len(np.unique(chance._class_of(np.arange(65536, 131072)))) == 4096


def test_where_it_is_not_known_there_is_a_reason() -> None:
    x = people(28)
    found = grid_profile(ArrayGrid(x), [2], cell=1, shape="gaussian", scores=SCORES)
    for score in SCORES:
        (none,) = found.expected[score]
        assert isinstance(none, Undefined)
        assert "by random tables only" in str(none)
    assert found.to_dict()["excess"]["gap"][0]["undefined"] == "not-found"
    alone = np.zeros((3, 3, 2), dtype=int)
    alone[0, 0, 0] = alone[2, 2, 1] = 1
    (none,) = grid_profile(ArrayGrid(alone), [0], cell=1).excess["entropy"]
    assert isinstance(none, Undefined)
    assert none.code == "no-room"
    alone[:, :, 1] = 0
    (none,) = grid_profile(ArrayGrid(alone), [0], cell=1).expected["entropy"]
    assert isinstance(none, Undefined)
    assert none.code == "one-group"


def test_what_is_kept_holds_chance_too(tmp_path: Path) -> None:
    grid = ArrayGrid(people(29), cell=100)
    first = grid_profile(grid, [300], keep=tmp_path / "k", band_rows=5)
    same(first, grid_profile(grid, [300], keep=tmp_path / "k"))


def test_the_command_shows_chance(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "g.npy", noise(30, 20, 20))
    words = ["grid-profile", str(tmp_path / "g.npy"), "--cell", "100", "--radii", "0,9000", "-q"]
    assert run(words) == 0
    said = capsys.readouterr().out
    assert "information theory index H by distance (score: entropy)" in said
    assert "by chance" in said
    assert "No more than chance alone gives, at 9000 m: information" in said
    assert "Chance, 95 of 100: 99 random arrangements of persons, both margins fixed" in said
    assert "How far chance strays" not in said
    assert run([*words, "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    value, expected = plain["values"]["entropy"][0], plain["expected"]["entropy"][0]
    assert plain["excess"]["entropy"][0] == pytest.approx((value - expected) / (1 - expected))
    assert plain["indices"]["entropy"].startswith("information theory index H")
    assert plain["beyond"]["entropy"][0] == pytest.approx((value - expected) / plain["sd"]["entropy"][0])
    assert plain["beyond"]["entropy"][1]["undefined"] == "no-room"
    assert plain["p"]["entropy"][1] == 1
    kernel = [*words[:4], "--radii", "300", "--shape", "gaussian", "--simulations"]
    assert run([*kernel, "0", "-q"]) == 0
    said = capsys.readouterr().out
    assert "by random tables only" in said
    assert "How far chance strays" in said
    assert run([*kernel, "19", "-q"]) == 0
    assert "by random tables only" not in capsys.readouterr().out
    assert run([*kernel, "7", "-q"]) == 2
    assert "7 random tables are too few: allow at least 19" in capsys.readouterr().err


# -- how far chance strays ---------------------------------------------------------------------
def test_people_are_placed_with_exactly_the_law_of_a_shuffle() -> None:
    """All tables of 3 cells in 2 rows, each as often as arrangements of the 7 persons make it."""
    size = np.array([[2, 1], [4, 0]])
    wanted: Counter[tuple[int, ...]] = Counter()
    for where in itertools.combinations(range(7), 3):  # the persons of the first of two groups
        wanted[sum(p < 2 for p in where), sum(p == 2 for p in where), sum(p > 2 for p in where)] += 1
    seen: Counter[tuple[int, ...]] = Counter()
    draws = 2000
    for replicate in range(draws):
        groups = rows_of_groups(size.sum(axis=1), [3, 4], 5, replicate)
        placed = placed_rows(size, groups, 5, replicate, 0)
        assert (placed.sum(axis=2) == size).all()
        assert placed.sum(axis=(0, 1)).tolist() == [3, 4]
        seen[tuple(placed[..., 0].ravel()[:3].tolist())] += 1
    assert set(seen) == set(wanted)
    terms = [(seen[k] - draws * n / 35) ** 2 / (draws * n / 35) for k, n in wanted.items()]
    assert sum(terms) < chi2.ppf(0.999, len(wanted) - 1)


def test_a_row_is_the_same_in_any_band_and_groups_of_nobody_stay_so() -> None:
    size = people(31, 12, 9).sum(axis=2)
    city = [int(size.sum()) - 40, 0, 40]
    groups = rows_of_groups(size.sum(axis=1), city, 1, 2)
    whole = placed_rows(size, groups, 1, 2, 0)
    assert whole.sum(axis=(0, 1)).tolist() == city
    assert (placed_rows(size[4:9], groups[4:9], 1, 2, 4) == whole[4:9]).all()
    for other in ((2, 2), (1, 3)):
        assert (placed_rows(size, rows_of_groups(size.sum(axis=1), city, *other), *other, 0) != whole).any()
    with pytest.raises(CallError, match="the groups 41"):
        rows_of_groups([20, 20], [40, 1], 1, 1)
    with pytest.raises(CallError, match="fewer than 1,000,000,000"):
        rows_of_groups([10**9], [1, 10**9 - 1], 1, 1)


def test_for_the_cell_itself_it_is_the_conditional_central_limit() -> None:
    x = noise(32, 8, 90)
    found = with_chance(ArrayGrid(x), [0], cell=1, scores=SCORES, simulations=250)
    flat = x.reshape(-1, 3).astype(float)
    known = {"entropy": null_sd.information_theory, "gap": null_sd.dissimilarity,
             "squares": null_sd.variance_ratio}  # fmt: skip
    for score, sd in known.items():
        # 250 tables: an error of 4.5 % of the standard deviation; three of them
        assert found.strays[score][0].sd == pytest.approx(sd(flat), rel=0.135), score
    assert found.tables == 250


def test_tables_stray_as_shuffled_persons_do() -> None:
    """V of 7 × 7 windows, by arithmetic of its own; the tolerance is that of the fourth moments."""
    x = people(33, 9, 8)
    size, city = x.sum(axis=2, dtype=np.int64), x.sum(axis=(0, 1), dtype=np.int64)
    tall, wide = (np.abs(np.subtract.outer(np.arange(n), np.arange(n))) <= 3 for n in (9, 8))
    mix = city / city.sum()

    def value(table: np.ndarray) -> float:
        around = np.einsum("ij,jkg,kl->ilg", tall.astype(float), table, wide.astype(float), optimize=True)
        gap = ((around / around.sum(axis=2, keepdims=True) - mix) ** 2 / (1 - mix)).sum(axis=2)
        return float((size * gap).sum() / city.sum())

    persons, where = np.repeat(np.arange(3), city), np.repeat(np.arange(72), size.ravel())
    rng, draws = np.random.default_rng(2), 500
    shuffled, placed = [], []
    for k in range(draws):
        table = np.bincount(where * 3 + rng.permutation(persons), minlength=216)
        shuffled.append(value(table.reshape(x.shape)))
        placed.append(value(placed_rows(size, rows_of_groups(size.sum(axis=1), city, 5, k), 5, k, 0)))
    errors = []
    for values in (shuffled, placed):
        fourth = np.mean((values - np.mean(values)) ** 4) / np.var(values) ** 2
        errors.append(np.std(values) * np.sqrt((fourth - 1) / (4 * draws)))
    assert abs(np.std(shuffled) - np.std(placed)) < 4 * np.hypot(*errors)
    assert abs(np.mean(shuffled) - np.mean(placed)) < 4 * np.std(shuffled) * np.sqrt(2 / draws)


@pytest.mark.parametrize("shape", ["disc", "gaussian"])
def test_what_is_told_is_what_those_tables_have(shape: str) -> None:
    x = people(38, 9, 8)
    size, city = x.sum(axis=2), x.sum(axis=(0, 1))
    call: dict[str, Any] = {"radii": [2], "cell": 1, "shape": shape, "scores": SCORES}
    values = []
    for k in range(19):
        table = placed_rows(size, rows_of_groups(size.sum(axis=1), city, 3, k), 3, k, 0)
        values.append([v for (v,) in grid_profile(ArrayGrid(table), **call).values.values()])
    there = with_chance(ArrayGrid(x), **call, simulations=19, seed=3)
    for score, of in zip(SCORES, np.array(values).T, strict=True):
        (told,) = there.strays[score]
        mean = there.expected[score][0]
        assert told.expected == mean
        if shape == "gaussian":
            assert mean == pytest.approx(of.mean(), abs=1e-12)
            assert told.sd == pytest.approx(of.std(ddof=1), abs=1e-12)
        else:
            assert told.sd == pytest.approx(np.sqrt(np.mean((of - mean) ** 2)), abs=1e-12)
        assert told.p == (1 + (of >= there.values[score][0] - 1e-12).sum()) / 20


@pytest.mark.parametrize("shape", ["square", "disc", "biweight"])
def test_any_cut_draws_the_same_tables(shape: str, tmp_path: Path) -> None:
    grid = ArrayGrid(people(34, 9, 11), cell=1)
    call: dict[str, Any] = {"radii": [1, 2.5, 40], "shape": shape, "scores": SCORES[:2], "simulations": 19}
    whole = with_chance(grid, **call, band_rows=9)
    for each, send in ((2, False), (5, True)):
        cut = with_chance(grid, **call, band_rows=each, send=send)
        if shape == "biweight":
            for score in SCORES[:2]:
                for a, b in zip(whole.strays[score], cut.strays[score], strict=True):
                    assert (a.expected, a.sd) == pytest.approx((b.expected, b.sd), abs=1e-12)
        else:
            assert cut.strays == whole.strays
    other = with_chance(grid, **call, seed=7)
    assert other.strays["entropy"][0].sd != whole.strays["entropy"][0].sd


def test_tables_are_kept_and_never_taken_for_those_of_another_call(tmp_path: Path) -> None:
    grid = ArrayGrid(people(35), cell=1)
    first = with_chance(grid, [2], simulations=19, keep=tmp_path / "k", band_rows=5)
    said: list[str] = []
    again = with_chance(grid, [2], simulations=19, keep=tmp_path / "k", progress=said.append)
    assert again.strays == first.strays
    assert said[-1] == "chance: 5 of 5 bands, 5 of them from an earlier run"
    with pytest.raises(CallError, match="another run \\(simulations differ"):
        with_chance(grid, [2], simulations=20, keep=tmp_path / "k")
    with pytest.raises(CallError, match="another run \\(seed differ"):
        with_chance(grid, [2], simulations=19, seed=1, keep=tmp_path / "k")


def test_a_pattern_lies_beyond_chance_and_noise_within() -> None:
    x = noise(36, 30, 25)
    flat = with_chance(ArrayGrid(x), [0, 3], cell=1, scores=SCORES)
    assert any("No higher than chance alone may give" in str(c) for c in flat.caveats)
    assert max(max(flat.beyond[s]) for s in SCORES) < 4  # type: ignore[type-var]
    x[:15, :, 0] *= 3
    there = with_chance(ArrayGrid(x), [0, 3], cell=1, scores=SCORES)
    assert min(min(there.beyond[s]) for s in SCORES) > 10  # type: ignore[type-var]
    assert {s.p for of in there.strays.values() for s in of} == {1 / 100}
    assert not any("chance" in str(c) for c in there.caveats)


def test_where_it_was_not_looked_at_there_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = ArrayGrid(people(37))
    assert grid_profile(grid, [1], cell=1).strays["entropy"][0].sd.code == "not-looked"  # type: ignore[union-attr]
    monkeypatch.setattr(grid_chance, "SECONDS", 0.01)
    found = with_chance(grid, [1], cell=1)
    assert found.tables == 0
    assert "ask for 19 random tables or more" in str(found.strays["entropy"][0].sd)
    assert "ask for 19 random tables or more" in str(found.caveats)
    assert found.to_dict()["beyond"]["entropy"][0]["undefined"] == "too-large"
    assert found.strays["entropy"][0].band is None
    many = np.full((2, 2, 2), 2**28)
    found = with_chance(ArrayGrid(many), [1], cell=1)
    assert found.to_dict()["sd"]["entropy"][0]["undefined"] == "too-many"
    with pytest.raises(CallError, match="this grid has 2147483648"):
        with_chance(ArrayGrid(many), [1], cell=1, simulations=19)
