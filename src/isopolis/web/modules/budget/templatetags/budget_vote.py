"""Links to the vote, the result and the delivery of a budget, for the page of its process and its own."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from isopolis.web.ballots.models import Vote
from isopolis.web.modules.budget.access import address
from isopolis.web.modules.budget.models import Idea

register = template.Library()


@register.simple_tag
def budget_links(module: Any) -> list[tuple[str, str]]:
    """Return words and addresses of what there is; nothing for another kind of module."""
    if module.kind != "budget":
        return []
    ideas = Idea.objects.filter(budget__module=module)
    state = Vote.objects.filter(module=module).values_list("state", flat=True).first()
    out = []
    if state is not None or ideas.filter(state=Idea.State.ON_BALLOT).exists():
        out.append((_("What we vote on"), address(module, "budget_vote")))
    if state == Vote.State.OPEN:
        out.append((_("Vote"), address(module, "ballot_vote")))
    if state == Vote.State.TALLIED:
        out.append((_("Result"), address(module, "budget_result")))
    if state == Vote.State.TALLIED and ideas.filter(won=True).exists():
        out.append((_("What became of it"), address(module, "budget_delivery")))
    return out
