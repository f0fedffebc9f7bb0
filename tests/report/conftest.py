"""A made-up diagnosis with everything a report must bear: hostile names, hidden cells, gaps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import shapely

from isopolis.flows.diagnosis import Diagnosis, LocalTable
from isopolis.model import City, Counts, Dimension, Finding, Mechanism, Problem, Source, Undefined, Zones

HOSTILE = '<script>alert(1)</script> & "x" #*_$ \\ @a'
OURS = '<!DOCTYPE html>\n<html lang="en">\n<meta name="generator" content="Isopolis 0.1">old'
"""As much of an earlier report as says that it is one."""
NOTICE = "example data, not a real place"
AGE = Dimension("age", ("0-14", "15-64", "65+"), ordered=True)
ORIGIN = Dimension(
    "origin",
    ("here", "abroad", HOSTILE),
    label="Origin <b>bold</b>",
    labels={"here": "Born here", "abroad": "Née à l’étranger"},
)
SEX = Dimension("sex", ("female", "male"), labels={"female": "Women", "male": "Men"})
DATES = ("2015", "2025")


def people(zones: int, groups: int, strength: float, seed: int) -> np.ndarray:
    """(Z, G) whole persons: one zone empty, one with fewer than thirty."""
    rng = np.random.default_rng(seed)
    field = np.linspace(-1, 1, zones)[:, None] * np.linspace(-strength, strength, groups)
    share = np.exp(field + 0.1 * rng.standard_normal((zones, groups)))
    share /= share.sum(axis=1, keepdims=True)
    size = rng.integers(200, 900, zones)
    size[3 % zones], size[5 % zones] = 0, 12
    return np.floor(share * size[:, None])


def local_table(counts: Counts) -> LocalTable:
    """Local results by the textbook, zone by zone in plain numpy."""
    x, known = counts.values, counts.covered
    n = np.where(known, x.sum(axis=1), 0.0)
    measured = n > 0
    city = x[measured].sum(axis=0) / n.sum() if measured.any() else np.zeros(x.shape[1])
    share = np.divide(x, n[:, None], out=np.zeros_like(x), where=measured[:, None])
    quotient = np.divide(share, city, out=np.zeros_like(x), where=city > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        local = np.where(share > 0, share * np.log(share / city), 0.0).sum(axis=1)
    part = n * local / max(float((n * local).sum()), 1e-300)
    chance = np.divide(x.shape[1] - 1, 2 * n, out=np.zeros_like(n), where=measured)
    return LocalTable(counts, n, measured, share, quotient, local, chance, part)


def dissimilarity(x: np.ndarray, g: int) -> float:
    """D of one column from the rest."""
    group, rest = x[:, g], x.sum(axis=1) - x[:, g]
    return float(0.5 * np.abs(group / max(group.sum(), 1) - rest / max(rest.sum(), 1)).sum())


def findings_of(counts: Counts, kind: str) -> list[Finding]:
    """Findings of one dimension at one date, shaped as the diagnosis shapes them."""
    x, dim = counts.values, counts.dimensions[0]
    total, shares = x.sum(), np.maximum(x.sum(axis=0), 1) / x.sum()
    zones = int((x.sum(axis=1) > 0).sum())
    mix = np.divide(
        x, x.sum(axis=1, keepdims=True), out=np.zeros_like(x), where=x.sum(axis=1, keepdims=True) > 0
    )
    base = {
        "dimension": dim.name,
        "date": counts.date,
        "scale": kind,
        "n_people": int(total),
        "n_zones": zones,
    }
    out = []
    for g, category in enumerate(dim.categories):
        group, d = f"{dim.name}={category}", dissimilarity(x, g)
        mine = base | {"group": group, "n_group": int(x[:, g].sum())}
        out.append(
            Finding(
                "dissimilarity",
                d,
                versus="rest",
                expected=0.03,
                maximum=1.0,
                excess=(d - 0.03) / 0.97,
                sd=0.002,
                null_method="exact, fixed margins",
                interval=(d - 0.01, d + 0.01),
                interval_method="conditional central limit, about the generating probabilities",
                explanation=f"{100 * d:.0f} in a hundred of {dim.label_of(category)} would have to move.",
                provenance={"seed": 7},
                **mine,
            )
        )
        for h, other in enumerate(dim.categories):
            met = float((x[:, g] * mix[:, h]).sum() / max(x[:, g].sum(), 1))
            name, versus = ("isolation", "rest") if g == h else ("exposure", f"{dim.name}={other}")
            out.append(Finding(name, met, versus=versus, expected=float(shares[h]), **mine))
    m = float(
        sum(
            (x[:, g] * np.log(np.where(mix[:, g] > 0, mix[:, g], 1) / shares[g])).sum()
            for g in range(x.shape[1])
        )
        / total
    )
    out.append(Finding("mutual_information", m, expected=0.001, **base))
    out.append(Finding("information_theory", m, expected=0.001, excess=m, explanation="H in words.", **base))
    for radius in (500, 1000, 2000):
        scale = {"scale": f"{radius} m"}
        out.append(Finding("spatial_information_theory", m * 500 / radius, expected=0.0005, **(base | scale)))
    out.append(Finding("mutual_information_between", 0.7 * m, **(base | {"scale": "district"})))
    out.append(Finding("mutual_information_within", 0.3 * m, **(base | {"scale": "district"})))
    out.append(Finding("gini", Undefined("group-absent", "Nobody of this group is counted <here>."), **base))
    return out


def changes(findings: list[Finding]) -> list[Finding]:
    """Change of every group's D between the two dates."""
    old = {f.group: f for f in findings if f.measure == "dissimilarity" and f.date == DATES[0]}
    out = []
    for new in findings:
        if new.measure == "dissimilarity" and new.date == DATES[1] and new.group in old:
            before = old[new.group]
            value = new.number - before.number
            out.append(
                Finding(
                    "dissimilarity_change",
                    value,
                    dimension=new.dimension,
                    group=new.group,
                    versus="rest",
                    scale=new.scale,
                    date="/".join(DATES),
                    interval=(value - 0.01, value + 0.01),
                    interval_method="difference of two dates",
                    n_people=new.n_people,
                    n_zones=new.n_zones,
                    detail={"before": {"value": before.number}, "after": {"value": new.number}},
                )
            )
    return out


def squares(count: int, side: float = 400.0) -> np.ndarray:
    """Square outlines in rows; the last zone has none, as in real life."""
    columns = int(np.ceil(np.sqrt(count)))
    i = np.arange(count)
    x, y = 430_000 + (i % columns) * side, 4_580_000 + (i // columns) * side
    shapes = shapely.box(x, y, x + side, y + side).astype(object)
    if count > 8:
        shapes[-1] = None
    return shapes


def make_counts(zones: int, ids: np.ndarray, *, hide: bool = True) -> list[Counts]:
    """Three dimensions at two dates; one zone has a hidden cell, one was not asked about origin."""
    out = []
    for d, date in enumerate(DATES):
        for s, dim in enumerate((AGE, ORIGIN, SEX)):
            x = people(zones, len(dim.categories), (1.2 - 0.3 * d) * (0.3, 1.0, 0.05)[s], seed=10 * d + s)
            how = np.zeros(x.shape, dtype=np.uint8)
            if dim is ORIGIN and hide and zones > 12:
                how[7, 1], how[11, :] = Mechanism.INTERVAL, Mechanism.NOT_COLLECTED
                x[11] = 0
            out.append(
                Counts(ids, (dim,), x, how, date=date, source="city", lower=np.zeros_like(x), upper=x + 5)
            )
    return out


def make_diagnosis(zones: int = 64, *, geometry: bool = True, shapes: np.ndarray | None = None) -> Diagnosis:
    """Make a diagnosis of a grid city."""
    ids = np.array([f"{i:07d}" for i in range(zones)], dtype=object)
    names = np.array([f"Quarter {i}" for i in range(zones)], dtype=object)
    names[zones - 2] = HOSTILE
    names[0] = "=cmd|' /C calc'!A0"
    parents = {"district": np.array([f"D{i * 4 // zones}" for i in range(zones)], dtype=object)}
    outlines = squares(zones) if shapes is None else shapes
    area = Zones(
        ids, names, "quarter", parents, outlines if geometry else None, "EPSG:25831" if geometry else ""
    )
    tables = make_counts(zones, ids)
    survey = Counts(
        np.array(["city"], dtype=object),
        (Dimension("lgbtiq", ("yes", "no"), label="LGBTIQ"),),
        np.array([[5_000.0, 60_000.0]]),
        np.full((1, 2), Mechanism.SAMPLE, dtype=np.uint8),
        date="2025",
        se=np.array([[600.0, 600.0]]),
    )
    city = City(
        f"Gridville {HOSTILE}",
        area,
        tuple(tables),
        "grid",
        "ES",
        (survey,),
        (
            Source(
                "city",
                "Register & <i>more</i>",
                "City",
                "CC BY 4.0",
                "2025-01-01",
                "https://example.org/data",
                ("people.csv",),
                {"people.csv": "ab" * 32},
            ),
        ),
        (
            Problem(
                "no-outline",
                f"zone without outline: {HOSTILE}",
                file="zones.gpkg",
                rows=(65,),
                column="id",
                value="0000063",
                rule="every zone has an outline",
                hint="Ask for it.",
                fatal=False,
            ),
        ),
        (NOTICE,),
    )
    findings = [f for t in tables for f in findings_of(t, "quarter")]
    findings += changes(findings)
    findings += [
        Finding(
            "share",
            v,
            dimension="lgbtiq",
            group=f"lgbtiq={g}",
            versus="rest",
            scale="city",
            date="2025",
            interval=(v - 0.01, v + 0.01),
            interval_method="stated standard errors",
            n_people=65_000,
            n_zones=1,
            explanation="8 % say so.",
        )
        for g, v in (("yes", 0.08), ("no", 0.92))
    ]
    findings += [
        Finding(
            "information_theory",
            0.01 * i,
            dimension="origin",
            scale="quarter",
            scope=f"district:D{i}",
            expected=0.001,
            date="2025",
            n_people=8_000,
            n_zones=16,
        )
        for i in range(1, 4)
    ]
    findings += [
        Finding(
            "dissimilarity",
            d,
            dimension="age × sex",
            group=f"age=65+ & sex={s}",
            versus="rest",
            scale="quarter",
            date="2025",
            expected=0.1,
            excess=d,
            n_people=30_000,
            n_group=2_000,
            n_zones=60,
        )
        for s, d in (("female", 0.2), ("male", 0.3))
    ]
    findings.append(
        Finding("local_mutual_information", 0.3, dimension="origin", scope=str(ids[-1]), date="2025")
    )
    top = sorted(
        (f for f in findings if f.measure == "dissimilarity" and f.date == DATES[1]),
        key=lambda f: -(f.excess or 0),
    )[:5]
    return Diagnosis(
        city,
        tuple(findings),
        tuple(top),
        {i: f"Rank {i + 1}: large excess." for i in range(5)},
        tuple(sorted((local_table(t) for t in tables), key=lambda t: t.counts.date, reverse=True)),
        ("Nothing is known about disability by zone.", f"Nor about {HOSTILE}."),
        (),
        {
            "seed": 7,
            "simulations": 200,
            "versions": {"isopolis": "0.1", "numpy": np.__version__},
            "date": "2026-01-02",
        },
    )


@pytest.fixture(scope="session")
def diagnosis() -> Diagnosis:
    return make_diagnosis()


@pytest.fixture(scope="session")
def made(diagnosis: Diagnosis, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    from isopolis.report import write_report

    return write_report(diagnosis, tmp_path_factory.mktemp("report") / "out")


@pytest.fixture(scope="session")
def build() -> Callable[..., Diagnosis]:
    return make_diagnosis
