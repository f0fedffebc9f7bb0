"""Cities that questions about access are put to: the example city, and copies of two real folders."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from isopolis.cli.app import run
from isopolis.flows.access import access
from isopolis.flows.access_asked import AccessAsked, AccessFound
from isopolis.flows.access_load import load_access
from isopolis.model import AccessData

Ask = Callable[..., AccessFound]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example city, as the command writes it."""
    place = tmp_path_factory.mktemp("access") / "example"
    assert run(["example", str(place)]) == 0
    return place


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example city with few zones, for folders that are changed and read again."""
    place = tmp_path_factory.mktemp("access") / "small"
    assert run(["example", str(place), "--zones", "40"]) == 0
    return place


@pytest.fixture(scope="session")
def example(folder: Path) -> AccessData:
    return load_access(folder)


@pytest.fixture(scope="session")
def ask(example: AccessData) -> Ask:
    """Put a question to the example city; without new sites, which take the longest."""

    def go(service: str = "health_centre", profile: str = "manual_wheelchair", **more: object) -> AccessFound:
        asked: dict[str, object] = {"others": ("adult",), "sites": 0, "by": (("age",), ("disability",))}
        return access(example, AccessAsked(service, profile, **(asked | more)))  # type: ignore[arg-type]

    return go


@pytest.fixture(scope="session")
def wheelchair(ask: Ask) -> AccessFound:
    return ask(by=(("age",), ("age", "disability")))


def real_copy(data: Path, name: str, to: Path) -> Path:
    """Copy a real folder without what was worked out elsewhere, and let `init` write its city.toml."""
    place = to / name
    shutil.copytree(data / f"access_{name}", place, copy_function=shutil.copyfile)
    place.chmod(0o755)
    (place / "expected.json").unlink()
    assert run(["init", str(place)]) == 0
    return place


@pytest.fixture(scope="session")
def porto_alegre(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return real_copy(data, "porto_alegre", tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="session")
def belo_horizonte(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return real_copy(data, "belo_horizonte", tmp_path_factory.mktemp("real"))
