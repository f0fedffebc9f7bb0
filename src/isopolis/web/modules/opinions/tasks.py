"""The result of a conversation, as a background job; and which conversations are due."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from isopolis.web.modules.models import Process

from .desk import ask
from .models import About, Archive, Conversation, Statement, Vote, Voter
from .people import forget_groups

__all__ = ["ENOUGH_MORE", "compute", "due", "resamples_for"]

ENOUGH_MORE = 10
"""So many more must have voted before everybody is shown another result while people vote."""
LARGE = 300_000
CHUNK = 20_000


def resamples_for(votes: int) -> int:
    """Return how many resamples fit into the minutes that a city waits for."""
    return 100 if votes <= LARGE else 20


def compute(job: Any, say: Callable[[str], None]) -> None:
    """Read every vote once, draw the map, and keep what may be shown."""
    from dataclasses import replace

    from isopolis.flows.opinions import census_groups, opinions_of
    from isopolis.flows.opinions_page import page
    from isopolis.flows.opinions_town import archive

    found = Conversation.objects.select_related("module__process__workspace").get(pk=job.subject)
    revision, now = found.revision, timezone.now()
    final = found.over(now)
    say("votes")
    talk, voters = _talk(found)
    if not len(talk.votes.value):
        return
    residents = found.residents if (found.residents or 0) >= len(talk.people) else None
    made = opinions_of(
        talk, seed=_seed(found.seed), resamples=resamples_for(len(talk.votes.value)), residents=residents,
        progress=lambda done, of: say(f"resamples ({done} of {of})"),
    )  # fmt: skip
    if final and found.census:
        families, lived, traits = _census(found, voters)
        if families:
            made = replace(made, census=tuple(census_groups(made.votes, traits, families, lived)))
    shown = page(made, final=final) | {
        "with_account": Voter.objects.filter(conversation=found, user__isnull=False).count(),
        "brought": Voter.objects.filter(conversation=found, brought=True).count(),
    }
    packed = archive(made)
    with transaction.atomic():
        # what was asked for meanwhile has its own job, and whoever left meanwhile is in no result
        mine = Conversation.objects.select_for_update().filter(pk=found.pk, revision=revision).first()
        if mine is not None:
            _keep(mine, shown, final, len(talk.people), packed, now)


def _keep(
    mine: Conversation, shown: dict[str, Any], final: bool, voters: int, packed: bytes, now: datetime
) -> None:
    mine.shown, mine.computed_at = shown, now
    if final or voters >= mine.public_voters + ENOUGH_MORE:
        # the census is told once: whoever described themselves is forgotten afterwards
        if mine.public.get("census") and not shown["census"]:
            mine.shown = shown | {"census": mine.public["census"]}
        mine.public, mine.public_voters = mine.shown, voters
        # every single vote is in it: two of them, close together, would show those of who came between
        Archive.objects.update_or_create(conversation=mine, defaults={"content": packed, "made_at": now})
    mine.save(update_fields=["shown", "computed_at", "public", "public_voters"])
    if final:  # it has served its purpose
        forget_groups([mine.pk])


def _seed(seed: str) -> int:
    return int.from_bytes(hashlib.sha256(seed.encode()).digest()[:6], "big")


def _talk(found: Conversation) -> tuple[Any, list[Any]]:
    """Read a conversation; people in an order that tells nothing of when they came."""
    from isopolis.flows.opinions_town import conversation

    people = Vote.objects.filter(voter__conversation=found).values_list("voter", flat=True).distinct()
    voters = sorted(people, key=lambda v: hashlib.sha256(f"{found.seed}|export|{v}".encode()).digest())
    place = {v: i for i, v in enumerate(voters)}
    rows = list(Statement.objects.filter(conversation=found).order_by("number"))
    column = {s.pk: i for i, s in enumerate(rows)}
    kept = Vote.objects.filter(voter__conversation=found).values_list("voter", "statement", "value")
    n, size = 0, kept.count()
    numbers = np.zeros((3, size), np.int32)
    for voter, statement, value in kept.iterator(chunk_size=CHUNK):
        # who came, or what was written, since the lists above were read waits for the next result
        if n < size and voter in place and statement in column:
            numbers[:, n] = place[voter], column[statement], value
            n += 1
    numbers = numbers[:, :n]
    _recount(rows, numbers[1])
    statements = [(str(s.number), s.text, "", s.open) for s in rows]  # who wrote what is told to nobody
    talk = conversation(found.process.title, [str(i) for i in range(len(voters))], statements, *numbers)
    return talk, voters


def _recount(rows: list[Statement], statement: Any) -> None:
    """Mend the number of votes of each statement: an erased account took its votes along."""
    for row, n in zip(rows, np.bincount(statement, minlength=len(rows)).tolist(), strict=True):
        if row.votes != n:
            Statement.objects.filter(pk=row.pk).update(votes=n)


def _census(found: Conversation, voters: list[Any]) -> tuple[list[Any], dict[Any, Any], dict[str, list[str]]]:
    told = dict(
        About.objects.filter(voter__conversation=found)
        .values_list("voter", "traits")
        .iterator(chunk_size=CHUNK)
    )
    families = [tuple(f["attributes"]) for f in found.census] if told else []
    lived = {tuple(f["attributes"]): {tuple(v): n for v, n in f["rows"]} for f in found.census}
    traits = {
        a: [str(told.get(v, {}).get(a, "")) for v in voters]
        for a in dict.fromkeys(a for f in families for a in f)
    }
    return families, lived, traits


def due(now: datetime) -> None:
    """Ask for the result of every conversation with new voters since the last one, or that ended."""
    # who wrote a statement and voted on none is in no result: they alone give nothing to compute
    voted = Exists(Vote.objects.filter(voter=OuterRef("voter")))
    rows = (
        Conversation.objects.exclude(module__process__state=Process.State.DRAFT)
        .select_related("module__process__workspace")
        .annotate(people=Count("voter", filter=voted))
    )
    for found in rows.filter(people__gt=0).iterator(chunk_size=500):
        final = bool(found.shown.get("final"))
        if final:
            continue
        grown = found.people != found.shown.get("absent", {}).get("voters", 0)
        if found.over(now) or grown:
            ask(found, None)
