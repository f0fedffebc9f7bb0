"""The example city is true to its stated parameters.

Everything is computed here from the written files and truth.json; nothing of the generator is
called but `write_example`.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pyogrio
import pytest

SIZES = (12, 240, 2000)
LAYERS = ("zones", "districts", "streets")
AXES = ["age", "sex", "origin", "income", "disability"]


@pytest.fixture
def cities(example_cities: Callable[[int], Any]) -> Callable[[int], Any]:
    return example_cities


@pytest.fixture
def city(example_city: Any) -> Any:
    return example_city


# -- indices, written here from their definitions ---------------------------------------------------------
def dissimilarity(group: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Half the sum of the differences of shares; the last axis is zones."""
    rest = total - group
    a, b = group / group.sum(axis=-1, keepdims=True), rest / rest.sum(axis=-1, keepdims=True)
    return 0.5 * np.abs(a - b).sum(axis=-1)


def entropy(counts: np.ndarray) -> np.ndarray:
    p = counts / counts.sum(axis=-1, keepdims=True)
    return -np.where(p > 0, p * np.log(np.where(p > 0, p, 1)), 0).sum(axis=-1)


def mutual_information(counts: np.ndarray) -> float:
    size = counts.sum(axis=1)
    return float(entropy(counts.sum(axis=0)) - size @ entropy(counts) / size.sum())


def redrawn(group: np.ndarray, total: np.ndarray, draws: int = 300) -> tuple[float, float]:
    """Bias and standard deviation of D when every zone is drawn again from its own share.

    The bias of D depends on the shares themselves; this is the bias at the drawn shares,
    a little below that at the true ones since drawn shares lie further apart.
    """
    again = np.random.default_rng(1).binomial(total, group / total, (draws, len(total)))
    values = dissimilarity(again.astype(float), total.astype(float))
    return float(values.mean() - dissimilarity(group, total)), float(values.std())


@pytest.mark.parametrize("date", ["2015", "2025"])
@pytest.mark.parametrize("name", AXES)
def test_true_dissimilarity_is_recovered(city: Any, date: str, name: str) -> None:
    """Less its bias, D of the counts is within 4 standard deviations + 0.0015 of the truth."""
    table = city.wide(date, name)
    total = table.sum(axis=1).to_numpy()
    for category in table:
        group = table[category].to_numpy()
        bias, sd = redrawn(group, total)
        true = city.truth["dates"][date]["dissimilarity"][f"{name}={category}"]
        assert abs(dissimilarity(group, total) - bias - true) < 4 * sd + 0.0015, category
        share = group.sum() / total.sum()
        said = city.truth["dates"][date]["shares"][f"{name}={category}"]
        assert abs(share - said) < 5 * math.sqrt(said * (1 - said) / total.sum())


def spread_of_m(counts: np.ndarray, draws: int = 60) -> float:
    """Return the standard deviation of M when every zone is drawn again from its own shares."""
    rng = np.random.default_rng(2)
    size = counts.sum(axis=1)
    again = [rng.multinomial(size, counts / size[:, None]) for _ in range(draws)]
    return float(np.std([mutual_information(table) for table in again]))


def excess_of_m(counts: np.ndarray) -> float:
    """Return the bias of M to first order: (zones - 1)(categories - 1) / 2N."""
    return (counts.shape[0] - 1) * (counts.shape[1] - 1) / (2 * counts.sum())


@pytest.mark.parametrize("date", ["2015", "2025"])
@pytest.mark.parametrize("names", [(n,) for n in AXES] + [("origin", "income"), ("age", "disability")])
def test_true_information_is_recovered(city: Any, date: str, names: tuple[str, ...]) -> None:
    """Less its bias, M of the counts is within 4 standard deviations of the truth; so is H."""
    table = city.wide(date, *names).to_numpy()
    truth = city.truth["dates"][date]
    title = " × ".join(names)
    m, sd = mutual_information(table) - excess_of_m(table), spread_of_m(table)
    true = truth["mutual_information"][title]["total"]
    assert abs(m - true) < 4 * sd
    assert sd < 0.07 * true or sd < 1e-4  # so that the test can tell
    whole = entropy(table.sum(axis=0))
    assert abs(m / whole - truth["information_theory"][title]) < 4 * sd / whole


@pytest.mark.parametrize("name", AXES)
def test_true_nesting_is_recovered(city: Any, name: str) -> None:
    table = city.wide("2025", name)
    parts = city.truth["dates"]["2025"]["mutual_information"][name]
    assert parts["between_districts"] + parts["within_districts"] == pytest.approx(parts["total"], abs=2e-9)
    districts = table.groupby(table.index.str[:2]).sum().to_numpy()
    between = mutual_information(districts) - excess_of_m(districts)
    assert abs(between - parts["between_districts"]) < 4 * spread_of_m(districts) + 1e-6


@pytest.mark.parametrize("size", SIZES)
def test_groups_live_as_far_apart_as_intended(cities: Callable[[int], Any], size: int) -> None:
    truth = cities(size).truth
    for date in ("2015", "2025"):
        d = truth["dates"][date]["dissimilarity"]
        assert 0.30 <= d["origin=non_eu"] <= 0.40
        assert d["origin=eu"] < d["origin=non_eu"] - 0.10
        assert 0.25 <= d["income=Q1"] <= 0.35
        assert 0.25 <= d["income=Q5"] <= 0.35
        assert d["age=80+"] == pytest.approx(0.15, abs=0.02)
        assert 0.04 <= d["disability=yes"] <= 0.12
        assert d["sex=female"] == pytest.approx(0.02, abs=0.01)
    change = truth["change"]["dissimilarity"]
    assert -0.06 < change["origin=non_eu"] < -0.01
    assert 0.01 < change["income=Q1"] < 0.06
    assert 0.01 < change["income=Q5"] < 0.06
    later, before = (truth["dates"][d]["dissimilarity"] for d in ("2025", "2015"))
    assert all(change[g] == pytest.approx(later[g] - before[g], abs=2e-9) for g in change)


def test_counts_show_the_known_change(city: Any) -> None:
    for group, sign in (("origin=non_eu", -1), ("income=Q1", 1), ("income=Q5", 1)):
        name, category = group.split("=")
        tables = [city.wide(date, name) for date in ("2015", "2025")]
        d = [dissimilarity(t[category].to_numpy(), t.sum(axis=1).to_numpy()) for t in tables]
        assert sign * (d[1] - d[0]) > 0.01


def test_crossed_shares_follow_the_stated_base_table(city: Any) -> None:
    """The city's crossing is near the base table, much nearer than without its associations."""
    base = city.truth["model"]["dates"]["2025"]["base_table"]
    shape = [len(base["dimensions"][n]) for n in AXES]
    table = np.array(base["values"]).reshape(shape)
    assert table.sum() == pytest.approx(1, abs=1e-9)
    at = city.people[city.people["date"] == "2025"]
    seen = np.zeros(shape)
    place = [at[n].map({c: k for k, c in enumerate(base["dimensions"][n])}).to_numpy() for n in AXES]
    np.add.at(seen, tuple(place), at["count"].to_numpy())
    seen /= seen.sum()
    apart = np.einsum("a,s,o,q,d->asoqd", *(seen.sum(axis=tuple(set(range(5)) - {k})) for k in range(5)))
    near = 0.5 * np.abs(seen - table).sum()
    assert near < 0.12
    assert near < 0.65 * 0.5 * np.abs(seen - apart).sum()


# -- the other tables -------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", SIZES)
def test_tables_agree(cities: Callable[[int], Any], size: int) -> None:
    city = cities(size)
    now = city.people[city.people["date"] == "2025"]
    by_zone = now.groupby("zone")["count"].sum()
    religion = city.religion.set_index("zone")
    assert religion["residents"].equals(by_zone.reindex(religion.index).rename("residents"))
    assert (religion.drop(columns="residents").sum(axis=1) == religion["residents"]).all()
    adults = now[(now["age"] != "0-14") & (now["count"] > 0)]
    eligible = city.vote.groupby(["zone", "age", "origin"])["eligible"].sum()
    assert eligible.sort_index().equals(
        adults.groupby(["zone", "age", "origin"])["count"].sum().rename("eligible").sort_index()
    )
    assert (city.vote["voters"] <= city.vote["eligible"]).all()
    survey = city.table("lgbtiq_survey")
    assert survey["count"].sum() == adults["count"].sum() == city.truth["survey"]["people"]
    for name in ("prices", "broadband"):
        table = city.table(name).set_index("zone")
        assert list(table.index) == list(city.zones["zone"])
        empty = (table == "").all(axis=1)
        assert set(table.index[empty]) == set(city.truth["empty_zones"])
        assert table[~empty].astype(float).gt(0).all().all()


def test_religion_follows_its_rates(city: Any) -> None:
    table = city.religion.set_index("zone")
    total = table.pop("residents").to_numpy()
    assert table.to_numpy().sum() == city.truth["religion"]["people"]
    lived = total > 0
    for category in table:
        group = table[category].to_numpy()[lived]
        bias, sd = redrawn(group, total[lived])
        true = city.truth["religion"]["dissimilarity"][f"religion={category}"]
        # the smallest group (0.5 %) is mostly chance: its bias is itself uncertain
        slack = 0.0015 if group.sum() > 5_000 else 0.06
        assert abs(dissimilarity(group, total[lived]) - bias - true) < 4 * sd + slack, category


def test_survey_is_of_the_city_and_honest_about_its_error(city: Any) -> None:
    survey = city.table("lgbtiq_survey").set_index("lgbtiq")
    truth = city.truth["survey"]
    assert list(survey.columns) == ["count", "se", "mechanism"]
    assert set(survey["mechanism"]) == {"sample"}
    for category, share in truth["shares"].items():
        error = survey.loc[category, "count"] - share * truth["people"]
        assert abs(error) < 4 * survey.loc[category, "se"]
        plain = truth["people"] * math.sqrt(share * (1 - share) / truth["asked"])
        assert survey.loc[category, "se"] == pytest.approx(plain, rel=0.1)


@pytest.mark.parametrize("size", SIZES)
def test_lgbtiq_is_never_by_zone(cities: Callable[[int], Any], size: int) -> None:
    city = cities(size)
    ids = set(city.zones["zone"])
    for path in city.folder.glob("*.csv"):
        head = path.read_text(encoding="utf-8").splitlines()[0].lower()
        if path.name == "lgbtiq_survey.csv":
            assert head == "lgbtiq,count,se,mechanism"
            assert not ids & set(pd.read_csv(path, dtype=str).to_numpy().ravel())
            assert len(pd.read_csv(path)) == 3
        else:
            assert "lgbtiq" not in path.read_text(encoding="utf-8").lower()
    for name in LAYERS:
        assert not any("lgb" in c.lower() for c in pyogrio.read_info(city.folder / f"{name}.gpkg")["fields"])
    tables = [t for t in city.toml["tables"] if any(d["name"] == "lgbtiq" for d in t.get("dimensions", []))]
    assert [(t["level"], "zone" in t) for t in tables] == [("city", False)]
    text = json.dumps({k: v for k, v in city.truth.items() if k != "survey"})
    assert "lgbtiq" not in text.lower()


def test_turnout_is_recovered_within_binomial_error(city: Any) -> None:
    """By age and origin, by district, and by all three: from the stated log-odds alone."""
    truth = city.truth["turnout"]
    vote = city.vote.copy()

    def rate(row: pd.Series) -> float:
        base = truth["cell_rates"][row["origin"]][row["age"]]
        odds = base / (1 - base) * math.exp(truth["district_logit"][row["zone"][:2]])
        return odds / (1 + odds)

    vote["p"] = vote.apply(rate, axis=1)
    vote["expected"] = vote["p"] * vote["eligible"]
    vote["variance"] = vote["expected"] * (1 - vote["p"])
    vote["district"] = vote["zone"].str[:2]
    for by in (["age", "origin"], ["district"], ["district", "age", "origin"]):
        sums = vote.groupby(by)[["eligible", "voters", "expected", "variance"]].sum()
        score = (sums["voters"] - sums["expected"]) / np.sqrt(sums["variance"])
        assert score.abs().max() < 4.5
        assert 0.6 < score.std() < 1.5
    sums = vote.groupby(["origin", "age"])[["eligible", "expected"]].sum()
    for (origin, age), row in sums.iterrows():
        assert truth["expected_rate"][origin][age] == pytest.approx(
            row["expected"] / row["eligible"], abs=1e-8
        )
    city_rate = vote["expected"].sum() / vote["eligible"].sum()
    assert truth["expected_rate_city"] == pytest.approx(city_rate, abs=1e-8)


def test_turnout_is_unequal(city: Any) -> None:
    sums = city.vote.groupby("origin")[["voters", "eligible"]].sum()
    rate = sums["voters"] / sums["eligible"]
    assert rate["native"] > 1.4 * rate["eu"] > 1.4 * rate["non_eu"]


def test_rents_rise_most_where_the_truth_says(city: Any) -> None:
    prices = city.table("prices").set_index("zone").replace("", np.nan).astype(float)
    growth = prices["rent_eur_m2_2025"] / prices["rent_eur_m2_2015"] - 1
    hot = city.truth["gentrified_zones"]
    assert 0.03 < len(hot) / len(city.zones) < 0.25
    assert growth[hot].mean() > growth.drop(hot).mean() + 0.10
    rich = city.wide("2015", "income")
    share = rich["Q5"] / rich.sum(axis=1)
    assert prices["rent_eur_m2_2015"].corr(share) > 0.5
