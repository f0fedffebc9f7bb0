"""Persons of a survey: the bootstrap without weights, replicate weights with them, every mistake at once."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from isopolis.cli.app import run
from isopolis.flows.sampled import NAMES, Persons, doubts, persons, read_said, sampled, sentence
from isopolis.measure import MEASURES
from isopolis.measure.inference import person_bootstrap
from isopolis.model import CallError, DataError

ROWS = 240


def written(folder: Path, **columns: object) -> Path:
    rng = np.random.default_rng(4)
    zone = np.array(["North", "South", "07"])[rng.integers(0, 3, ROWS)]
    group = np.where(rng.random(ROWS) < np.where(zone == "North", 0.7, 0.3), "here", "abroad")
    base: dict[str, object] = {"zone": zone, "group": group, "w": 1.0 + rng.random(ROWS).round(3)}
    for r in range(1, 5):
        base[f"w{r}"] = (1.0 + rng.random(ROWS)).round(3)
    columns = {k: np.broadcast_to(v, ROWS) for k, v in (base | columns).items()}
    path = folder / "persons.csv"
    lines = [",".join(columns), *(",".join(str(c[i]) for c in columns.values()) for i in range(ROWS))]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_persons_are_drawn_again_where_there_are_no_weights(tmp_path: Path) -> None:
    given = persons(written(tmp_path), zone="zone", group="group")
    assert given.groups in (("here", "abroad"), ("abroad", "here"))
    assert "07" in given.zones
    x = given.table()
    assert x.sum() == ROWS
    found = sampled(given, seed=3, count=49)
    assert tuple(f.measure for f in found) == NAMES
    kernel = MEASURES["dissimilarity"].kernel
    assert found[0].found == person_bootstrap(x, lambda t: float(kernel(t)), seed=3, count=49)
    assert found[0].found.value == float(kernel(x))


def test_replicate_weights_follow_the_surveys_formula(tmp_path: Path) -> None:
    given = persons(written(tmp_path), zone="zone", group="group", weight="w", replicates=["w*"])
    assert given.replicates is not None
    assert given.replicates.shape == (4, ROWS)
    kernel = MEASURES["variance_ratio"].kernel
    value = float(kernel(given.table(given.weight)))
    values = np.array([float(kernel(given.table(w))) for w in given.replicates])
    found = next(f for f in sampled(given, kind="sdr") if f.measure == "variance_ratio").found
    assert found.se == pytest.approx(np.sqrt((4 / 4 * (values - value) ** 2).sum()), rel=1e-12)
    assert "4 replicate weights (sdr)" in found.method


def test_the_main_weight_is_no_replicate_of_itself(tmp_path: Path) -> None:
    # some surveys call the main weight w0 and the replicates w1, w2 …
    path = written(tmp_path, w0=np.round(1 + np.arange(ROWS) % 7 / 7, 3))
    given = persons(path, zone="zone", group="group", weight="w0", replicates=["w*"])
    assert given.replicates is not None
    assert len(given.replicates) == 4
    with pytest.raises(CallError, match="main weight"):
        persons(path, zone="zone", group="group", weight="w0", replicates=["w0", "w1"])


def test_a_group_of_few_persons_gets_no_value_and_is_named(tmp_path: Path) -> None:
    # of three persons of one zone a twentieth of the samples drawn again would have nobody
    group = np.where(np.arange(ROWS) < 3, "rare", np.array(["a", "b"])[np.arange(ROWS) % 2])
    given = persons(written(tmp_path, group=group), zone="zone", group="group")
    assert sorted(f.group for f in sampled(given, count=49) if f.group) == ["a", "b"]
    assert any(d == "Fewer than 10 persons, too few for a value of their own: rare." for d in doubts(given))
    two = np.where(np.arange(ROWS) < 3, "rare", "a")
    with pytest.raises(CallError, match="two groups of 10 persons"):
        sampled(persons(written(tmp_path, group=two), zone="zone", group="group"), count=49)


def test_weights_of_nobody_and_one_column_twice_are_refused(tmp_path: Path) -> None:
    given = persons(written(tmp_path, w=0), zone="zone", group="group", weight="w", replicates=["w*"])
    with pytest.raises(CallError, match="weights are 0"):
        sampled(given)
    with pytest.raises(CallError, match="both the column"):
        persons(written(tmp_path), zone="zone", group="zone")


def test_each_group_against_the_rest_where_there_are_three(tmp_path: Path) -> None:
    three = np.array(["a", "b", "c"])[np.arange(ROWS) % 3]
    found = sampled(persons(written(tmp_path, group=three), zone="zone", group="group"), count=49)
    assert sorted(f.group for f in found if f.group) == ["a", "b", "c"]


def test_what_is_wrong_is_said_all_at_once(tmp_path: Path) -> None:
    with pytest.raises(DataError) as missing:
        persons(written(tmp_path), zone="nowhere", group="none", weight="w", replicates=["x*"])
    assert len(missing.value.problems) == 3
    bad = np.array(["1"] * ROWS, dtype=object)
    bad[[3, 8]] = ["", "-2"]
    holes = np.array(["a", "b"] * (ROWS // 2), dtype=object)
    holes[5] = ""
    with pytest.raises(DataError) as wrong:
        persons(written(tmp_path, w=bad, group=holes), zone="zone", group="group", weight="w")
    assert {p.code for p in wrong.value.problems} == {"empty-cell", "bad-weight"}


def test_no_error_is_made_up(tmp_path: Path) -> None:
    path = written(tmp_path)
    with pytest.raises(CallError, match="replicate weights"):
        sampled(persons(path, zone="zone", group="group", weight="w"))
    with pytest.raises(CallError, match="--weight"):
        persons(path, zone="zone", group="group", replicates=["w*"])
    with pytest.raises(CallError, match="two zones"):
        sampled(persons(written(tmp_path, zone="one"), zone="zone", group="group"))


def test_the_command_prints_words_or_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = str(written(tmp_path))
    options = [path, "--zone", "zone", "--group", "group", "--weight", "w", "--replicates", "w*"]
    assert run(["sample", *options]) == 0
    assert "standard error" in capsys.readouterr().out
    assert run(["sample", *options, "--json", "--kind", "jk1"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["runs"] == 4
    assert run(["sample", path, "--zone", "zone", "--group", "group", "--weight", "w"]) == 2


def test_the_corrected_value_stands_beside_its_interval_and_the_raw_one_is_named() -> None:
    rng = np.random.default_rng(1)
    zone, group = rng.integers(0, 40, 400), rng.integers(0, 2, 400)
    group[zone < 12] = 0
    found = sampled(Persons(tuple(map(str, range(40))), ("a", "b"), zone, group), count=99)
    for one in found:
        low, high = one.found.interval
        assert 0 <= low <= one.found.corrected <= high
        assert one.found.value > one.found.corrected
        told = sentence(one)
        assert f": {one.found.corrected:.4f}, standard error" in told
        assert told.endswith(f"bias included: {one.found.value:.4f}.")


def test_no_interval_leaves_what_the_index_can_be() -> None:
    """Zones without any pattern: all that is counted is what the sample adds."""
    rng = np.random.default_rng(2)
    even = Persons(("n", "s", "w"), ("a", "b"), np.arange(180) % 3, rng.integers(0, 2, 180))
    ends = [f.found.interval for f in sampled(even, count=49)]
    assert all(0 == low < high < 0.5 for low, high in ends[1:])
    given = Persons(
        tuple(map(str, range(90))), ("a", "b"), np.repeat(np.arange(90), 2), rng.integers(0, 2, 180)
    )
    found = sampled(given, count=49)
    assert all(0 <= f.found.interval[0] <= f.found.interval[1] <= 1 for f in found)
    none = replace(found[0], found=replace(found[0].found, corrected=0.0))
    assert "as good as 0" in sentence(none)
    assert not doubts(given)
    assert read_said(given) == "Read: 180 persons, 90 zones, 2 groups."


def test_counts_are_not_taken_for_persons(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [f"s{i},{g},{7 * i}" for i in range(30) for g in "ab"]
    path = tmp_path / "cells.csv"
    path.write_text("\n".join(["zone,group,n", *rows]), encoding="utf-8")
    asked = ["sample", str(path), "--zone", "zone", "--group", "group"]
    assert run(asked) == 1
    told = capsys.readouterr().err
    assert "no two share zone and group" in told
    assert '"n" may say how many people' in told
    path.write_text("\n".join(["zone,group,n", *rows, *rows]), encoding="utf-8")
    assert run([*asked, "--runs", "49"]) == 0
    told = capsys.readouterr().out
    assert "Read: 120 persons, 30 zones, 2 groups." in told
    assert "each row was taken as one person" in told
    amounts = Persons(("a", "b"), tuple(map(str, range(21))), np.arange(420) % 2, np.arange(420) % 21)
    assert "put them into classes" in doubts(amounts)[0]


def test_a_wrong_name_is_a_wrong_call(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sample", "nofile.csv", "--zone", "a", "--group", "b"]) == 2
    told = capsys.readouterr().err
    assert "there is no file nofile.csv" in told
    assert "city.toml" not in told
    assert run(["sample", str(written(tmp_path)), "--zone", "a", "--group", "group"]) == 2
    assert 'no column "a"' in capsys.readouterr().err
