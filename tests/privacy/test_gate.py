"""The gate: tables and findings, twice, and what it says to people."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from isopolis.model import CallError, Finding, Mechanism, Undefined
from isopolis.privacy import Ledger, Policy, Release, release

from .tables import AGE, FAITH, SECRET, table

SUPPRESS = Policy(protection="suppress")
DISTRICTS = {"district": ["a", "a", "b", "b"]}
COUNTS = table([[20, 30, 4], [20, 30, 46], [15, 16, 17], [50, 40, 30]], AGE)


def publish(items, policy: Policy = Policy(), ledger: Ledger = Ledger(), **more) -> Release:  # noqa: B008
    return release(items, policy, ledger, secret=SECRET, purpose="open data", now="2026-01-01", **more)


def test_noise_is_the_default() -> None:
    out = publish(COUNTS, parents=DISTRICTS)
    (made,) = out.tables
    assert (made.mechanism == Mechanism.CELL_KEY).all()
    assert out.audit.parameters["D"] == 5
    assert out.withheld == ()
    assert {b.level for b in out.safe} == {"zone", "district", "city"}
    again = publish(COUNTS, ledger=out.ledger, parents=DISTRICTS)
    np.testing.assert_array_equal(again.tables[0].values, made.values)
    assert again.audit.compared.clashes == ()


def test_a_new_noisy_release_of_revised_counts_is_covered_by_noise() -> None:
    out = publish(COUNTS)
    later = publish(dataclasses.replace(COUNTS, values=COUNTS.values + 1), ledger=out.ledger)
    assert later.tables
    assert later.audit.compared.covered > 0


def test_suppression_refuses_what_an_earlier_release_gives_away() -> None:
    out = publish(COUNTS, SUPPRESS, parents=DISTRICTS)
    assert out.tables[0].hidden[0, 2]
    assert any(h.rule == "few-people" and h.zone == "z0" for h in out.withheld)
    assert publish(COUNTS, SUPPRESS, out.ledger, parents=DISTRICTS).tables
    later = publish(dataclasses.replace(COUNTS, values=COUNTS.values + 1), SUPPRESS, out.ledger)
    assert later.tables == ()
    assert later.ledger == out.ledger
    assert {h.rule for h in later.withheld} >= {"differencing"}
    assert any("refused" in n for n in later.audit.notes)
    off = dataclasses.replace(SUPPRESS, differencing=False)
    assert publish(dataclasses.replace(COUNTS, values=COUNTS.values + 1), off, out.ledger).tables


def test_sensitive_dimensions_have_their_own_threshold() -> None:
    counts = table([[60, 20, 70], [70, 60, 0], [50, 80, 90], [99, 98, 97]], FAITH)
    made = publish(counts).tables[0]
    assert made.hidden[0, 1]
    assert made.hidden[1, 2]  # nobody: that tells, too
    by_policy = table(counts.values, AGE)
    assert not publish(by_policy).tables[0].hidden.any()
    assert publish(by_policy, Policy(sensitive=frozenset({"age"}))).tables[0].hidden.any()


def test_bounds_under_noise_hold_and_do_not_come_from_true_counts() -> None:
    counts = table([[60, 20, 70], [70, 60, 0], [50, 80, 90], [99, 98, 97]], FAITH)
    out = publish(counts)
    made = out.tables[0]
    hidden = made.hidden
    assert (made.lower[hidden] == 0).all()
    assert (counts.values[hidden] <= made.upper[hidden]).all()
    assert {(a.low) for a in out.audit.hidden} == {0.0}


def test_one_attribute_is_hidden_under_noise() -> None:
    counts = table([[14, 0, 0], [20, 30, 46], [15, 16, 17], [50, 40, 30]], AGE)
    out = publish(counts)
    assert out.tables[0].hidden[0].all()
    assert {h.rule for h in out.withheld} == {"one-attribute"}


def test_households_and_bad_calls() -> None:
    homes = np.full((4, 3), 9)
    homes[3, 2] = 1
    out = publish(COUNTS, households=[homes])
    assert out.tables[0].hidden[3, 2]
    with pytest.raises(CallError):
        publish([COUNTS, Finding("dissimilarity", 0.3)])
    with pytest.raises(CallError):
        publish([COUNTS, table([[1, 2, 3]], AGE)])
    with pytest.raises(CallError):
        release(COUNTS, Policy(), Ledger(), secret=b"", purpose="", now="")
    with pytest.raises(CallError):
        Policy(protection="hope")  # type: ignore[arg-type]
    with pytest.raises(CallError):
        Policy(threshold=20, sensitive_threshold=10)


# -- findings -----------------------------------------------------------------------------------------
BASE = Finding(
    "dissimilarity", 0.123456789, "sex", "sex=female", "rest", n_people=1234, n_group=617, n_zones=12,
    expected=0.01234567, interval=(0.1111111, 0.1333333), explanation="12.3% would have to move.",
)  # fmt: skip


def out_of(finding: Finding, **more) -> Finding:
    (made,) = publish([finding], **more).safe
    return made


def with_(**changes) -> Finding:
    return dataclasses.replace(BASE, **changes)


def test_a_finding_about_many_is_rounded() -> None:
    made = out_of(BASE)
    assert (made.value, made.expected, made.interval) == (0.1235, 0.0123, (0.1111, 0.1333))
    assert (made.n_people, made.n_group) == (1230, 620)
    assert made.explanation == BASE.explanation


@pytest.mark.parametrize(
    "finding",
    [
        with_(n_group=9, caveats=("Only 9 people in this group: read the excess.",)),
        with_(n_group=1230),
        with_(scope="z1", n_people=50, n_group=20),
        with_(scope="z1", detail={"people": 99}, n_group=20),
        with_(scope="z1", n_people=500, n_group=700),
        with_(group="", n_people=7, n_group=7),
    ],
)
def test_a_finding_about_few_is_withheld_and_says_so(finding: Finding) -> None:
    made = out_of(finding)
    assert isinstance(made.value, Undefined)
    assert made.value.code == "withheld"
    assert made.explanation == made.value.reason
    assert (made.expected, made.interval, made.n_group, made.n_people, made.detail) == (None, None, 0, 0, {})
    assert made.caveats == ()
    assert (made.group, made.scope) == (finding.group, finding.scope)


def test_sensitive_groups_by_zone_need_more_people() -> None:
    local = with_(scope="z1", n_people=500, n_group=20)
    assert out_of(local).defined
    assert not out_of(local, sensitive=frozenset({"sex"})).defined
    assert out_of(with_(n_group=20), sensitive=frozenset({"sex"})).defined


def test_the_detail_of_a_zone_loses_small_groups_and_enough_others() -> None:
    share = {"a": 0.6, "b": 0.02, "c": 0.3, "d": 0.08}
    detail = {
        "people": 203,
        "share": share,
        "location_quotient": share,
        "contribution": 0.12345,
        "raw": [1, 2],
    }
    local = with_(group="", scope="z1", detail=detail, explanation="12.34% of people")
    result = publish([local])
    (made,) = result.safe
    assert made.detail["withheld"] == ["b", "d"]  # d goes too: else 1 − the others would tell b
    assert made.detail["share"] == {"a": 0.6, "c": 0.3}
    assert set(made.detail["location_quotient"]) == {"a", "c"}
    assert made.detail["people"] == 200
    assert "raw" not in made.detail
    assert made.explanation == "12% of people"
    assert [h.action for h in result.withheld] == ["coarsened"]


def test_a_change_is_as_closed_as_its_dates() -> None:
    before, after = with_(date="2015", n_group=5), with_(date="2020")
    change = with_(measure="dissimilarity_change", date="2015/2020", detail={"before": {"value": 0.123456}})
    made = publish([before, after, change]).safe
    assert [f.defined for f in made] == [False, True, False]
    alone = out_of(change)
    assert alone.detail["before"] == {"value": 0.1235}


def test_small_groups_are_not_counted_in_words() -> None:
    made = out_of(with_(n_group=37, caveats=("Only 37 people in this group: read the excess.",)))
    assert not any("37" in c for c in made.caveats)
