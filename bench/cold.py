"""One index at 100 zones, cold start and warm, ours beside PySAL `segregation`, for each of its classes.

Cold is the CPU time of a process of its own: interpreter, imports, table, first value. Warm is a call
after it.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Sequence
from datetime import date
from typing import Any

from .peers import environment, run_in
from .segregation import AGREE, PEER

CLASSES = {
    "one": (
        "AbsoluteCentralization AbsoluteClustering AbsoluteConcentration Atkinson BiasCorrectedDissim "
        "BoundarySpatialDissim ConProf CorrelationR Delta DensityCorrectedDissim Dissim "
        "DistanceDecayInteraction DistanceDecayIsolation Entropy Gini Interaction Isolation MinMax "
        "ModifiedDissim ModifiedGini PARDissim RelativeCentralization RelativeClustering "
        "RelativeConcentration SpatialDissim SpatialProxProf SpatialProximity LocalRelativeCentralization"
    ).split(),
    "many": (
        "GlobalDistortion MultiDissim MultiDivergence MultiDiversity MultiGini MultiInfoTheory "
        "MultiNormExposure MultiRelativeDiversity MultiSquaredCoefVar SimpsonsConcentration "
        "SimpsonsInteraction LocalDistortion MultiLocalDiversity MultiLocalEntropy MultiLocationQuotient "
        "MultiLocalSimpsonConcentration MultiLocalSimpsonInteraction"
    ).split(),
}
"""PySAL's classes: of one group against everybody else, and of several groups."""

OTHER_VALUE = {
    "AbsoluteClustering": "their nearness rises with distance",
    "RelativeClustering": "their nearness rises with distance",
    "SpatialProximity": "their nearness rises with distance",
    "DistanceDecayInteraction": "their nearness rises with distance",
    "DistanceDecayIsolation": "their nearness rises with distance",
    "BiasCorrectedDissim": "they draw 500 tables, ours is exact",
    "ModifiedDissim": "they draw 500 times, ours is exact",
    "ModifiedGini": "both draw",
    "GlobalDistortion": "zones equally far are taken in order by them, together by us",
    "ConProf": "they sum in 1,000 steps, ours is exact",
    "SpatialProxProf": "they sum in 1,000 steps, ours is exact",
    "DensityCorrectedDissim": "both search for a maximum, in different ways",
}
"""Classes whose values differ, and why."""


def run(names: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Measure every class, or those named; the two sides in turn."""
    python = environment("segregation", PEER)
    rows: list[dict[str, Any]] = []
    for kind, classes in CLASSES.items():
        for name in classes:
            if names and name not in names:
                continue
            print(name, file=sys.stderr)
            ours = run_in(sys.executable, "cold_ours.py", name, kind)
            theirs = run_in(python, "cold_peer.py", name, kind)
            rows += compare(name, ours, theirs)
    return rows


def compare(name: str, ours: dict[str, Any], theirs: dict[str, Any]) -> list[dict[str, Any]]:
    """Two rows of one class; raise if both sides do not measure the same thing."""
    note = OTHER_VALUE.get(name, "")
    if not note and ours["value"] is not None and abs(ours["value"] - theirs["value"]) > AGREE:
        raise SystemExit(f"{name}: ours {ours['value']}, theirs {theirs['value']}")
    conditions = (
        f"100 zones, {date.today().isoformat()}, {platform.machine()}, {os.cpu_count()} cores shared with "
        f"other work, one thread, Python {platform.python_version()}, PySAL {PEER}"
    )
    return [
        {
            "name": f"{name}, {how}",
            "ours": ours[how],
            "peer": theirs[how],
            "ratio": theirs[how] / ours[how],
            "unit": "CPU seconds",
            "conditions": f"{conditions}; {note}" if note else conditions,
        }
        for how in ("cold", "warm")
    ]
