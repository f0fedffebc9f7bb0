"""Corrections for small zones beside a finding: when they are asked for, what is said, when they disagree."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from isopolis.flows.benchmark import Row
from isopolis.flows.compare import Comparison, Part, part_of
from isopolis.flows.diagnosis import Diagnosis
from isopolis.flows.differences import differences
from isopolis.flows.locals import local_table
from isopolis.flows.observe import table_of
from isopolis.flows.small_units import read, said_of, told
from isopolis.measure.inference import Corrected, corrections
from isopolis.model import Finding, Mechanism
from isopolis.report.prose import Names
from isopolis.report.small_units import corrected_for_small_zones

from .towns import ORIGIN, SEX, counts, place, run, town, values


def small() -> np.ndarray:
    return values(30, (3,), size=12.0)


@pytest.fixture(scope="module")
def found() -> Diagnosis:
    return run(town(counts(small(), ORIGIN), drawn=False, districts=False))


def of(diagnosis: Diagnosis) -> list[Finding]:
    return [f for f in diagnosis.findings if f.measure == "dissimilarity" and f.versus == "rest"]


def test_every_correction_is_named_in_the_finding_and_said(found: Diagnosis) -> None:
    x = small()
    for g, finding in enumerate(of(found)):
        two = np.stack([x[:, g], x.sum(axis=1) - x[:, g]], axis=1)
        assert read(json.loads(finding.to_json())["detail"]) == corrections(two, seed=20240131)
        assert [c.name for c in read(finding.detail)][:3] == [
            "expected value", "half-sample jackknife", "Rathelot",
        ]  # fmt: skip
        assert "hold few people" in said_of(finding)
        assert "by half-sample jackknife" in said_of(finding)
        warned = any("disagree in sign" in c for c in finding.caveats)
        assert warned == finding.detail["corrections_disagree"] == ("disagree" in said_of(finding))


def test_large_zones_noise_and_samples_are_left_alone(found: Diagnosis) -> None:
    x = small()
    noisy = counts(x, ORIGIN, mechanism=np.full(x.shape, Mechanism.CELL_KEY, np.uint8), parameter=2.0)
    for one in (counts(values(30, (3,), size=300.0), ORIGIN), noisy, counts(x, ORIGIN, weighted=True)):
        made = run(town(one, drawn=False, districts=False))
        assert all("corrections" not in f.detail for f in made.findings)
    assert all("corrections" not in f.detail for f in found.findings if f.measure != "dissimilarity")


def test_report_has_them_side_by_side(found: Diagnosis) -> None:
    text, listed, *assumes = list(corrected_for_small_zones(of(found), Names(found.city)))
    assert "chance alone" in text.text  # type: ignore[union-attr]
    assert listed.head[:3] == ("Group", "Value", "expected value")  # type: ignore[union-attr]
    assert len(listed.rows) == 3  # type: ignore[union-attr]
    assert any("Carrington and Troske (1997)" in a.text for a in assumes)  # type: ignore[union-attr]
    assert list(corrected_for_small_zones([], Names(found.city))) == []


def test_a_comparison_warns_where_corrections_disagree_and_only_there() -> None:
    def part(city: str, values: dict[str, float]) -> Part:
        made = tuple(Corrected(n, v, v, "It holds.", "(2000)").to_dict() for n, v in values.items())
        return Part(
            label=city, measure="dissimilarity", city=city, value=0.4, low=0.3, high=0.5, corrections=made
        )

    first, second = part("Anna", {"a": 0.30, "b": 0.20}), part("Bert", {"a": 0.25, "b": 0.26})
    (tested,) = differences([Row("t", Comparison((first, second), ()))])
    assert "disagree in sign: above 0 by a; below 0 by b" in tested.caution
    assert tested.to_dict()["caution"] == tested.caution
    (quiet,) = differences([Row("t", Comparison((first, replace(second, corrections=())), ()))])
    assert quiet.caution == ""
    assert "caution" not in quiet.to_dict()
    assert Part.from_dict(json.loads(json.dumps(first.to_dict()))).corrections == first.corrections
    assert told((), ()) == ""


def test_a_part_takes_the_corrections_of_its_finding(found: Diagnosis) -> None:
    finding = of(found)[0]
    assert len(part_of(finding, label="Town").corrections) == len(read(finding.detail))


# -- marks on local maps ---------------------------------------------------------------------


def test_zones_of_a_map_stand_out_only_beyond_chance() -> None:
    x = np.tile([[70.0, 30.0]], (40, 1))
    x[3], x[7] = [10, 90], [0, 0]
    made = run(town(counts(x, SEX), where=place(40, drawn=False)))
    (local,) = made.local
    assert local.stands_out is not None
    assert local.stands_out[3].tolist() == [-1, 1]
    assert not np.delete(local.stands_out, 3, axis=0).any()
    (zone,) = [f for f in made.findings if f.measure == "local_mutual_information" and f.scope == "003"]
    assert zone.detail["beyond_chance"] == {"female": "below", "male": "above"}
    assert "Benjamini and Yekutieli" in zone.detail["beyond_chance_method"]


def test_no_marks_where_chance_is_not_all_that_lies_between() -> None:
    x = values(20, (2,))
    for more in (
        {"weighted": True},
        {"mechanism": np.full(x.shape, Mechanism.ROUNDED, np.uint8), "parameter": 3.0},
    ):
        local = local_table(table_of(counts(x, SEX, **more)), 20)  # type: ignore[arg-type]
        assert local.stands_out is None
