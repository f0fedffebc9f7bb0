"""What an import costs, and what it must not bring along. Everything runs in processes of its own."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = "pandas scipy pyarrow shapely pyproj pyogrio geopandas openpyxl matplotlib typst".split()
FRONT_ENDS = ["typer", "rich", "jinja2"]
HELP = "import sys; sys.argv = ['isopolis', '--help']; from isopolis.cli import main; main()"
ROUNDS = 7


def run(code: str) -> subprocess.CompletedProcess[str]:
    # -P keeps the folder of the tests out of the path; the source tree stands in for an installed package
    environment = os.environ | {"PYTHONPATH": str(ROOT / "src")}
    command = [sys.executable, "-P", "-c", code]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)


def cpu_seconds(code: str) -> float:
    """User and system time of one run."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run(code)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stderr
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def cheapest(*codes: str) -> list[float]:
    """Smallest cost of each, over interleaved rounds: other load on the machine only ever adds."""
    for code in codes:
        cpu_seconds(code)  # writes the byte code
    rounds = [[cpu_seconds(code) for code in codes] for _ in range(ROUNDS)]
    return [min(costs) for costs in zip(*rounds, strict=True)]


def loaded(code: str, names: list[str]) -> set[str]:
    done = run(f"{code}\nimport json, sys\nprint(json.dumps(sorted(set(sys.modules) & set({names!r}))))")
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_package_brings_no_heavy_library() -> None:
    assert loaded("import isopolis", HEAVY + FRONT_ENDS) == set()


def test_importing_the_command_line_brings_no_heavy_library() -> None:
    assert loaded("import isopolis.cli", HEAVY) == set()


def test_the_list_of_heavy_libraries_is_noticed() -> None:
    assert loaded("import pandas", HEAVY) >= {"pandas"}


def test_importing_the_package_costs_little_more_than_numpy() -> None:
    ours, numpy = cheapest("import isopolis", "import numpy")
    assert ours <= 1.5 * numpy, f"import isopolis takes {ours:.3f} s of CPU, import numpy {numpy:.3f} s"


def test_help_answers_at_once() -> None:
    done = run(HELP)
    assert done.returncode == 0, done.stderr
    assert "diagnose" in done.stdout
    (cost,) = cheapest(HELP)
    assert cost < 0.5, f"isopolis --help takes {cost:.3f} s of CPU"


@pytest.mark.parametrize("name", ["load", "measure", "explain", "diagnose", "write_report"])
def test_public_functions_stay_functions(name: str) -> None:
    # importing the room isopolis.measure must not put a module in the place of the function isopolis.measure
    rooms = "import isopolis.measure, isopolis.explain, isopolis.report, isopolis.read"
    for code in ("import isopolis", f"import isopolis\n{rooms}", f"{rooms}\nimport isopolis"):
        done = run(f"{code}\nassert callable(isopolis.{name}), isopolis.{name}")
        assert done.returncode == 0, done.stderr


def test_public_names_are_listed_and_exist() -> None:
    done = run(
        "import isopolis\n"
        "assert len(set(isopolis.__all__)) == len(isopolis.__all__) > 0\n"
        "assert set(isopolis.__all__) <= set(dir(isopolis)), set(isopolis.__all__) - set(dir(isopolis))\n"
        "for name in isopolis.__all__:\n"
        "    getattr(isopolis, name)\n"
    )
    assert done.returncode == 0, done.stderr
