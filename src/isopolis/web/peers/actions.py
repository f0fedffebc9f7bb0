"""Changes about peer cities: a table comes or goes, a workspace settles on one."""

from __future__ import annotations

import hashlib
import math
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from isopolis.web import jobs
from isopolis.web.actions import Action, ValidationError

from .models import PeerChoice, PeerTable

__all__ = ["BYTES_MOST", "KIND", "TABLES_MOST", "ChoosePeers", "RemovePeerTable", "UploadPeerTable"]

KIND = "peers"
BYTES_MOST = 2_000_000
ROLES_MOST = 500_000
TABLES_MOST = 50
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".parquet")
SHEETS = (".toml", ".yaml", ".yml")
CHOSEN_MOST = 50


@dataclass
class UploadPeerTable(Action):
    """Keep a table of cities with its sheet of roles, and have it read."""

    workspace: Any
    title: str
    upload: Any
    roles: Any = None
    shared: bool = False
    verb: ClassVar[str] = "peers.upload"
    permission: ClassVar[str] = "peers.manage"
    sentence: ClassVar[str] = "{actor} uploaded a table of cities, digest {digest}"

    def check(self) -> None:
        """Require a title, files that can be read, room, and an administrator for sharing."""
        if not self.title.strip():
            raise ValidationError(_("Give the table a title."))
        if self.upload.size > BYTES_MOST or (self.roles and self.roles.size > ROLES_MOST):
            raise ValidationError(
                _("A file is too large: at most %(most)s MB.") % {"most": BYTES_MOST // 1_000_000}
            )
        if PurePath(self.upload.name).suffix.lower() not in SUFFIXES:
            raise ValidationError(_("Send the table as CSV, Excel (.xlsx) or Parquet."))
        if self.roles and PurePath(self.roles.name).suffix.lower() not in SHEETS:
            raise ValidationError(_("Send the sheet of roles as TOML or YAML."))
        if self.shared and not self.actor.is_admin:
            raise ValidationError(
                _("Only an administrator of this server can share a table with all cities.")
            )
        if PeerTable.objects.filter(workspace=self.workspace).count() >= TABLES_MOST:
            raise ValidationError(_("There are very many tables here already. Delete some first."))
        self.text = self._text()
        if "\0" in self.title + self.text + self.upload.name:
            raise ValidationError(_("A text holds a zero character."))

    def _text(self) -> str:
        try:
            return self.roles.read().decode("utf-8-sig") if self.roles else ""
        except UnicodeDecodeError:
            raise ValidationError(_("The sheet of roles is not UTF-8 text. Save it in UTF-8.")) from None

    def change(self) -> PeerTable:
        """Keep both and queue the reading."""
        content = self.upload.read()
        made = PeerTable.objects.create(
            id=uuid.uuid4(),
            workspace=self.workspace,
            title=self.title.strip()[:120],
            name=PurePath(self.upload.name).name[-120:],
            shared=self.shared,
            content=content,
            roles=self.text,
            roles_name=PurePath(self.roles.name).name[-120:] if self.roles else "",
            digest=hashlib.sha256(content + b"\0" + self.text.encode()).hexdigest(),
            created_by=self.actor,
        )
        jobs.submit(self.workspace, KIND, made.pk, made.pk.hex, self.actor)
        return made

    def detail(self, made: PeerTable) -> dict[str, str | int]:
        """Its digest."""
        return {"digest": made.digest}


@dataclass
class RemovePeerTable(Action):
    """Delete a table; lists that were made of it are gone with it."""

    workspace: Any
    table: PeerTable
    verb: ClassVar[str] = "peers.remove"
    permission: ClassVar[str] = "peers.manage"
    sentence: ClassVar[str] = "{actor} deleted a table of cities"

    def check(self) -> None:
        """Require a table of this workspace, and an administrator where others use it."""
        if self.table.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))
        if self.table.shared and not self.actor.is_admin:
            raise ValidationError(_("Other cities use this table: only an administrator can delete it."))

    def change(self) -> PeerTable:
        """Delete it, keeping its number for the log."""
        gone, number = self.table, self.table.pk
        jobs.Job.objects.filter(workspace=self.workspace, kind=KIND, subject=number).delete()
        gone.delete()
        gone.pk = number
        return gone


@dataclass
class ChoosePeers(Action):
    """Settle on a table, the city in it that is ours, and weights."""

    workspace: Any
    table: PeerTable
    city: str
    weights: Mapping[str, float]
    chosen: Sequence[str] = ()
    verb: ClassVar[str] = "peers.choose"
    permission: ClassVar[str] = "peers.manage"
    sentence: ClassVar[str] = "{actor} settled how peer cities are found, by {target}"

    def check(self) -> None:
        """Require a table that is open to this workspace, a city in it, and weights of its features."""
        if not PeerTable.objects.open_to(self.workspace).filter(pk=self.table.pk).exists():
            raise ValidationError(_("This belongs to another workspace."))
        plain = self.table.table
        if self.table.state != PeerTable.State.READY or plain is None:
            raise ValidationError(_("This table was not read yet, or cannot be used."))
        known = {c["id"] for c in plain["cities"]}
        if self.city not in known or not set(self.chosen) <= known:
            raise ValidationError(_("Choose a city that is in the table."))
        if len(self.chosen) > CHOSEN_MOST:
            raise ValidationError(_("Choose fewer cities."))
        features = {f["id"] for f in plain["features"]}
        if not set(self.weights) <= features or not all(_weight(w) for w in self.weights.values()):
            raise ValidationError(_("A weight is a number from 0 to 100."))

    def change(self) -> PeerChoice:
        """Keep it in the place of what was there."""
        made, _fresh = PeerChoice.objects.update_or_create(
            workspace=self.workspace,
            defaults={
                "table": self.table,
                "city": self.city,
                "weights": dict(self.weights),
                "chosen": list(self.chosen),
            },
        )
        return made


def _weight(value: float) -> bool:
    return math.isfinite(value) and 0 <= value <= 100
