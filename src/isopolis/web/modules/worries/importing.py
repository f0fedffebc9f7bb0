"""Reading the file of another desk, as a background job."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePath
from typing import Any, ClassVar

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from isopolis.engage.representation.cells import Cell
from isopolis.model import CallError
from isopolis.model.text import phrase, to_plain
from isopolis.web import jobs
from isopolis.web.actions import ValidationError
from isopolis.web.datasets.storage import snapshot
from isopolis.web.modules.comments.words import plain
from isopolis.web.modules.models import Process
from isopolis.web.participation import record_many

from .actions import WorryDeskChange
from .models import FileImport, Worry, WorryDesk, desk_of
from .numbers import census, named_zones, recount

__all__ = ["BYTES_MOST", "KIND", "SUFFIXES", "WORRIES_MOST", "ImportWorries", "read_in"]

KIND = "worries_import"
SUFFIXES = (".json", ".csv", ".xlsx")
BYTES_MOST = 100_000_000
WORRIES_MOST = 200_000
CHUNK = 2000
OTHER = "import-"

CHANNELS = {
    "phone": ("phone", "telephone", "call", "hotline", "телефон", "telefon", "téléphone", "teléfono"),
    "web": ("web", "online", "website", "app", "internet", "form"),
    "paper": ("paper", "letter", "mail", "post", "письмо", "brief", "lettre"),
    "meeting": ("meeting", "assembly", "visit", "office"),
    "sms": ("sms", "text message", "message"),
    "kiosk": ("kiosk",),
    "assisted": ("assisted",),
}
_CHANNEL = {word: channel for channel, words in CHANNELS.items() for word in words}


@dataclass
class ImportWorries(WorryDeskChange):
    """Take the file of another desk and queue its reading."""

    name: str = ""
    chunks: Any = ()
    size: int = 0
    public_already: bool = False
    now: datetime | None = None
    verb: ClassVar[str] = "worries.import"
    sentence: ClassVar[str] = gettext_noop("{actor} sent a file of worries to process {number}")

    def check(self) -> None:
        """Require a kind of file that can be read, of a size that can be."""
        super().check()
        self.suffix = PurePath(self.name).suffix.lower()
        wrong = []
        if self.suffix not in SUFFIXES:
            wrong.append(_("Send a file that ends in .json, .csv or .xlsx."))
        if self.size > BYTES_MOST:
            wrong.append(_("The file is too large: at most %(most)s MB.") % {"most": BYTES_MOST // 1_000_000})
        if self.module.process.state == Process.State.DRAFT:
            wrong.append(_("Nobody can have told anything: this process is a draft."))
        if wrong:
            raise ValidationError(wrong)

    def change(self) -> FileImport:
        """Keep the file until it is read."""
        made = FileImport.objects.create(
            desk=desk_of(self.module, make=True), name=plain(self.name)[:200], suffix=self.suffix,
            public_already=self.public_already, at=self.now or timezone.now(),
        )  # fmt: skip
        made.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with made.path.open("wb") as out:
            for chunk in self.chunks:
                out.write(chunk)
        jobs.submit(self.workspace, KIND, made.pk, made.pk.hex, self.actor)
        return made


# -- the job -----------------------------------------------------------------------------------------------
def read_in(job: Any, say: Callable[[str], None]) -> None:
    """Read a file, keep its worries, all or none, and have the desk counted."""
    from isopolis.flows.places import fold
    from isopolis.flows.worries import read_desk

    one = FileImport.objects.select_related("desk__module__process__workspace").get(pk=job.subject)
    if one.worries is not None:
        return  # it was read, and the job was cut off afterwards
    say("reading worries")
    try:
        found, caveats = read_desk([one.path], languages=one.desk.languages)
    except OSError:
        raise CallError(phrase("the file is not there any more: send it again")) from None
    finally:
        # it may name people: what is kept of it is what was read
        one.path.unlink(missing_ok=True)
    if len(found) > WORRIES_MOST:
        raise CallError(
            phrase("these are more than {most} worries: send them in parts", most=f"{WORRIES_MOST:,}")
        )
    rows = list(_rows(found, one))
    known = _zones(one, say)
    with transaction.atomic():
        desk = WorryDesk.objects.select_for_update().get(pk=one.desk_id)
        before = set(Worry.objects.filter(desk=desk).exclude(outside="").values_list("outside", flat=True))
        _set_apart(rows, desk, before)
        fresh = [r for r in rows if r.outside not in before or not r.outside]
        _kept(fresh, desk, say)
        cells = Counter(known.get(fold(r.zone), "") for r in fresh)
        record_many(one.desk.module, {("import", Cell(zone)): n for zone, n in cells.items()})
        one.worries, one.known_before = len(fresh), len(rows) - len(fresh)
        one.told = [to_plain(c.said()) for c in caveats]
        one.save(update_fields=["worries", "known_before", "told"])
    one.desk.refresh_from_db()
    recount(one.desk, job.asked_by)


def _set_apart(rows: list[Worry], desk: WorryDesk, before: set[str]) -> None:
    """Give what came under a number of our own another name, the same each time that its file is sent."""
    ours = Worry.objects.filter(desk=desk, outside="", number__isnull=False)
    named = {str(n) for n in ours.values_list("number", flat=True)} - before
    for row in rows:
        if row.outside in named:
            row.outside = f"{OTHER}{row.outside}"


def _kept(fresh: list[Worry], desk: WorryDesk, say: Callable[[str], None]) -> None:
    number, outside = desk.last_number, {r.outside for r in fresh}
    outside |= set(Worry.objects.filter(desk=desk).exclude(outside="").values_list("outside", flat=True))
    for row in fresh:
        if row.registered and not row.outside:
            number += 1
            while str(number) in outside:
                number += 1
            row.number = number
    WorryDesk.objects.filter(pk=desk.pk).update(last_number=number)
    for start in range(0, len(fresh), CHUNK):
        say(f"keeping worries ({start} of {len(fresh)})")
        Worry.objects.bulk_create(fresh[start : start + CHUNK])


def _rows(found: Any, one: FileImport) -> Any:
    for i in range(len(found)):
        text = plain(str(found.texts[i]))
        shown = one.public_already and bool(text)
        lat, lon = float(found.lat[i]), float(found.lon[i])
        here = np.isfinite(lat) and np.isfinite(lon)
        received, closed = _moment(found.received[i]), _moment(found.closed[i])
        yield Worry(
            desk=one.desk, outside=plain(str(found.ids[i]))[:120], text=text,
            public_text=text if shown else "", state=_state(text, shown),
            language=str(found.languages[i])[:12], service=plain(str(found.services[i]))[:200],
            proposed=str(found.topics[i])[:80], looked=True,
            channel=_CHANNEL.get(str(found.channels[i]).strip().casefold(), "import"),
            zone=plain(str(found.zones[i]))[:120], lat=lat if here else None, lon=lon if here else None,
            received_at=received, registered=bool(found.registered[i]),
            registered_at=received if found.registered[i] else None, resolved=bool(found.resolved[i]),
            resolved_at=closed if found.resolved[i] else None, source=one,
        )  # fmt: skip


def _state(text: str, shown: bool) -> Any:
    if not text:
        return Worry.State.NONE
    return Worry.State.SHOWN if shown else Worry.State.UNREAD


def _moment(time: np.datetime64) -> datetime | None:
    return None if np.isnat(time) else time.astype("datetime64[s]").astype(datetime).replace(tzinfo=UTC)


def _zones(one: FileImport, say: Callable[[str], None]) -> dict[str, str]:
    """Return the neighbourhoods of the census by their names and numbers, as they are compared."""
    dataset = census(one.desk.module.process.workspace)
    if dataset is None:
        return {}
    from isopolis.flows.cities import load
    from isopolis.flows.places import fold

    zones = named_zones(load(snapshot(dataset, dataset.config), progress=say))
    return {fold(name): zone for zone, name in zones} | {fold(zone): zone for zone, _name in zones}
