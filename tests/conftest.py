"""What every test shares: where the real data is, and what a missing tool means."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from . import databases

ROOT = Path(__file__).resolve().parents[1]
IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")

settings.register_profile(
    "isopolis", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.load_profile("isopolis")


def missing(what: str) -> None:
    """Fail in CI, skip with the reason on a laptop."""
    if IN_CI:
        pytest.fail(f"{what} is missing, and nothing skips in CI")
    pytest.skip(f"{what} is missing")


@pytest.fixture(scope="session")
def data() -> Path:
    """Folder of real data: ISOPOLIS_DATA, or ../shared/data beside the project."""
    folder = Path(os.environ.get("ISOPOLIS_DATA", ROOT / ".." / "shared" / "data")).resolve()
    if not folder.is_dir():
        missing(f"the data folder {folder} (set ISOPOLIS_DATA)")
    return folder


WHOLE = {"browser", "chromium"}
"""Fixtures that start a browser."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes a browser or a platform to break; ``make test`` leaves it to ``make test-whole``."""
    for item in items:
        if WHOLE & set(getattr(item, "fixturenames", ())) or item.path.parent == ROOT / "tests" / "faults":
            item.add_marker(pytest.mark.whole)


def pytest_sessionstart() -> None:
    """Begin with nothing that a run of the same number has left when it was killed."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        databases.clear()


def pytest_sessionfinish() -> None:
    """Clear away what the processes of a run have shared."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        databases.end()
