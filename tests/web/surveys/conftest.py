"""A process with a survey whose form is open."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone

from isopolis.web.modules.actions import CreateProcess, EditProcess, PublishProcess
from isopolis.web.modules.models import Module
from isopolis.web.modules.surveys import views
from isopolis.web.modules.surveys.actions import KeepForm, MarkSpecial, OpenForm
from isopolis.web.modules.surveys.models import Survey

from .forms import book


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    """Let tests answer faster than people."""
    monkeypatch.setattr(views, "FASTEST", 0)
    monkeypatch.setattr(views, "PER_DRAWER", 10_000)
    cache.clear()


@pytest.fixture
def module(city: Any, owner: Any) -> Module:
    start = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    made = CreateProcess(owner, city, "How do you get around?", "survey", start).run()
    EditProcess(owner, city, made, made.title, "On ways through the city.").run()
    PublishProcess(owner, city, made).run()
    found = Module.objects.get(process=made)
    found.process = made
    made.workspace = city
    return found


@pytest.fixture
def survey(module: Module, owner: Any, city: Any) -> Survey:
    """An open form with one question that the law protects."""
    KeepForm(owner, city, module, book()).run()
    MarkSpecial(owner, city, module, {"ill": "to plan stops that ill people can use"}).run()
    OpenForm(owner, city, module).run()
    found = Survey.objects.get(module=module)
    found.module = module
    return found


@pytest.fixture
def home(module: Module) -> str:
    return module.get_absolute_url()
