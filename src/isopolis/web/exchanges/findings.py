"""Findings of the city's own diagnoses as readings of an indicator."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext as _

from isopolis.act.exchange import Reading
from isopolis.web.actions import ValidationError
from isopolis.web.explore import store
from isopolis.web.explore.words import measure
from isopolis.web.work.models import Job

__all__ = ["reading_at"]

ADDRESS = re.compile(r"/w/(?P<slug>[-\w]+)/diagnoses/(?P<job>[0-9a-f-]{36})/findings/(?P<number>\d{1,7})/")


def reading_at(workspace: Any, address: str) -> dict[str, Any]:
    """Return the reading of a finding by the address of its page, as a JSON field keeps it.

    Raises
    ------
    ValidationError
        When it is no address of a finding of this workspace, or its value cannot be compared.
    """
    found = ADDRESS.search(address)
    if found is None or found["slug"] != workspace.slug:
        raise ValidationError(_("Copy the address of the page of a finding of this workspace."))
    try:
        job = Job.objects.get(
            pk=UUID(found["job"]), workspace=workspace, kind="diagnose", state=Job.State.DONE
        )
        part = _part(job, int(found["number"]))
    except (ValueError, Job.DoesNotExist, Http404):
        raise ValidationError(_("There is no such finding in this workspace.")) from None
    if part is None:
        raise ValidationError(_("This finding cannot be compared with others; choose another one."))
    group = part.group or part.dimension
    measures = (part.measure, part.dimension, part.group, part.versus, part.scale, part.scope, part.universe)
    return asdict(
        Reading(
            f"/w/{workspace.slug}/diagnoses/{job.pk}/findings/{int(found['number'])}/",
            f"{measure(part.measure)}, {group}" if group else measure(part.measure),
            (*map(str, measures), *map(str, part.categories)),
            str(part.date),
            part.value,
            part.low,
            part.high,
        )
    )


def _part(job: Job, number: int) -> Any:
    for place in range(len(store.parts(job)["measures"])):
        for row in store.rows_of(job, place):
            if row["number"] == number:
                return row["part"]
    return None
