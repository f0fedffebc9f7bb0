"""What moderators and administrators do beside single entries: collections, imports, naming moderators."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth import get_user_model
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from isopolis.learn.exchange import OURS, SHIPPED, Held, Merged, merge, objection, same_origin
from isopolis.learn.record import Record
from isopolis.learn.vocabulary import shipped as vocabulary
from isopolis.model.errors import DataError, Problem
from isopolis.web.actions import Action, ValidationError
from isopolis.web.modules.comments.words import plain as cleaned

from . import index
from .actions import keep
from .contact import unname
from .models import Collection, CollectionItem, Entry, Import, Moderator

__all__ = [
    "DismissModerator",
    "ImportBundle",
    "NameModerator",
    "RemoveCollection",
    "SaveCollection",
    "holding",
    "holdings",
]

log = logging.getLogger(__name__)
MOST_SAID = 200


@dataclass
class SaveCollection(Action):
    """Make a collection or change it: title, introduction, entries in order."""

    title: str
    intro: str
    keys: list[str]
    collection: Collection | None = None
    language: str = "en"
    now: datetime | None = None
    verb: ClassVar[str] = "library.collect"
    permission: ClassVar[str] = "library.moderate"
    sentence: ClassVar[str] = "{actor} changed {target} of the library"

    def check(self) -> None:
        """Require a title, an introduction and published entries."""
        self.title, self.intro = cleaned(self.title)[:200], cleaned(self.intro)[:4000]
        if not self.title or not self.intro:
            raise ValidationError(_("A collection needs a title and an introduction."))
        self.keys = list(dict.fromkeys(k.strip() for k in self.keys if k.strip()))[:500]
        published = Entry.objects.filter(state=Entry.State.PUBLISHED, key__in=self.keys)
        self.found = published.in_bulk(field_name="key")
        missing = [k for k in self.keys if k not in self.found]
        if missing:
            said = _("These entries are not published here: %(keys)s")
            raise ValidationError(said % {"keys": ", ".join(missing[:10])})

    def change(self) -> Collection:
        """Keep it with its entries in this order."""
        now = self.now or timezone.now()
        made = self.collection or Collection(slug=self._free_slug())
        made.title, made.intro, made.language, made.changed_at = self.title, self.intro, self.language, now
        made.save()
        CollectionItem.objects.filter(collection=made).delete()
        CollectionItem.objects.bulk_create(
            CollectionItem(collection=made, entry=self.found[k], position=n) for n, k in enumerate(self.keys)
        )
        return made

    def _free_slug(self) -> str:
        stem = slugify(self.title)[:50] or "collection"
        slug, number = stem, 2
        while Collection.objects.filter(slug=slug).exists():
            slug, number = f"{stem}-{number}", number + 1
        return slug


@dataclass
class RemoveCollection(Action):
    """Delete a collection; its entries stay."""

    collection: Collection
    verb: ClassVar[str] = "library.uncollect"
    permission: ClassVar[str] = "library.moderate"
    sentence: ClassVar[str] = "{actor} deleted {target} of the library"

    def change(self) -> Collection:
        """Delete it; what is returned has its number still."""
        number = self.collection.pk
        self.collection.delete()
        self.collection.pk = number
        return self.collection


@dataclass
class NameModerator(Action):
    """Let somebody look after the library."""

    email: str
    now: datetime | None = None
    verb: ClassVar[str] = "library.name_moderator"
    permission: ClassVar[str] = "library.name_moderators"
    sentence: ClassVar[str] = "{actor} let account {account} look after the library"

    def check(self) -> None:
        """Require an account."""
        self.account = (
            get_user_model().objects.filter(email__iexact=self.email.strip(), is_active=True).first()
        )
        if self.account is None:
            raise ValidationError(_("There is no account with this address."))

    def change(self) -> Moderator:
        """Keep it."""
        made, _fresh = Moderator.objects.get_or_create(
            user=self.account, defaults={"since": self.now or timezone.now()}
        )
        return made

    def detail(self, made: Moderator) -> dict[str, str | int]:
        """Number of the account."""
        return {"account": made.user_id}


@dataclass
class DismissModerator(Action):
    """Let somebody look after the library no more."""

    moderator: Moderator
    verb: ClassVar[str] = "library.dismiss_moderator"
    permission: ClassVar[str] = "library.name_moderators"
    sentence: ClassVar[str] = "{actor} let account {account} no longer look after the library"

    def change(self) -> Moderator:
        """Take it away."""
        number = self.moderator.pk
        self.moderator.delete()
        self.moderator.pk = number
        return self.moderator

    def detail(self, made: Moderator) -> dict[str, str | int]:
        """Number of the account."""
        return {"account": self.moderator.user_id}


def holdings() -> dict[str, Held]:
    """Return what is here as the exchange sees it: drafts too, since their ids are taken."""
    return {e.key: holding(e) for e in Entry.objects.all().iterator()}


def holding(entry: Entry) -> Held:
    """Return one of them; what a workspace here looks after is this installation's, wherever it came from."""
    origin = entry.origin if entry.workspace_id is None and entry.origin else OURS
    withdrawn = entry.state == Entry.State.WITHDRAWN
    return Held(entry.content, origin, entry.checksum, entry.made, withdrawn, entry.withdrawn_here)


@dataclass
class ImportBundle(Action):
    """Take in the library of another installation; what is refused is kept with its reason."""

    text: str
    name: str
    expected: str
    ours: str = OURS
    now: datetime | None = None
    refusals: list[dict[str, Any]] = field(default_factory=list)
    verb: ClassVar[str] = "library.import"
    permission: ClassVar[str] = "library.import"
    sentence: ClassVar[str] = (
        "{actor} imported a library as {target}: {added} new, {updated} changed, {refused} refused"
    )

    def check(self) -> None:
        """Require an origin."""
        self.expected = cleaned(self.expected)[:500]
        if not self.expected:
            raise ValidationError(_("Say where the file comes from."))
        if any(same_origin(self.expected, name) for name in (SHIPPED, OURS)):
            raise ValidationError(_("This origin is not one of another installation."))

    def change(self) -> Import:
        """Merge; a bundle that is refused as a whole changes nothing but the list of imports."""
        now = self.now or timezone.now()
        made = Import(origin=self.expected, name=cleaned(self.name)[:200], at=now, by=_account(self.actor))
        try:
            merged = merge(
                holdings(), self.text, ours=self.ours, clock=now, expected=self.expected,
                vocabulary=vocabulary(), file=self.name[:80],
            )  # fmt: skip
        except DataError as error:
            made.refused = _written(error.problems)
        else:
            self._take(merged, made, now)
        made.save()
        if made.refused:
            log.warning(
                "an import of a library was refused in %d points: %s", len(made.refused), _codes(made)
            )
        return made

    def _take(self, merged: Merged, made: Import, now: datetime) -> None:
        late: list[Problem] = []
        took = {
            name: [e for id in getattr(merged, name) if (e := _taken(merged.library[id], late, now))]
            for name in ("added", "updated", "withdrawn")
        }
        index.refresh([*took["added"], *took["updated"]])
        index.forget(e.key for e in took["withdrawn"])
        made.added, made.updated = len(took["added"]), len(took["updated"])
        made.withdrawn, made.unchanged = len(took["withdrawn"]), len(merged.unchanged)
        made.refused = _written([*merged.refused, *late])

    def detail(self, made: Import) -> dict[str, str | int]:
        """Counts."""
        return {"added": made.added, "updated": made.updated, "refused": len(made.refused)}


def _taken(held: Held, late: list[Problem], now: datetime) -> Entry | None:
    """Keep one record of a bundle; what came to stand under its id while the merge went on stays as it is."""
    entry = Entry.objects.select_for_update().filter(key=held.record.id).first()
    why = objection(holding(entry), held.origin, held.made) if entry is not None else None
    if why:
        late.append(Problem(*why, value=held.record.id))
        return None
    entry = entry or Entry(key=held.record.id)
    entry.made = held.made
    if held.withdrawn:
        entry.state, entry.changed_at = Entry.State.WITHDRAWN, now
        entry.save(update_fields=["state", "made", "changed_at"])
    else:
        entry.origin, entry.state = held.origin, Entry.State.PUBLISHED
        entry.published_at = entry.published_at or now
        keep(entry, held.record, "imported", None, now)
    unname(entry)
    return entry


@dataclass
class LoadShipped(Action):
    """Take in the records that ship with this version; a record that a person changed here stays."""

    records: tuple[Record, ...]
    now: datetime | None = None
    verb: ClassVar[str] = "library.load"
    permission: ClassVar[str] = "library.load"
    sentence: ClassVar[str] = "{count} records that ship with this version were taken into the library"

    def change(self) -> Entry:
        """Add new ones, change those of an earlier version, withdraw those that ship no more."""
        from isopolis.learn.exchange import checksum

        now = self.now or timezone.now()
        there = {e.key: e for e in Entry.objects.filter(key__in=[r.id for r in self.records])}
        fresh = []
        for record in self.records:
            entry = there.get(record.id) or Entry(key=record.id, origin=SHIPPED)
            if entry.origin != SHIPPED or entry.withdrawn_here:
                continue
            if entry.state == Entry.State.PUBLISHED and entry.checksum == checksum(record):
                continue
            entry.state, entry.published_at = Entry.State.PUBLISHED, entry.published_at or now
            fresh.append(keep(entry, record, "shipped", None, now))
        gone = Entry.objects.filter(origin=SHIPPED, state=Entry.State.PUBLISHED)
        gone = gone.exclude(key__in=[r.id for r in self.records])
        forgotten = list(gone.values_list("key", flat=True))
        gone.update(state=Entry.State.WITHDRAWN, changed_at=now)
        index.refresh(fresh)
        index.forget(forgotten)
        self.count = len(fresh)
        return Entry(pk=0)

    def target(self, made: Entry) -> str:
        """Say that it is the library as a whole."""
        return "library:0"

    def detail(self, made: Entry) -> dict[str, str | int]:
        """How many."""
        return {"count": self.count}


def _written(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Return problems for the table of imports, without signs that a database does not take."""
    out = []
    for problem in list(problems)[:MOST_SAID]:
        said = problem.to_dict()
        out.append({k: cleaned(v)[:500] if isinstance(v, str) else v for k, v in said.items()})
    return out


def _account(user: Any) -> Any:
    return user if getattr(user, "pk", None) is not None else None


def _codes(made: Import) -> str:
    return ", ".join(sorted({p["code"] for p in made.refused}))
