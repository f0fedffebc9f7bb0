"""A module in which people can vote."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache

from .votes import module_for_votes


@pytest.fixture(autouse=True)
def votes_are_possible(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """Let a phase of the discussion open a vote."""
    from isopolis.web.modules.models import Phase

    monkeypatch.setattr(Phase, "opens", property(lambda _self: frozenset({"vote"})))
    cache.clear()


@pytest.fixture
def module(owner: Any, city: Any) -> Any:
    return module_for_votes(owner, city)


@pytest.fixture
def officer(staff: dict[str, Any]) -> Any:
    return staff["participation_officer"]
