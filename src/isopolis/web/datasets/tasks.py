"""Reading an upload, as a background job."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from isopolis.model import City, DataError, Problem
from isopolis.model.text import to_tree
from isopolis.model.vocabulary import standard

from .column_edit import edit_city
from .models import Dataset
from .names import CONFIG
from .storage import snapshot

__all__ = ["read"]


def read(job: Any, say: Callable[[str], None]) -> None:
    """Guess a city.toml when there is none, read the files, keep what the reader found."""
    dataset = Dataset.objects.get(pk=job.subject)
    revision, found = dataset.revision, {}
    try:
        if not dataset.seen:
            say("looking at the columns")
            Dataset.objects.filter(pk=dataset.pk).update(seen=seen(dataset))
        if not dataset.config:
            say("looking at the files")
            found = {"config": guess(dataset), "config_guessed": True}
        found |= _read(dataset, str(found.get("config", dataset.config)), say)
    except DataError as error:
        found |= {
            "state": Dataset.State.REFUSED,
            "problems": [as_row(p) for p in error.problems],
            "summary": {},
        }
    # a correction made meanwhile has its own job
    Dataset.objects.filter(pk=dataset.pk, revision=revision).update(**found)


def seen(dataset: Dataset) -> list[dict[str, Any]]:
    """Return what the tables look like; the files never change, so once is enough."""
    from isopolis.flows.columns import seen as look

    folder = snapshot(dataset, "")
    try:
        return [asdict(table) for table in look(folder)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def guess(dataset: Dataset) -> str:
    """Return a commented city.toml for the files."""
    from isopolis.flows.cities import init

    folder = snapshot(dataset, "")
    try:
        text = init(folder, overwrite=True).read_text(encoding="utf-8")
        # the folder has no name that means anything; the workspace has the city's
        return edit_city(text, {"name": dataset.workspace.name, "code": dataset.workspace.slug}, {})
    finally:
        (folder / CONFIG).unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)


def _read(dataset: Dataset, config: str, say: Callable[[str], None]) -> dict[str, Any]:
    from isopolis.flows.cities import load

    city = load(snapshot(dataset, config), progress=say)
    return {
        "state": Dataset.State.READY,
        "problems": [as_row(p) for p in city.caveats],
        "summary": summary_of(city),
    }


def summary_of(city: City) -> dict[str, Any]:
    """Say in short what was understood."""
    dimensions = {d.name: d.title for c in (*city.counts, *city.survey) for d in c.dimensions}
    found: dict[str, Any] = to_tree(
        {
            "dimensions": [standard(d) for d in dimensions.values()],
            "notes": [standard(n) for n in city.notes],
        }
    )
    return found | {
        "name": city.name,
        "zones": len(city.zones),
        "drawable": int(city.zones.drawable.sum()),
        "dates": [d for d in city.dates if d],
        "people": int(max((float(c.totals().sum()) for c in city.counts), default=0.0)),
    }


def as_row(problem: Problem) -> dict[str, Any]:
    """Return a problem as its page shows it."""
    row: dict[str, Any] = to_tree(problem.to_dict() | {"place": problem.place()})
    return row
