"""An attacker who reads everything that is public, and knows the method, against what must stay hidden."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

import isopolis
from isopolis.model import City, Counts, Dimension, Finding, Mechanism, Zones
from isopolis.model.text import from_plain
from isopolis.privacy import Ledger, Policy, release
from isopolis.report.local import FEWEST
from isopolis.web.datasets.models import Dataset
from isopolis.web.datasets.storage import snapshot
from isopolis.web.diagnoses.store import result_folder
from isopolis.web.publish.gate import gate_of, ledger_of
from isopolis.web.publish.models import GateRecord, Publication

from .publishing import addresses, diagnosed, light, prepared, published, undrawn

__all__ = ["light", "undrawn"]  # fixtures

SIDE = 6
GROUPS = {"origin": ["local", "region", "abroad"], "faith": ["one", "other", "none"]}
TOML = """name = "Smallcounts"
notes = ["example data, not a real place"]
[[sources]]
key = "office"
title = "Invented counts"
[zones]
file = "zones.geojson"
id = "zone"
kind = "zone"
parents = { district = { prefix = 1 } }
""" + "".join(
    f"""[[tables]]
file = "people.csv"
layout = "wide"
zone = "zone"
date = "2024"
source = "office"
[[tables.dimensions]]
name = "{name}"
columns = {json.dumps(columns)}
sensitive = {"true" if name == "faith" else "false"}
"""
    for name, columns in GROUPS.items()
)


def counts_of(seed: int = 7) -> np.ndarray:
    """(36, 6) people: some counts small, some empty, both dimensions with the same total."""
    rng = np.random.default_rng(seed)
    origin = rng.poisson([220, 40, 7], (SIDE * SIDE, 3))
    total = origin.sum(axis=1)
    small = rng.poisson([12, 45], (SIDE * SIDE, 2))
    faith = np.stack([small[:, 0], small[:, 1], total - small.sum(axis=1)], axis=1)
    return np.concatenate([origin, faith], axis=1)


def town(counts: np.ndarray) -> dict[str, bytes]:
    ids = [f"{'ABC'[i // (2 * SIDE)]}{i:02d}" for i in range(SIDE * SIDE)]
    head = ",".join(["zone", *(c for columns in GROUPS.values() for c in columns)])
    lines = [head, *(f"{z}," + ",".join(map(str, row)) for z, row in zip(ids, counts.tolist(), strict=True))]
    shapes = []
    for i, zone in enumerate(ids):
        x, y = 2.0 + 0.01 * (i % SIDE), 41.0 + 0.01 * (i // SIDE)
        ring = [[x, y], [x + 0.01, y], [x + 0.01, y + 0.01], [x, y + 0.01], [x, y]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        shapes.append({"type": "Feature", "properties": {"zone": zone}, "geometry": geometry})
    outlines = json.dumps({"type": "FeatureCollection", "features": shapes})
    return {
        "people.csv": "\n".join(lines).encode() + b"\n",
        "zones.geojson": outlines.encode(),
        "city.toml": TOML.encode(),
    }


@pytest.fixture
def job(owner: Any, city: Any) -> Any:
    return diagnosed(owner, city, town(counts_of()))


def true_city(job: Any) -> City:
    dataset = Dataset.objects.get(pk=job.subject)
    return isopolis.load(snapshot(dataset, dataset.config))


def everything_public(row: Publication) -> dict[str, str]:
    """Every page, file and frame that a visitor can get."""
    seen = {p: t for p, t in addresses(Client(), "/p/").items() if p.startswith(row.public_url)}
    seen["embed"] = Client().get(row.public_url + "embed/").content.decode()
    return seen


def public_files(row: Publication) -> dict[str, str]:
    return {str(p.relative_to(row.folder)): p.read_text() for p in row.folder.rglob("*") if p.is_file()}


def anew(row: Publication, city: City, policy: Policy) -> dict[tuple[str, str, str, str], float | None]:
    """What the gate gives out, computed apart from the pages: (level, unit, dimension, category) → number."""
    dated = [c for c in city.counts if c.dimensions]
    out = release(
        dated, policy, Ledger(), secret=bytes(gate_of(row.workspace).secret), purpose="x", now="y",
        parents=city.zones.parents,
    )  # fmt: skip
    cells: dict[tuple[str, str, str, str], float | None] = {}
    for block in out.safe:
        if not block.names:
            continue
        for at in np.ndindex(*block.counts.values.shape):
            shown = block.counts.mechanism[at] < Mechanism.INTERVAL
            key = (block.level, str(block.counts.zone_ids[at[0]]), block.names[0],
                   block.counts.dimensions[0].categories[at[1]])  # fmt: skip
            cells[key] = float(block.counts.values[at]) if shown else None
    return cells


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("protection", ["cell_key", "suppress"])
def test_every_public_count_is_the_released_one(owner: Any, city: Any, job: Any, protection: str) -> None:
    row = published(owner, city, job, protection=protection)
    wanted = anew(row, true_city(job), Policy(protection=protection))  # type: ignore[arg-type]
    text = b"".join(Client().get(f"{row.public_url}files/counts.csv").streaming_content).decode()
    found: dict[tuple[str, str, str, str], float | None] = {}
    for line in csv.DictReader(io.StringIO(text)):
        if line["category"]:
            key = (line["level"], line["unit"], line["dimension"], line["category"])
            found[key] = float(line["people"]) if line["people"] else None
            assert (line["note"] == "") is (line["people"] != ""), "what is not shown says so"
    assert found == wanted
    assert None in found.values(), "this town has cells to hide"
    hidden = {k for k, v in found.items() if v is None}
    # the pages: the same numbers, and words where there is none
    for k, name in enumerate(GROUPS):
        page = Client().get(f"{row.public_url}tables/{k}/").content.decode()
        rows = re.findall(r'<tr><th scope="row" class="words">(.*?)</th>(.*?)</tr>', page)
        for zone, cells in rows:
            if zone == "Whole city":
                continue
            shown = re.findall(r"<td>(.*?)</td>", cells)[:-1]
            for category, cell in zip(GROUPS[name], shown, strict=True):
                key = ("zone", zone, name, category)
                want = "not shown" if key in hidden else f"{wanted[key]:,.0f}"
                assert cell == want, key


@pytest.mark.usefixtures("undrawn")
def test_no_true_small_count_is_shown_where_noise_moved_it(owner: Any, city: Any, job: Any) -> None:
    row = published(owner, city, job)
    truth, moved, small = true_city(job), 0, 0
    data = json.loads(b"".join(Client().get(f"{row.public_url}files/counts.json").streaming_content))
    for table in data:
        true = next(c for c in truth.counts if c.dimensions[0].name == table["dimension"])
        units = next(level["units"] for level in table["levels"] if level["level"] == "zone")
        for unit, real in zip(units, true.values.tolist(), strict=True):
            for cell, count in zip(unit["cells"], real, strict=True):
                if 0 < count < 10:
                    small += 1
                    moved += cell != count
                    assert cell == "hidden" or abs(cell - count) <= 5
    assert small > 20
    assert moved > 0.5 * small, "small counts are as a rule not the true ones"


def test_true_numbers_are_in_no_file_that_is_made_for_the_public(owner: Any, city: Any, job: Any) -> None:
    row = published(owner, city, job)
    found = json.loads((result_folder(job) / "findings.json").read_text())
    exact = {
        repr(f[n])
        for f in found
        for n in ("value", "expected", "excess", "sd", "p")
        if isinstance(f[n], float)
    }
    exact |= {repr(v) for f in found for v in _floats(f["detail"])} | {
        repr(end) for f in found for end in f["interval"] or ()
    }
    exact = {e for e in exact if len(e.rstrip("0")) >= 8}
    released = derived(row)
    sha = {s for f in found for s in re.findall(r"\b[0-9a-f]{64}\b", json.dumps(f["provenance"]))}
    assert len(exact) > 50
    assert sha
    for name, text in (public_files(row) | everything_public(row)).items():
        numbers = set(re.findall(r"-?\d+\.\d+(?:e-?\d+)?", text))
        assert exact & numbers == set(), name
        assert not [s for s in sha if s in text], name
        for told in re.findall(r"(?<![\d.,])(\d[\d,]*) (?:people|persons)", text):
            n = int(told.replace(",", ""))  # pages of findings round to tens
            assert n in released or n % 10 == 0, (name, n)


def derived(row: Publication) -> set[int]:
    """Numbers in the released table, and what anybody can add up from them: people of a unit, of a group.

    Maps also say how many live where a group has at least twice its share of the city.
    """
    text = (row.folder / "counts.csv").read_text()
    sums: dict[tuple[str, ...], int] = {}
    for line in csv.DictReader(io.StringIO(text)):
        if line["category"] and line["people"]:
            for key in ("level", "dimension", "unit"), ("level", "dimension", "category"):
                of = (*key, *(line[k] for k in key))
                sums[of] = sums.get(of, 0) + round(float(line["people"]))
    return {int(n) for n in re.findall(r"\d+", text)} | set(sums.values()) | _twice(row)


def _twice(row: Publication) -> set[int]:
    found = set()
    for table in json.loads((row.folder / "counts.json").read_text()):
        units = next(level["units"] for level in table["levels"] if level["level"] == "zone")
        cells = [u["cells"] for u in units if "hidden" not in u["cells"]]
        if not cells:
            continue
        known = np.array(cells, dtype=float)
        people = known.sum(axis=1)
        known, people = known[people > 0], people[people > 0]
        above = known / people[:, None] >= 2 * known.sum(axis=0) / people.sum()
        # maps leave out zones in which next to nobody lives
        found |= {round(people[above[:, g] & (people >= FEWEST)].sum()) for g in range(known.shape[1])}
    return found


def _floats(item: Any) -> list[float]:
    if isinstance(item, dict):
        return [x for v in item.values() for x in _floats(v)]
    if isinstance(item, list):
        return [x for v in item for x in _floats(v)]
    return [item] if isinstance(item, float) else []


def test_why_something_is_hidden_is_told_to_staff_only(owner: Any, city: Any, job: Any, browse: Any) -> None:
    row = published(owner, city, job)
    staff = GateRecord.objects.get(publication=row).staff
    assert staff["rules"]
    said = browse(owner).get(row.get_absolute_url()).content.decode()
    for rule, told, _n in staff["rules"]:
        reason = str(from_plain(told))
        assert reason in said.replace("&#x27;", "'")
        for name, text in (public_files(row) | everything_public(row)).items():
            assert reason not in text, name
            assert f'"{rule}"' not in text, name
    for word in ("lower", "upper", "primary", "withheld", '"variance"'):
        for name, text in public_files(row).items():
            if not name.endswith(".csv"):
                assert f'"{word}":' not in text or '"withheld": []' in text, (name, word)


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("protection", ["cell_key", "suppress"])
def test_findings_tell_nothing_that_the_public_counts_do_not_tell(
    owner: Any, city: Any, job: Any, protection: str
) -> None:
    """Whoever has the public counts can compute the findings; the few others hold few digits."""
    row = published(owner, city, job, protection=protection)
    text = b"".join(Client().get(f"{row.public_url}files/findings.json").streaming_content)
    shown = [Finding.from_dict(f) for f in json.loads(text)]
    measured = json.loads((row.folder / "pages" / "public.json").read_text())["basis"]
    assert len(shown) > 15
    assert 0 in measured
    again = {_question(f): f for f in isopolis.diagnose(_rebuilt(row, true_city(job), protection)).findings}
    for own, f in zip(measured, shown, strict=True):
        if not own:
            mine = again[_question(f)]
            assert f.number == pytest.approx(mine.number, abs=6e-4, rel=0.06), _question(f)
    # the counts that noise or hiding leaves open, at 1 bit each, against three digits of every other value
    counts = [c for t in json.loads((row.folder / "counts.json").read_text()) for u in t["levels"][0]["units"]
              for c in u["cells"]]  # fmt: skip
    unknown = counts.count("hidden") * 3.4 + (protection == "cell_key") * 2.5 * sum(
        c not in (0, "hidden") for c in counts
    )
    assert len({f.number for own, f in zip(measured, shown, strict=True) if own}) * 9.97 < unknown / 3.5


def _question(f: Finding) -> tuple[str, ...]:
    return (f.measure, f.dimension, f.group, f.versus, f.scale, f.scope, f.date)


def _rebuilt(row: Publication, shapes: City, protection: str) -> City:
    """A city made of the public counts and the outlines, which are no secret."""
    data = json.loads((row.folder / "counts.json").read_text())
    tables = []
    for t in data:
        units = next(level["units"] for level in t["levels"] if level["level"] == "zone")
        cells = [[np.nan if isinstance(c, str) else c for c in u["cells"]] for u in units]
        values = np.array(cells, dtype=float)
        hidden = np.isnan(values)
        made = _released(row, t, protection)
        most = np.where(hidden, made.upper, 0.0)
        code = np.where(hidden, Mechanism.INTERVAL, Mechanism.CELL_KEY if protection == "cell_key" else 0)
        dimension = next(c for c in shapes.counts if c.dimensions[0].name == t["dimension"]).dimensions[0]
        ids = np.array([u["id"] for u in units], dtype=object)
        tables.append(
            Counts(ids, (dimension,), np.where(hidden, most / 2, values), code.astype(np.uint8), t["date"],
                   t["universe"], parameter=made.parameter, lower=np.where(hidden, 0.0, values),
                   upper=np.where(hidden, most, values))
        )  # fmt: skip
    return dataclasses.replace(shapes, counts=tuple(tables), survey=())


def _released(row: Publication, t: dict[str, Any], protection: str) -> Counts:
    """The gate's release: bounds of hidden cells follow from what is shown, and V of the noise is public."""
    out = release(
        list(true_city(row.diagnosis).counts), Policy(protection=protection), Ledger(),  # type: ignore[arg-type]
        secret=bytes(gate_of(row.workspace).secret), purpose="x", now="y",
        parents=true_city(row.diagnosis).zones.parents,
    )  # fmt: skip
    return next(c for c in out.tables if c.dimensions[0].name == t["dimension"])


# -- more than one publication ---------------------------------------------------------------------------
@pytest.mark.usefixtures("undrawn")
def test_a_moved_boundary_is_refused_where_counts_are_true(owner: Any, city: Any, job: Any) -> None:
    published(owner, city, job, protection="suppress")
    moved = counts_of()
    moved[4] += [3, 0, 0, 0, 0, 3]  # one house of the next city now belongs to the zone
    later = diagnosed(owner, city, town(moved))
    row = prepared(owner, city, later, protection="suppress")
    assert row.state == "refused"
    staff = GateRecord.objects.get(publication=row).staff
    assert {r[0] for r in staff["rules"]} & {"differencing", "not-protected"}
    assert Client().get(row.public_url).status_code == 404
    assert not [n for n in ledger_of(city)[1] if n == row.number]


@pytest.mark.usefixtures("undrawn")
def test_a_moved_boundary_is_covered_by_noise(owner: Any, city: Any, job: Any) -> None:
    first = published(owner, city, job)
    moved = counts_of()
    moved[4] += [3, 0, 0, 0, 0, 3]
    second = published(owner, city, diagnosed(owner, city, town(moved)))
    staff = GateRecord.objects.get(publication=second).staff
    assert staff["pairs"] > 0
    assert staff["covered"] > 0
    before, after = (json.loads((r.folder / "counts.json").read_text()) for r in (first, second))
    same = total = 0
    for a, b in zip(before, after, strict=True):
        for u, v in zip(a["levels"][0]["units"], b["levels"][0]["units"], strict=True):
            if u["id"] != "A04":
                total += 1
                same += u["cells"] == v["cells"]
    assert same >= total - 2, "who did not move keeps the noise: averaging many releases brings nothing"


@pytest.mark.usefixtures("undrawn")
def test_one_category_more_is_compared_too(owner: Any, city: Any) -> None:
    """Locals published alone, then with newcomers beside them: nothing exact about newcomers follows."""
    counts = counts_of()
    first = published(owner, city, diagnosed(owner, city, town(counts)), protection="suppress")
    more = town(counts)
    more["city.toml"] = TOML.replace('"local", "region", "abroad"', '"local", "abroad"').encode()
    row = prepared(owner, city, diagnosed(owner, city, more), protection="suppress")
    hidden = {u["id"] for u in json.loads((first.folder / "counts.json").read_text())[0]["levels"][0]["units"]
              if "hidden" in u["cells"]}  # fmt: skip
    assert hidden
    if row.state == "ready":  # then no zone in which "abroad" was hidden may show it now
        later = json.loads((row.folder / "counts.json").read_text())
        table = next((t for t in later if t["dimension"] == "origin"), None)
        for unit in table["levels"][0]["units"] if table else ():
            if unit["id"] in hidden:
                assert unit["cells"][1] == "hidden" or unit["cells"][1] >= 10
    else:
        assert row.state == "refused"


def test_findings_of_large_cities_are_the_measured_ones() -> None:
    """Thousands of noisy cells hide far more than a few rounded indices tell."""
    from isopolis.flows.publication import MEASURED, prepare_publication

    rng = np.random.default_rng(1)
    ids = np.array([f"z{i}" for i in range(900)], dtype=object)
    values = rng.poisson([90, 20, 30], (900, 3)).astype(float)
    counts = Counts(ids, (Dimension("age", ("young", "middle", "old")),), values, np.uint8(0), "2024")
    place = City("Large", Zones(ids), (counts,))
    found = isopolis.diagnose(place, simulations=19).findings
    made = prepare_publication(
        place, found, Policy(digits=3), Ledger(), secret=b"s" * 16, purpose="p", now="2026-01-01"
    )
    kinds = {b for b, f in zip(made.basis, made.diagnosis.findings, strict=True) if f.scope == "city"}
    assert kinds == {MEASURED}
    true = {_question(f): f.number for f in found if f.defined}
    for basis, f in zip(made.basis, made.diagnosis.findings, strict=True):
        if basis == MEASURED:
            assert f.number == round(true[_question(f)], 3)
        else:
            assert f.measure == "local_mutual_information"


def test_the_folder_holds_only_files_that_pages_read(owner: Any, city: Any, job: Any) -> None:
    row = published(owner, city, job)
    names = {re.sub(r"-.*", "", Path(n).name) for n in public_files(row)}
    assert names == {
        "overview.json", "list", "findings", "figure", "table", "public.json", "findings.csv",
        "findings.json", "counts.csv", "counts.json",
    }  # fmt: skip
