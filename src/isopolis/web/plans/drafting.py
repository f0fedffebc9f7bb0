"""From the files of a diagnosis to a drafted plan: only the lines of the headlines are read."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from isopolis.act.plan import Plan
from isopolis.flows.draft_plan import MOST_GAPS, Gap, draft_plan, terms_of
from isopolis.learn.library import shipped as shipped_library
from isopolis.model import Finding
from isopolis.web.actions import ValidationError
from isopolis.web.diagnoses import store
from isopolis.web.library.models import Entry
from isopolis.web.peers.store import settled

from .standing import words_of

__all__ = ["draft_from", "finding_number", "gaps_in", "newest_diagnosis"]

REF = "diagnosis:"
MOST_RECORDS = 3000
"""Records of the library that a draft looks at, those with the best evidence first."""


def newest_diagnosis(workspace: Any) -> Any:
    """Return the newest finished diagnosis of a city, None without one."""
    from isopolis.web.work.models import Job

    done = Job.objects.filter(workspace=workspace, kind="diagnose", state=Job.State.DONE)
    return done.order_by("-ended_at", "-created_at").first()


def gaps_in(job: Any, vocabulary: Any, most: int = MOST_GAPS) -> tuple[Gap, ...]:
    """Return the largest gaps of a diagnosis from the files that it left.

    Raises
    ------
    ValidationError
        The files were cleaned away.
    """
    try:
        cards = store.overview(job)["headlines"]
        findings = _lines(job, [c["number"] for c in cards])
    except (Http404, OSError):
        raise ValidationError(_("The files of this diagnosis are gone. Start a new one.")) from None
    out: list[Gap] = []
    for card, finding in zip(cards, findings, strict=True):
        if finding.measure.endswith("_change") or len(out) == most:
            continue
        groups, grounds = terms_of(finding, finding.explanation, vocabulary)
        ref = f"{REF}{job.pk}/{card['number']}"
        out.append(Gap(ref, card["subject"], card["sentence"], card["reason"], finding, groups, grounds))
    return tuple(out)


def _lines(job: Any, numbers: Sequence[int]) -> list[Finding]:
    """Read single findings: the file has one on each line after its first."""
    found: dict[int, Finding] = {}
    wanted = set(numbers)
    with (store.result_folder(job) / "findings.json").open(encoding="utf-8") as file:
        for n, line in enumerate(itertools.islice(file, 1, max(wanted, default=-1) + 2)):
            if n in wanted:
                found[n] = Finding.from_dict(json.loads(line.strip().rstrip(",")))
    return [found[n] for n in numbers]


def draft_from(job: Any, title: str, language: str) -> Plan:
    """Draft a plan from a diagnosis of a city."""
    words = words_of(job.workspace)
    made = draft_plan(
        gaps_in(job, words),
        records(),
        words,
        title=title,
        place=_place(job),
        diagnosis=f"{REF}{job.pk}",
        definition=words.definition().key,
        language=language,
        peers=peers_of(job.workspace),
    )
    return made.plan


def records() -> list[Any]:
    """Return what the library of this server has published; what ships, before it has taken that in."""
    public = Entry.objects.filter(state=Entry.State.PUBLISHED).order_by("-grade", "-completeness", "key")
    return [entry.content for entry in public[:MOST_RECORDS]] or list(shipped_library())


def peers_of(workspace: Any) -> dict[str, float]:
    """Return the cities that were a peer in any run, by name; none where nobody has settled them."""
    found = settled(workspace)
    if found is None or found.undefined is not None:
        return {}
    names = {p.city.id: p.city.name for p in found.ranked}
    return {names.get(city, city): share for city, share in found.shares.items() if share > 0}


def _place(job: Any) -> str:
    notes = "; ".join(str(n) for n in store.overview(job).get("notes", []))
    return f"{job.workspace.name} ({notes})" if notes else str(job.workspace.name)


def finding_number(ref: str) -> tuple[str, int] | None:
    """Return job and number of a finding that an evidence refers to; None when it is none of ours."""
    job, _slash, number = ref.removeprefix(REF).partition("/")
    return (job, int(number)) if ref.startswith(REF) and number.isdecimal() and len(number) < 10 else None
