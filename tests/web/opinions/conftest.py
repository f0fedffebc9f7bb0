"""A conversation in which people can vote."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from isopolis.web.modules.actions import CreateProcess, EditProcess, PublishProcess
from isopolis.web.modules.models import Module
from isopolis.web.modules.opinions import limits, tasks
from isopolis.web.modules.opinions.actions import AddSeeds
from isopolis.web.modules.opinions.models import (
    Conversation,
)

from .talks import SEEDS


@pytest.fixture
def module(city: Any, owner: Any) -> Module:
    start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    made = CreateProcess(owner, city, "How do we want to live?", "opinions", start).run()
    EditProcess(owner, city, made, made.title, "Example data, not a real place.").run()
    PublishProcess(owner, city, made).run()
    return Module.objects.get(process=made)


@pytest.fixture
def talk(module: Module, owner: Any) -> Conversation:
    AddSeeds(owner, module.process.workspace, module, SEEDS, "en").run()
    found = Conversation.objects.get(module=module)
    found.module = module
    return found


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FASTEST", 0.0)
    monkeypatch.setattr(tasks, "resamples_for", lambda _votes: 20)
