"""Starting and cancelling a diagnosis."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from isopolis import __version__
from isopolis.web import jobs
from isopolis.web.actions import Action, ValidationError
from isopolis.web.datasets.models import Dataset

__all__ = ["CancelJob", "StartDiagnosis", "diagnosis_key"]


def diagnosis_key(dataset: Dataset) -> str:
    """Say what a diagnosis is computed from: these files, read like this, by this version."""
    text = "\n".join((str(dataset.pk), dataset.digest, dataset.config, __version__))
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass
class StartDiagnosis(Action):
    """Queue a diagnosis; the same files with the same city.toml run once."""

    workspace: Any
    dataset: Dataset
    verb: ClassVar[str] = "diagnosis.start"
    permission: ClassVar[str] = "diagnosis.start"
    sentence: ClassVar[str] = "{actor} asked for a diagnosis"

    def check(self) -> None:
        """Require data that can be read."""
        if self.dataset.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))
        if self.dataset.state != Dataset.State.READY:
            raise ValidationError(_("The files cannot be diagnosed yet: mend the problems listed first."))

    def change(self) -> jobs.Job:
        """Submit the job under a key that says what it will be computed from."""
        key = diagnosis_key(self.dataset)
        job, self.fresh = jobs.submit(self.workspace, "diagnose", self.dataset.pk, key, self.actor)
        return job


@dataclass
class CancelJob(Action):
    """Stop a job that waits or runs."""

    workspace: Any
    job: jobs.Job
    verb: ClassVar[str] = "diagnosis.cancel"
    permission: ClassVar[str] = "diagnosis.cancel"
    sentence: ClassVar[str] = "{actor} cancelled a computation"

    def check(self) -> None:
        """Require a job of this workspace that is not over."""
        if self.job.workspace_id != self.workspace.pk:
            raise ValidationError(_("This belongs to another workspace."))
        if not self.job.waiting:
            raise ValidationError(_("This computation is over already."))

    def change(self) -> jobs.Job:
        """Ask for the end."""
        jobs.cancel(self.job)
        return self.job
