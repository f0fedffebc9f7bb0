"""Answers as tables for officers: without names, days, codes or order, and special categories apart."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from isopolis.report.files import neutral

from .models import Answer, Apart, Version

__all__ = ["answers_csv", "apart_csv", "rows"]


def rows(module: Any) -> Iterator[dict[str, str | int]]:
    """Yield single answers of the form that is answered, without what lies apart."""
    found = Answer.objects.filter(version__survey__module=module, version__state=Version.State.OPEN)
    for answer in found.order_by("pk"):
        yield {"channel": answer.channel, **answer.given}


def answers_csv(version: Version) -> str:
    """Return a row for each person; columns are those questions that do not lie apart."""
    names = [q.name for q in version.form.asked if q.name not in version.purposes]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["channel", *map(neutral, names)])
    for answer in Answer.objects.filter(version=version).order_by("pk"):
        writer.writerow([answer.channel, *(neutral(answer.given.get(n, "")) for n in names)])
    return out.getvalue()


def apart_csv(version: Version) -> str:
    """Return answers about special categories, sorted: no two of them are known to be of one person."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["question", "answer"])
    found = Apart.objects.filter(version=version).order_by("question", "value")
    for question, value in found.values_list("question", "value"):
        writer.writerow([neutral(question), neutral(value)])
    return out.getvalue()
