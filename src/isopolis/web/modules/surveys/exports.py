"""Answers as tables for officers: without names, days, codes or order, and special categories apart."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.db.models import Count

from isopolis.report.files import neutral

from .models import Answer, Apart, Version
from .tasks import THRESHOLD

__all__ = ["answers_csv", "apart_csv", "rows"]


def rows(module: Any) -> Iterator[dict[str, str | int]]:
    """Yield single answers of the form that is answered, without what lies apart."""
    version = Version.objects.filter(survey__module=module, state=Version.State.OPEN).first()
    if version is not None:
        ways = _known_ways(version)
        for answer in Answer.objects.filter(version=version).order_by("pk"):
            yield {"channel": ways.get(answer.channel, ""), **answer.given}


def answers_csv(version: Version) -> str:
    """Return a row for each person; columns are those questions that do not lie apart."""
    names = [q.name for q in version.form.asked if q.name not in version.purposes]
    ways, out = _known_ways(version), io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["channel", *map(neutral, names)])
    for answer in Answer.objects.filter(version=version).order_by("pk"):
        writer.writerow([ways.get(answer.channel, ""), *(neutral(answer.given.get(n, "")) for n in names)])
    return out.getvalue()


def _known_ways(version: Version) -> dict[str, str]:
    """Return the ways that may be told; those not told are of so many people that they lead to nobody."""
    rows = Answer.objects.filter(version=version).order_by().values_list("channel").annotate(n=Count("pk"))
    hidden = 0
    sums = sorted(rows, key=lambda row: (row[1], row[0]))
    while sums and (sums[0][1] < THRESHOLD or 0 < hidden < THRESHOLD):
        hidden += sums.pop(0)[1]
    return {channel: channel for channel, _n in sums}


def apart_csv(version: Version) -> str:
    """Return answers about special categories, sorted: no two of them are known to be of one person."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["question", "answer"])
    found = Apart.objects.filter(version=version).order_by("question", "value")
    for question, value in found.values_list("question", "value"):
        writer.writerow([neutral(question), neutral(value)])
    return out.getvalue()
