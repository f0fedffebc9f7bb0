"""What jobs keep about people."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from isopolis.web.protect.register import Erase, Record
from isopolis.web.protect.rules import Rule

from .models import Job

__all__ = ["RECORDS", "RULES"]


def _old(limit: datetime, dry: bool) -> int:
    jobs = Job.objects.filter(ended_at__lt=limit).exclude(asked_by=None, error="", said="")
    jobs = jobs.filter(Q(asked_by__isnull=False) | ~Q(error="") | ~Q(said=""))
    return jobs.count() if dry else jobs.update(asked_by=None, error="", said="")


RULES = [Rule("job", _("%(days)s days after the computation; then without your name"), "job_days", _old)]
RECORDS = [
    Record(
        "work.Job", _("computations that you started"), purpose=_("to tell you when it is done"),
        basis="task", keep="job", people="staff", seen_by="members", owners={"asked_by": Erase.UNLINK},
        personal={"asked_by": _("who started it"), "created_at": _("when")},
        other={"*": "state and progress of a computation about a city's table"},
    ),
    Record("work.Runner", "", other={"*": "name of a process and its last sign of life"}),
]  # fmt: skip
