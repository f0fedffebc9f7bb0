"""Changes of a city's data: upload, correction, removal."""

from __future__ import annotations

import hashlib
import shutil
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from isopolis.web import jobs
from isopolis.web.actions import Action, ValidationError
from isopolis.web.permissions import require

from .config_check import foreign_names
from .intake import Kept, Limits, RefusedError, receive
from .models import Dataset

__all__ = ["CorrectConfig", "RemoveDataset", "UploadFiles", "limits"]


def limits() -> Limits:
    """Return the limits that the settings give."""
    options = settings.OPTIONS
    return Limits(
        options["upload_files"], options["upload_mb"] * 1_000_000, options["unpacked_mb"] * 1_000_000
    )


@dataclass
class UploadFiles(Action):
    """Keep files of a city, and have them read."""

    workspace: Any
    uploads: Sequence[Any]
    verb: ClassVar[str] = "data.upload"
    permission: ClassVar[str] = "data.upload"
    sentence: ClassVar[str] = "{actor} uploaded {files} files"

    def run(self) -> Dataset:
        """Receive the files first: no lock on the database is held while they are written."""
        require(self.actor, self.permission, self.workspace)
        self.made = Dataset(id=uuid.uuid4(), workspace=self.workspace, created_by=self.actor)
        if sum(u.size for u in self.uploads) > limits().bytes:
            raise ValidationError(_("The files are too large together."))
        try:
            self.kept: Kept = receive(self.uploads, self.made.folder, limits())
        except RefusedError as refused:
            raise ValidationError(list(refused.reasons)) from None
        try:
            done: Dataset = super().run()
        except Exception:
            shutil.rmtree(self.made.folder, ignore_errors=True)
            raise
        return done

    def check(self) -> None:
        """Refuse a city.toml that names foreign files."""
        names = [str(f["name"]) for f in self.kept.files]
        if found := foreign_names(self.kept.config, names):
            raise ValidationError([str(p) for p in found])

    def change(self) -> Dataset:
        """Keep the row and queue the reading."""
        made, kept = self.made, self.kept
        made.files, made.digest, made.config = kept.files, kept.digest, kept.config
        made.save(force_insert=True)
        queue_reading(made, self.actor)
        return made

    def detail(self, made: Dataset) -> dict[str, str | int]:
        """How many files, and their digest: names of files may hold names of people."""
        return {"files": len(made.files), "digest": made.digest}


@dataclass
class CorrectConfig(Action):
    """Replace the city.toml of a dataset, and read again."""

    workspace: Any
    dataset: Dataset
    text: str
    verb: ClassVar[str] = "data.correct"
    permission: ClassVar[str] = "data.correct"
    sentence: ClassVar[str] = "{actor} corrected how the files are read"

    def check(self) -> None:
        """Refuse foreign names and a dataset of another city."""
        if self.dataset.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))
        if found := foreign_names(self.text, self.dataset.names):
            raise ValidationError([str(p) for p in found])

    def change(self) -> Dataset:
        """Keep the text and queue the reading."""
        made = self.dataset
        made.config, made.config_guessed = self.text.replace("\r\n", "\n"), False
        made.state, made.problems, made.summary = Dataset.State.WAITING, [], {}
        made.revision += 1
        made.save()
        queue_reading(made, self.actor)
        return made

    def detail(self, made: Dataset) -> dict[str, str | int]:
        """Digest of the text."""
        return {"digest": hashlib.sha256(made.config.encode()).hexdigest()}


@dataclass
class RemoveDataset(Action):
    """Delete an upload with its files, its jobs and its results."""

    workspace: Any
    dataset: Dataset
    verb: ClassVar[str] = "data.remove"
    permission: ClassVar[str] = "data.remove"
    sentence: ClassVar[str] = "{actor} deleted an upload and what was computed from it"

    def check(self) -> None:
        """Refuse while something of it is being computed."""
        if self.dataset.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))
        if jobs.Job.objects.filter(subject=self.dataset.pk, state__in=["queued", "running"]).exists():
            raise ValidationError(_("Something is being computed from it. Cancel that first."))

    def change(self) -> Dataset:
        """Delete rows now and files once that is safely kept."""
        from isopolis.web.diagnoses.store import result_folder

        gone, number = self.dataset, self.dataset.pk
        runs = list(jobs.Job.objects.filter(subject=gone.pk))
        folders = [gone.folder, gone.folder.with_name(f"{number}.versions"), *map(result_folder, runs)]
        jobs.Job.objects.filter(subject=gone.pk).delete()
        gone.delete()
        gone.pk = number
        for folder in folders:
            transaction.on_commit(partial(shutil.rmtree, folder, ignore_errors=True))
        return gone


def queue_reading(dataset: Dataset, by: Any) -> None:
    """Have the reader look at the files as they are described now."""
    key = hashlib.sha256(f"{dataset.pk} {dataset.revision}".encode()).hexdigest()
    jobs.submit(dataset.workspace, "read", dataset.pk, key, by)
