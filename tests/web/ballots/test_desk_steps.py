"""What two people do, one after the other; what is asked for and taken back; paper after the end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from isopolis.web import ballots
from isopolis.web.audit.models import AuditEvent
from isopolis.web.ballots import desk_views, refusals
from isopolis.web.ballots.grouping import RefusedError
from isopolis.web.ballots.models import Papers, Refusal, Step, Vote

from ..test_pages import check
from .votes import end_phase, opened, reason


def place(module: Any, name: str) -> str:
    process = module.process
    return reverse(f"ballot_{name}", args=[process.workspace.slug, process.number, module.pk])


def test_a_double_click_does_not_ask_for_the_next_step(
    owner: Any, officer: Any, module: Any, browse: Callable[[Any], Client]
) -> None:
    opened(owner, module)
    end_phase(module)
    ballots.close(owner, module)
    two = browse(officer)
    desk = two.get(place(module, "desk")).text
    assert '<input type="hidden" name="kind" value="close">' in desk
    for _click in range(2):
        assert two.post(place(module, "end"), {"kind": "close"}).status_code == 302
    assert Vote.objects.get().state == "closed"
    assert not Step.objects.filter(kind="tally").exists()
    assert "You have asked for it" not in two.get(place(module, "desk")).text
    for _click in range(2):
        two.post(place(module, "end"), {"kind": "tally"})
    assert Step.objects.filter(kind="tally").count() == 1


def test_what_was_asked_for_is_taken_back(
    owner: Any, officer: Any, module: Any, staff: dict[str, Any], browse: Callable[[Any], Client]
) -> None:
    opened(owner, module)
    end_phase(module)
    ballots.close(owner, module)
    for other in ("moderator", "viewer", "stranger"):
        with pytest.raises(PermissionDenied):
            ballots.take_back_ask(staff[other], module, "close")
    one = browse(owner)
    page = one.get(place(module, "desk"))
    check(page, place(module, "desk"))
    assert 'name="back"' in page.text
    assert one.post(place(module, "end"), {"kind": "close", "back": ""}).status_code == 302
    assert not Step.objects.exists()
    assert AuditEvent.objects.filter(verb="ballot.unask").count() == 1
    assert 'name="back"' not in one.get(place(module, "desk")).text
    # from now on it needs two people again
    assert ballots.close(officer, module) == "asked"
    assert ballots.close(owner, module) == "closed"
    with pytest.raises(ValidationError, match="cannot be taken further"):
        ballots.take_back_ask(owner, module, "close")


def test_nobody_is_marked_after_the_last_day(owner: Any, module: Any) -> None:
    opened(owner, module)
    ballots.mark(owner, module, "ID-00001")
    end_phase(module)
    assert reason(lambda: ballots.mark(owner, module, "ID-00002")) == "closed"
    ballots.enter(owner, module, ["p1"])  # envelopes that came in time are opened afterwards
    papers = Papers.objects.get()
    assert (papers.marked, papers.entered) == (1, 1)


def test_a_refusal_is_counted_by_one_statement(owner: Any, module: Any) -> None:
    vote, _codes = opened(owner, module)
    now = timezone.now()
    refusals.counted(vote, RefusedError("code"), now)
    with CaptureQueriesContext(connection) as caught:
        refusals.counted(vote, RefusedError("code"), now)
    told = [q["sql"] for q in caught if "SAVEPOINT" not in q["sql"]]
    assert [s.partition(" ")[0] for s in told] == ["UPDATE"]
    assert Refusal.objects.get().count == 2


@pytest.mark.parametrize("name", ["=1+1", "\rid", "\tid", "@x"])
def test_a_table_of_codes_runs_no_formula(owner: Any, module: Any, rf: Any, name: str) -> None:
    vote, _codes = opened(owner, module)
    answer = desk_views._table(rf.get("/"), vote, {name: "AAAA"})
    assert f"'{name}" in answer.content.decode()
