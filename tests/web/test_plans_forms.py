"""Forms of plans: what somebody did not touch stays as it is, numbers are read in one way only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from isopolis.web.plans.actions import EditAction
from isopolis.web.plans.lines import parsed
from isopolis.web.plans.models import ActionPlan

from . import test_plans
from .test_plans import now

row = test_plans.row

LONG: dict[str, Any] = {
    "responses": [
        {"point": f"Point {n} | of\nseveral lines", "decision": "in_part", "why": "w" * 90}
        for n in range(150)
    ],
    "evidence": [{"kind": "document", "ref": "r|1", "why": "First line.\nSecond | line. " + "x" * 7900}] * 2,
    "risks": ["One risk\nin two lines"],
}


def sent(client: Client, row: ActionPlan, **more: str) -> Any:
    """Send the form as a browser does, with the fields that somebody has changed."""
    form = client.get(row.address("plan_action_edit", "a1")).context["form"]
    data = {k: ("" if v is None else v) for k, v in form.initial.items() if v is not False}
    data = {k: v.isoformat() if hasattr(v, "isoformat") else v for k, v in data.items()}
    data = {k: v.replace("\n", "\r\n") if isinstance(v, str) else v for k, v in data.items()}
    return client.post(row.address("plan_action_edit", "a1"), data | more)


def test_lists_that_nobody_touched_stay_as_they_are(
    row: ActionPlan, owner: Any, browse: Callable[[Any], Client]
) -> None:
    EditAction(owner, row.home, row=now(row), name="a1", fields=LONG).run()
    before = now(row).plan.actions[0]
    logged = len(now(row).plan.changes)
    assert sent(browse(owner), row, gap="Nothing looks at hours yet").status_code == 302
    after = now(row).plan.actions[0]
    assert after.gap == "Nothing looks at hours yet"
    assert {f: getattr(after, f) for f in LONG} == {f: getattr(before, f) for f in LONG}
    assert [c.what for c in now(row).plan.changes[logged:]] == ["gap"]


def test_lists_that_somebody_touched_are_read(
    row: ActionPlan, owner: Any, browse: Callable[[Any], Client]
) -> None:
    client = browse(owner)
    assert sent(client, row, risks="Staff is not found", outputs="").status_code == 302
    made = now(row).plan.actions[0]
    assert (made.risks, made.outputs) == (("Staff is not found",), ())
    assert sent(client, row, responses="x" * 8001).status_code == 200
    assert sent(client, row, milestones="Vote | soon").status_code == 200


@pytest.mark.parametrize("cell", ["12,000", "1,234,567", "0,125", "1.234,500"])
def test_a_number_that_can_be_read_in_two_ways_is_asked_again(cell: str) -> None:
    with pytest.raises(ValidationError, match=r"not written as it should be \(12\.5\)"):
        parsed("indicators", f"Places | places | {cell}")


@pytest.mark.parametrize(
    ("cell", "number"), [("12,5", 12.5), ("12000", 12000.0), ("0.125", 0.125), ("3,14", 3.14)]
)
def test_a_number_that_can_be_read_in_one_way(cell: str, number: float) -> None:
    assert parsed("indicators", f"Places | places | {cell}")[0]["baseline"] == number


def test_the_log_names_nobody_by_an_address(
    row: ActionPlan, owner: Any, browse: Callable[[Any], Client]
) -> None:
    client = browse(owner)
    type(owner).objects.filter(pk=owner.pk).update(name="")

    def table() -> str:
        page = client.get(row.address("plan_log")).content.decode()
        return page[page.index("<main") : page.index("</main>")]

    assert owner.email not in table()
    assert f"account {owner.pk}" in table()
    type(owner).objects.filter(pk=owner.pk).update(name="Olga Owner")
    assert "Olga Owner" in table()
