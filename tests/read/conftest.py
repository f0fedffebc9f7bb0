from __future__ import annotations

from pathlib import Path

import pytest

from .small_city import write_small


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A small valid city with its city.toml."""
    return write_small(tmp_path / "small")


@pytest.fixture(scope="session")
def small_shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, made once; not to be written to."""
    return write_small(tmp_path_factory.mktemp("shared") / "small")
