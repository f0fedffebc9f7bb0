"""Counting a desk, as a background job; publishing what was counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from isopolis.flows.worries import THRESHOLD
from isopolis.model import Undefined
from isopolis.model.text import to_plain, to_tree
from isopolis.web import jobs
from isopolis.web.actions import ValidationError
from isopolis.web.datasets.models import Dataset
from isopolis.web.datasets.storage import snapshot

from .actions import WorryDeskChange
from .models import Pair, Worry, WorryDesk, desk_of
from .words import single_desk

__all__ = ["KIND", "PAUSE", "CountDesk", "PublishNumbers", "census", "count", "named_zones", "recount"]

KIND = "worries"
PAUSE = timedelta(days=7)
"""Between two published tables: the difference of two days would tell who called in between."""

PAIRS_MOST = 2000
ZONES_LISTED = 400
CHUNK = 2000


def census(workspace: Any) -> Dataset | None:
    """Return the newest files of the city that could be read."""
    ready = Dataset.objects.filter(workspace=workspace, state=Dataset.State.READY)
    return ready.order_by("-created_at", "pk").first()


def recount(desk: WorryDesk, by: Any) -> None:
    """Queue the counting of a desk."""
    # the database adds: two who ask at once must not ask under the same number
    WorryDesk.objects.filter(pk=desk.pk).update(revision=F("revision") + 1)
    revision = WorryDesk.objects.values_list("revision", flat=True).get(pk=desk.pk)
    key = f"{desk.pk.hex}:{revision}"
    jobs.submit(desk.module.process.workspace, KIND, desk.pk, key, by)


@dataclass
class CountDesk(WorryDeskChange):
    """Have the desk counted anew."""

    verb: ClassVar[str] = "worries.count"
    sentence: ClassVar[str] = gettext_noop("{actor} had the worries of process {number} counted")

    def change(self) -> WorryDesk:
        """Queue it."""
        desk = desk_of(self.module, make=True)
        recount(desk, self.actor)
        return desk


@dataclass
class PublishNumbers(WorryDeskChange):
    """Show everybody the numbers as they were counted last; or take them away."""

    withdraw: bool = False
    now: datetime | None = None
    verb: ClassVar[str] = "worries.publish"
    sentence: ClassVar[str] = gettext_noop("{actor} published the numbers of worries in process {number}")
    sentences: ClassVar[Mapping[str, str]] = {
        "withdrew": gettext_noop("{actor} took back the published numbers of worries in process {number}")
    }

    def check(self) -> None:
        """Require numbers, and a week since the last ones."""
        super().check()
        self.desk, self.at = desk_of(self.module, make=True), self.now or timezone.now()
        if self.withdraw:
            return
        if not self.desk.shown:
            raise ValidationError(_("Have the worries counted first."))
        if self.desk.shown["whole"][0] < THRESHOLD:
            raise ValidationError(
                _("Fewer than %(least)s worries are too few to publish numbers.") % {"least": THRESHOLD}
            )
        if self.desk.published_at is not None and self.at < self.desk.published_at + PAUSE:
            raise ValidationError(
                _("Numbers are published once a week at most: the difference between two days would tell "
                  "who called in between.")
            )  # fmt: skip

    def change(self) -> WorryDesk:
        """Publish or withdraw."""
        self.desk.public = {} if self.withdraw else self.desk.shown
        if not self.withdraw:
            self.desk.published_at = self.at
        self.desk.save(update_fields=["public", "published_at"])
        return self.desk

    def detail(self, made: Any) -> dict[str, str | int]:
        """What was done."""
        return super().detail(made) | {"what": "withdrew" if self.withdraw else "published"}


def named_zones(city: Any) -> list[tuple[str, str]]:
    """Return id and name of each neighbourhood; the id where the city gives no names."""
    names = city.zones.names if city.zones.names is not None else city.zones.ids
    return list(zip(map(str, city.zones.ids), map(str, names), strict=True))


# -- the job -----------------------------------------------------------------------------------------------
def count(job: Any, say: Callable[[str], None]) -> None:
    """Tell language and topic of new worries, count everything, suggest what may be one worry."""
    from isopolis.flows.cities import load
    from isopolis.flows.worries import hear

    kept = WorryDesk.objects.get(pk=job.subject)
    dataset = census(job.workspace_id)
    city = load(snapshot(dataset, dataset.config), progress=say) if dataset else None
    if city is not None:
        kept.zones = [list(pair) for pair in named_zones(city)][:ZONES_LISTED]
        WorryDesk.objects.filter(pk=kept.pk).update(zones=kept.zones)
    _look(kept, say)
    say("reading worries")
    # without what people call themselves or how they are reached: only what is counted
    rows = list(Worry.objects.filter(desk=kept).defer("public_text", "street", "seen").order_by("pk"))
    desk = _placed(single_desk(rows), city)
    heard = hear(desk, city, progress=say)
    joined = Counter(r.about for r in rows if r.joined_to_id)
    say("keeping the numbers")
    made = _plain(heard, joined, city)
    _suggest(kept, rows, heard.pairs)
    WorryDesk.objects.filter(pk=kept.pk, revision=kept.revision).update(shown=made, counted_at=timezone.now())


def _look(desk: WorryDesk, say: Callable[[str], None]) -> None:
    from isopolis.flows.worries import recognised

    waiting = list(Worry.objects.filter(desk=desk, looked=False).order_by("pk"))
    for start in range(0, len(waiting), CHUNK):
        say(f"languages and topics ({start} of {len(waiting)})")
        part = waiting[start : start + CHUNK]
        found = recognised(single_desk(part), desk.languages)
        told = zip(found.languages, found.topics, strict=True)
        seen = {row.pk: said for row, said in zip(part, told, strict=True)}
        with transaction.atomic():  # read anew: an officer may have said a language meanwhile
            rows = list(Worry.objects.select_for_update().filter(pk__in=seen))
            for row in rows:
                language, topic = seen[row.pk]
                row.language = row.language or str(language)[:12]
                row.proposed, row.looked = row.proposed or str(topic)[:80], True
            Worry.objects.bulk_update(rows, ["language", "proposed", "looked"], batch_size=500)


def _placed(desk: Any, city: Any) -> Any:
    if city is None:
        return desk
    from isopolis.flows.worries import placed

    return placed(desk, city)[0]


def _suggest(desk: WorryDesk, rows: list[Worry], pairs: Any) -> None:
    """Keep the likeliest pairs that nobody has answered and that are not joined yet."""
    Pair.objects.filter(desk=desk, answer="").delete()
    head = [r.joined_to_id or r.pk for r in rows]
    fresh = [p for p in pairs if head[p.first] != head[p.second]][:PAIRS_MOST]
    Pair.objects.bulk_create(
        [
            Pair(desk=desk, first=rows[p.first], second=rows[p.second], score=p.score, metres=p.metres,
                 days=p.days, by=p.by)
            for p in fresh
        ],
        ignore_conflicts=True, batch_size=500,
    )  # fmt: skip


def _plain(heard: Any, joined: Counter[str], city: Any) -> dict[str, Any]:
    """Return what may be shown, as plain values; names of topics are said when it is read."""
    whole = heard.whole
    visible = {x.key for x in heard.tables["topic"] if x.received is not None}
    return {
        "whole": [whole.received, whole.registered, whole.resolved],
        "tables": {
            name: [[x.key, x.received, x.registered, x.resolved] for x in lines]
            for name, lines in heard.tables.items()
        },
        "many": [[m.topic, m.received, m.received - joined[m.topic], *_rate(m.rate)] for m in heard.many],
        "places": _places(heard, city),
        "unheard": _unheard(heard.unheard),
        "surges": [[s.topic, s.day, s.received, s.usual] for s in heard.surges if s.topic in visible],
        "waits": [[zone, *_wait(w)] for zone, w in heard.waits.items()],
        "names": dict(heard.places),
        "notes": to_tree(list(heard.notes)),
        "card": dict(heard.card),
    }


def _rate(found: Any) -> list[float | None]:
    if isinstance(found, Undefined):
        return [None, None, None]
    return [found.rate, found.low, found.high]


def _places(heard: Any, city: Any) -> list[list[Any]]:
    """Worries per 1,000 residents of each neighbourhood whose number may be shown."""
    if city is None:
        return []
    from isopolis.engage.worries.rates import rate

    counts = city.table()
    people = dict(zip(map(str, counts.zone_ids), counts.totals().tolist(), strict=True))
    shown = [x for x in heard.tables["place"] if x.received is not None and people.get(x.key, 0) > 0]
    return [[x.key, *_rate(rate(x.received, people[x.key]))] for x in shown]


def _unheard(found: Any) -> dict[str, Any]:
    if isinstance(found, Undefined):
        return {"reason": to_plain(found.reason), "rows": []}
    return {
        "reason": None,
        "rows": [
            [p.kind, p.unit, p.topic, p.received, p.found.ratio, p.found.low, p.found.high, p.found.quiet]
            for p in found
        ],
    }


def _wait(wait: Any) -> list[Any]:
    if isinstance(wait.median, Undefined):
        return [None, wait.low, None, to_plain(wait.median.reason)]
    return [wait.median, wait.low, wait.high, None]
