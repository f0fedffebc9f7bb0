"""What consultations tell a plan: whether the public was asked, what is unanswered, where to look."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from isopolis.web.modules.models import Process
from isopolis.web.plans.models import ActionPlan
from isopolis.web.plans.standing import Told

from .models import Consultation
from .responses import open_points

__all__ = ["told_of"]


def told_of(row: ActionPlan, now: datetime) -> Told:
    """Return what the consultations on a plan tell of it."""
    found = Consultation.objects.filter(plan=row).select_related("module__process__workspace")
    held = [c for c in found if c.process.state != Process.State.DRAFT]
    points: dict[str, int] = {}
    for one in held:
        for action, n in open_points(one).items():
            points[action] = points.get(action, 0) + n
    windows = [w for c in held for w in c.module.windows("answer")]
    over = bool(windows) and all(end <= now for _start, end in windows)
    links = tuple(
        (_("Consultation: %(title)s") % {"title": c.process.title}, c.module.get_absolute_url()) for c in held
    )
    if row.workspace is not None:
        opening = reverse("consultation_open", args=[row.workspace.slug, row.number])
        links = (*links, (_("Ask the public"), opening))
    # what was added later, or was a proposal then, nobody could say anything about
    asked = frozenset(a["id"] for c in held for a in c.shown["actions"])
    return Told(known=bool(held), over=over, asked=asked, open_points=points, links=links)
