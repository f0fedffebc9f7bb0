"""The diagnosis of cities made for one purpose each."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

import isopolis
from isopolis.flows.diagnosis import Diagnosis
from isopolis.flows.observe import table_of
from isopolis.measure import MEASURES
from isopolis.model import Counts, Dimension, Mechanism, Undefined

from .towns import AGE, HIDDEN, NOT, ORIGIN, SEX, E, counts, ordinary_town, pick, place, run, town, values


@pytest.fixture(scope="module")
def ordinary() -> Diagnosis:
    return run(ordinary_town())


# -- what is asked -------------------------------------------------------------------------


def test_every_dimension_and_crossing_is_measured(ordinary: Diagnosis) -> None:
    asked = {(f.measure, f.dimension) for f in ordinary.findings if f.scope == "city"}
    every = ("dissimilarity", "gini", "information_theory", "mutual_information", "variance_ratio")
    for dimension in ("origin", "sex", "age"):
        assert {(m, dimension) for m in every} <= asked
        assert ("mutual_information_between", dimension) in asked
        assert ("spatial_information_theory", dimension) in asked
    assert ("rank_order_information_theory", "age") in asked
    assert ("ordinal_information_theory", "age") in asked
    assert ("ordinal_information_theory", "origin") not in asked
    assert ("information_theory", "origin × sex") in asked


def test_each_category_against_the_rest_and_each_pair(ordinary: Diagnosis) -> None:
    rest = {
        f.group
        for f in ordinary.findings
        if f.measure == "dissimilarity"
        and f.versus == "rest"
        and f.date == "2020"
        and f.dimension == "origin"
    }
    assert rest == {"origin=here", "origin=abroad", "origin=far"}
    pairs = [
        f
        for f in ordinary.findings
        if f.measure == "exposure" and f.dimension == "origin" and f.date == "2020"
    ]
    assert len(pairs) == 6
    crossed = {f.group for f in ordinary.findings if f.dimension == "origin × sex" and f.group}
    assert "origin=abroad & sex=female" in crossed
    assert len(crossed) == 6


def test_exposures_and_isolation_of_a_group_add_up_to_one(ordinary: Diagnosis) -> None:
    for group in ("here", "abroad", "far"):
        text = f"origin={group}"
        met = [
            f.number
            for f in ordinary.findings
            if f.measure in ("exposure", "isolation") and f.group == text and f.date == "2020"
        ]
        assert len(met) == 3
        assert sum(met) == pytest.approx(1, abs=1e-12)


def test_between_and_within_add_up_to_m(ordinary: Diagnosis) -> None:
    for dimension, date in (("origin", "2010"), ("origin", "2020"), ("age", "2020")):
        whole, between, within = (
            pick(ordinary, m, dimension=dimension, date=date)
            for m in ("mutual_information", "mutual_information_between", "mutual_information_within")
        )
        assert between.number + within.number == pytest.approx(whole.number, abs=1e-12)
        assert between.expected is not None
        assert within.expected is not None
        assert between.expected + within.expected == pytest.approx(whole.expected, abs=1e-12)
        assert between.scale == within.scale == "district"
        shares = [float(f.explanation.split("%")[0]) for f in (between, within)]
        assert sum(shares) == pytest.approx(100, abs=0.11)


def test_units_are_measured_by_themselves_and_say_so(ordinary: Diagnosis) -> None:
    inside = [f for f in ordinary.findings if f.scope.startswith("district:") and f.date == "2020"]
    assert len(inside) == 3 * 10
    x = ordinary.city.table("age").values
    one = next(f for f in inside if f.scope == "district:d3" and f.dimension == "age")
    assert one.n_zones == 6
    assert one.n_people == x[18:24].sum()
    assert one.value == MEASURES["information_theory"].kernel(x[18:24])
    assert one.explanation.startswith("In district “d3”: by age, ")
    assert "less mixed than the whole district." in one.explanation
    assert "the city" not in one.explanation


def test_zones_that_contribute_most_are_named(ordinary: Diagnosis) -> None:
    zones = [f for f in ordinary.findings if f.measure == "local_mutual_information" and f.dimension == "age"]
    assert 0 < len(zones) <= 10
    local = next(t for t in ordinary.local if t.name == "age")
    assert local.contribution.sum() == pytest.approx(1, abs=1e-12)
    beyond = local.people * (local.local_m - local.local_expected)
    assert zones[0].scope == f"{int(np.argmax(beyond)):03d}"
    assert zones[0].detail["people"] == local.people[int(np.argmax(beyond))]
    n = local.people
    m = pick(ordinary, "mutual_information", dimension="age").number
    assert (n * local.local_m).sum() / n.sum() == pytest.approx(m, abs=1e-12)
    np.testing.assert_allclose(local.share.sum(axis=1), 1, atol=1e-12)


def test_local_results_are_made_for_every_dimension_and_date(ordinary: Diagnosis) -> None:
    assert [t.counts.date for t in ordinary.local] == ["2020", "2020", "2020", "2010", "2010"]


def test_same_city_same_seed_same_findings(ordinary: Diagnosis) -> None:
    city = ordinary.city
    again = run(city)
    assert again.findings == ordinary.findings
    assert again.headlines == ordinary.headlines
    other = run(city, seed=7)
    pairs = list(zip(other.findings, ordinary.findings, strict=True))
    assert [a.value for a, _ in pairs] == [b.value for _, b in pairs]
    assert any(a.interval != b.interval for a, b in pairs)
    assert all(a.provenance["seed"] == 7 for a, _ in pairs if "seed" in a.provenance)


def test_a_finding_does_not_depend_on_what_else_the_city_counts(ordinary: Diagnosis) -> None:
    alone = run(town(ordinary.city.table("age")))
    fitting = [f for f in ordinary.findings if f.dimension == "age" and not f.measure.startswith("local")]
    assert [f for f in alone.findings if not f.measure.startswith("local")] == fitting


# -- change --------------------------------------------------------------------------------


def test_changes_compare_the_oldest_with_the_newest(ordinary: Diagnosis) -> None:
    change = pick(ordinary, "dissimilarity_change", group="origin=abroad", versus="rest", dimension="origin")
    before, after = (
        pick(ordinary, "dissimilarity", group="origin=abroad", versus="rest", dimension="origin", date=d)
        for d in ("2010", "2020")
    )
    assert change.value == after.number - before.number
    assert change.date == "2010/2020"
    assert change.detail["before"]["value"] == before.value
    assert change.detail["after"]["interval"] == list(after.interval or ())
    assert change.expected == pytest.approx((after.expected or 0) - (before.expected or 0))
    assert change.interval is not None
    width = change.interval[1] - change.interval[0]
    widths = [f.interval[1] - f.interval[0] for f in (before, after) if f.interval]
    assert width == pytest.approx(math.hypot(*widths), rel=0.01)
    assert " 2010 " in change.explanation
    assert not any(f.measure.endswith("_change") and f.dimension == "age" for f in ordinary.findings)


def test_three_dates_are_all_measured_and_the_ends_compared() -> None:
    tables = [counts(values(45, (3,), s), ORIGIN, date=d) for s, d in enumerate(("2000", "2010", "2020"))]
    found = run(town(*tables))
    assert len([f for f in found.findings if f.measure == "gini" and not f.group]) == 3
    assert pick(found, "gini_change", group="").date == "2000/2020"


def test_other_categories_at_another_date_are_not_compared_as_a_whole() -> None:
    coarse = Dimension("age", ("0-17", "18+"), ordered=True)
    found = run(
        town(counts(values(45, (4,), 1), AGE, date="2010"), counts(values(45, (2,), 2), coarse, date="2020"))
    )
    changed = {(f.measure, f.group) for f in found.findings if f.measure.endswith("_change")}
    assert ("dissimilarity_change", "age=0-17") in changed  # the same people at both dates
    assert not [c for c in changed if c[1] == ""]


def test_a_group_absent_at_one_date_has_no_change_but_a_reason() -> None:
    x = values(45, (3,), 1)
    none = x.copy()
    none[:, 2] = 0
    found = run(town(counts(none, ORIGIN, date="2010"), counts(x, ORIGIN, date="2020")))
    change = pick(found, "dissimilarity_change", group="origin=far")
    assert isinstance(change.value, Undefined)
    assert change.value.code == "group-absent"
    assert "cannot be given" in change.explanation


def test_a_zone_of_one_date_only_keeps_all_of_its_residents() -> None:
    x = values(45, (3,), 1)
    mechanism = np.zeros(x.shape, dtype=np.uint8)
    mechanism[7] = NOT
    old = counts(np.where(mechanism == NOT, 0, x), ORIGIN, date="2010", mechanism=mechanism)
    found = run(town(old, counts(x, ORIGIN, date="2020")))
    before, after = (pick(found, "gini", group="", date=d) for d in ("2010", "2020"))
    assert (before.n_zones, after.n_zones) == (44, 45)
    assert before.n_people == x.sum() - x[7].sum()
    assert after.n_people == x.sum()
    assert any("1 zone left out" in c for c in before.caveats)
    change = pick(found, "gini_change", group="")
    assert any("44 zones with people in 2010, 45 in 2020" in c for c in change.caveats)


# -- cities that lack something ----------------------------------------------------------------


def test_an_absent_group_is_undefined_and_stops_nothing() -> None:
    x = values(45, (3,))
    x[:, 1] = 0
    found = run(town(counts(x, ORIGIN)))
    gone = pick(found, "dissimilarity", group="origin=abroad")
    assert isinstance(gone.value, Undefined)
    assert gone.value.code == "group-absent"
    assert gone.value.reason in gone.explanation
    assert pick(found, "dissimilarity", group="origin=far").defined
    # and all groups at once are as if it were not listed
    two = run(town(counts(x[:, [0, 2]], Dimension("origin", ("here", "far")))))
    for measure in ("dissimilarity", "information_theory", "variance_ratio"):
        assert pick(found, measure, group="").number == pytest.approx(
            pick(two, measure, group="").number, abs=1e-12
        )


def test_empty_zones_change_no_value() -> None:
    x = values(45, (3,))
    gap = np.concatenate([x, np.zeros((5, 3))])
    with_gap, without = (
        run(town(counts(gap, ORIGIN), districts=False)),
        run(town(counts(x, ORIGIN), districts=False)),
    )
    for f, g in zip(with_gap.findings, without.findings, strict=True):
        assert (f.measure, f.n_zones, f.n_people) == (g.measure, g.n_zones, g.n_people)
        assert f.number == pytest.approx(g.number, abs=1e-12)
    assert not with_gap.local[0].measured[45:].any()


def test_one_zone_is_undefined_with_a_reason() -> None:
    found = run(town(counts(values(1, (3,)), ORIGIN)))
    assert found.findings
    for f in found.findings:
        assert isinstance(f.value, Undefined)
        assert f.value.code == "one-zone"


def test_a_zero_total_is_undefined_with_a_reason() -> None:
    found = run(town(counts(np.zeros((12, 3)), ORIGIN)))
    assert {f.value.code for f in found.findings if isinstance(f.value, Undefined)} == {"nobody"}
    assert not any(f.defined for f in found.findings)
    assert found.local == ()
    assert found.headlines == ()


def test_a_city_without_groups_says_that_nothing_could_be_measured() -> None:
    total = counts(values(12, ()), date="2020")
    found = run(town(total))
    assert found.findings == ()
    assert [u.code for u in found.undefined] == ["no-groups"]
    empty = run(town())
    assert [u.code for u in empty.undefined] == ["no-counts"]


def test_no_outlines_no_distances() -> None:
    found = run(town(counts(values(45, (3,)), ORIGIN), drawn=False, districts=False))
    measured = {f.measure for f in found.findings}
    assert "spatial_information_theory" not in measured
    assert "mutual_information_between" not in measured
    assert any("no outlines" in u for u in found.unknowns)


def test_a_zone_without_an_outline_counts_except_by_distance() -> None:
    x = values(45, (3,))
    found = run(town(counts(x, ORIGIN), lost=(4, 9)))
    people = int(x.sum())
    lost = int(x[[4, 9]].sum())
    assert pick(found, "gini", group="").n_people == people
    near = [f for f in found.findings if f.measure == "spatial_information_theory"]
    assert near
    for f in near:
        assert f.n_people == people - lost
        assert f.n_zones == 43
        assert any(f"{lost:,} people live in zones without an outline" in c for c in f.caveats)
    assert any(f"{lost:,} residents" in u for u in found.unknowns)


def test_by_distance_falls_to_the_whole_city() -> None:
    x = values(60, (3,))
    near = [f for f in run(town(counts(x, ORIGIN))).findings if f.measure == "spatial_information_theory"]
    assert [f.scale for f in near] == ["500 m", "1000 m", "2000 m"]
    assert near[0].number > near[1].number > near[2].number


# -- suppressed, garbage, sampled -------------------------------------------------------------


def suppressed(garbage: float = 0.0, below: float = 5.0, size: float = 200.0) -> Counts:
    x = values(45, (3,), 5, size)
    hidden = x < below
    assert hidden.any()
    mechanism = np.where(hidden, HIDDEN, E).astype(np.uint8)
    mechanism[3] = NOT
    unknown = mechanism >= HIDDEN
    lower, upper = np.zeros(x.shape), np.full(x.shape, below - 1)
    return counts(np.where(unknown, garbage, x), ORIGIN, mechanism=mechanism, lower=lower, upper=upper)


def test_hidden_cells_are_never_read_as_numbers() -> None:
    # what stands in a hidden cell or one that was not collected carries no meaning
    lost = (*np.flatnonzero(suppressed().hidden.any(axis=1))[:2], 3)
    a, b = (run(town(suppressed(g), lost=lost)) for g in (0.0, 77_777.0))
    assert a.findings == b.findings
    assert a.unknowns == b.unknowns
    for s, t in zip(a.local, b.local, strict=True):
        np.testing.assert_array_equal(s.people, t.people)
        np.testing.assert_array_equal(s.share, t.share)


def test_suppressed_cells_are_filled_named_and_not_mapped() -> None:
    table = suppressed()
    found = run(town(table))
    value = pick(found, "dissimilarity", group="origin=here")
    assert any("suppressed" in c for c in value.caveats)
    assert any("suppressed" in u for u in found.unknowns)
    assert "interval" in value.provenance["observed"]
    rows = table.hidden.any(axis=1) | table.absent.any(axis=1)
    assert not found.local[0].measured[rows].any()
    assert found.local[0].measured[~rows].all()


def test_too_much_suppression_is_refused_for_the_group_that_it_hides() -> None:
    found = run(town(suppressed(below=12.0, size=40.0)))
    codes = [f.value.code for f in found.findings if isinstance(f.value, Undefined)]
    assert "not-identifiable" in codes
    refused = [f for f in found.findings if isinstance(f.value, Undefined) and f.interval is None]
    assert any("hidden" in f.explanation.lower() for f in refused)


def test_samples_use_their_standard_errors() -> None:
    x = values(45, (3,), size=500)
    for size in (3.0, 12.0):
        sampled = counts(
            x, ORIGIN, mechanism=np.uint8(Mechanism.SAMPLE), se=np.full(x.shape, size), weighted=True
        )
        f = pick(run(town(sampled)), "dissimilarity", group="origin=here")
        assert "likelihood of the sample" in f.interval_method
        assert any("sample" in c for c in f.caveats)
        assert any("estimates" in c for c in f.caveats)


def test_a_survey_gives_shares_of_the_city_and_nothing_by_zone() -> None:
    lgbtiq = Dimension("lgbtiq", ("yes", "no"), ground="lgbtiq")
    survey = Counts(
        np.array(["city"], dtype=object), (lgbtiq,), [[60.0, 940.0]], np.uint8(Mechanism.SAMPLE), "2020",
        se=[[8.0, 8.0]],
    )  # fmt: skip
    found = run(town(counts(values(45, (3,)), ORIGIN), survey=(survey,)))
    share = pick(found, "share", group="lgbtiq=yes")
    assert share.value == pytest.approx(0.06)
    # sd of a / (a + b) with independent errors: sqrt((1-p)^2 8^2 + p^2 8^2) / 1000
    spread = 8 * math.hypot(0.94, 0.06) / 1000
    assert share.interval == pytest.approx((0.06 - 1.96 * spread, 0.06 + 1.96 * spread), abs=1e-5)
    assert (share.expected, share.p, share.scale) == (None, None, "city")
    assert {f.measure for f in found.findings if f.dimension == "lgbtiq"} == {"share"}
    assert any("must not be guessed" in u for u in found.unknowns)


def test_a_survey_of_nobody_or_without_errors() -> None:
    lgbtiq = Dimension("lgbtiq", ("yes", "no"))
    for numbers, code in (([[0.0, 0.0]], "nobody"), ([[6.0, 94.0]], None)):
        survey = Counts(
            np.array(["city"], dtype=object), (lgbtiq,), numbers, np.uint8(Mechanism.SAMPLE), "2020"
        )
        share = pick(run(town(survey=(survey,))), "share", group="lgbtiq=yes")
        if code:
            assert isinstance(share.value, Undefined)
            assert share.value.code == code
        else:
            assert share.interval is None
            assert "no standard error" in share.interval_method


# -- names that break text ----------------------------------------------------------------------


def test_categories_with_signs_of_the_group_text() -> None:
    odd = Dimension("origin", ("Bosnia & Herzegovina", "a=b", "<5 & more"))
    found = run(town(counts(values(45, (3, 2)), odd, SEX)))
    crossed = [f for f in found.findings if f.dimension == "origin × sex" and f.group]
    assert len(crossed) == 6
    assert any("“Bosnia & Herzegovina”" in f.explanation for f in crossed)
    f = isopolis.measure(found.city, "dissimilarity", "origin=Bosnia && Herzegovina", simulations=19)
    assert f.number == pytest.approx(
        pick(found, "dissimilarity", group="origin=Bosnia && Herzegovina").number, abs=1e-12
    )


# -- other things that a run says ---------------------------------------------------------------------


def test_settings_and_progress() -> None:
    said: list[str] = []
    city = town(counts(values(45, (3, 2)), ORIGIN, SEX))
    found = isopolis.diagnose(city, seed=3, simulations=19, today="2026-01-31", progress=said.append)
    assert found.settings["seed"] == 3
    assert found.settings["simulations"] == 19
    assert found.settings["date of the run"] == "2026-01-31"
    assert found.settings["isopolis"] == isopolis.__version__
    assert any("origin" in s for s in said)
    assert any("crossing 1 of 1" in s for s in said)


def test_noise_and_rounding_are_said() -> None:
    x = values(45, (3,))
    for mechanism, word in (
        (Mechanism.ROUNDED, "multiples of 3"),
        (Mechanism.CELL_KEY, "Noise"),
        (Mechanism.DP, "Noise"),
        (Mechanism.MODELLED, "estimates"),
    ):
        table = table_of(counts(x, ORIGIN, mechanism=np.uint8(mechanism), parameter=3.0))
        assert any(word in c for c in table.caveats), mechanism


def test_small_groups_and_few_zones_carry_a_caveat() -> None:
    x = np.stack([np.full(8, 5.0), np.full(8, 300.0)], axis=1)
    x[0, 0] = 30
    found = run(town(counts(x, SEX), districts=False))
    f = pick(found, "gini", group="sex=female")
    assert any("Only 65 people" in c for c in f.caveats)
    assert any("Only 8 zones" in c for c in f.caveats)
    assert not any("Only 65" in c for c in pick(found, "gini", group="").caveats)


def test_two_universes_of_one_dimension_stay_apart() -> None:
    a = counts(values(45, (2,), 1), SEX, universe="residents")
    b = counts(values(45, (2,), 2), SEX, universe="pupils")
    found = run(town(a, b))
    both = [f for f in found.findings if f.measure == "gini" and not f.group]
    assert {f.provenance["universe"] for f in both} == {"residents", "pupils"}
    assert not any(f.measure.endswith("_change") for f in found.findings)


def test_levels_with_gaps_or_one_unit_are_left_out() -> None:
    where = place(45)
    gaps = np.array(where.parents["district"])
    gaps[3] = ""
    parents = {"quarter": gaps, "all": np.full(45, "x", dtype=object), "self": where.ids}
    city = town(counts(values(45, (3,)), ORIGIN), where=replace(where, parents=parents))
    assert not any(f.measure.startswith("mutual_information_") for f in run(city).findings)
