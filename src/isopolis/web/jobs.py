"""Background jobs behind one door: nothing else knows how they are kept and who runs them.

States go queued → running → done, failed or cancelled. The database holds that one workspace runs one job
at a time and that the same submission is kept once. A running job is held by a lease that its process
renews; when the lease runs out (the process or the whole machine died) the job goes back into the queue.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Max, Q
from django.utils import timezone

from .work.models import Job

__all__ = [
    "ATTEMPTS", "KINDS", "LEASE", "LOSSES", "beat", "cancel", "claim", "close", "give_back", "held",
    "queue_place", "report", "submit", "take_back",
]  # fmt: skip

LEASE = timedelta(seconds=30)
ATTEMPTS = 3
"""How often a job's own process may end without a word, the runner being alive."""
LOSSES = 20
"""How often a job may be begun at all: its runner, too, may have died of it, but hardly that often."""
KINDS = {
    "read": "isopolis.web.datasets.tasks:read",
    "diagnose": "isopolis.web.diagnoses.tasks:diagnose",
    "publish": "isopolis.web.publish.tasks:prepare",
    "peers": "isopolis.web.peers.tasks:read",
    "assembly": "isopolis.web.modules.assembly.tasks:solve",
    "budget_result": "isopolis.web.modules.budget.results_tasks:compute",
    "budget_mail": "isopolis.web.modules.budget.mails:send_queued",
    "opinions": "isopolis.web.modules.opinions.tasks:compute",
    "worries": "isopolis.web.modules.worries.numbers:count",
    "worries_import": "isopolis.web.modules.worries.importing:read_in",
    "took_part": "isopolis.web.participation.tasks:count",
    "survey": "isopolis.web.modules.surveys.tasks:count",
}
"""What each kind of job calls, as ``module:function``, with the job and a function that is told progress."""

State = Job.State
ONCE = [State.QUEUED, State.RUNNING, State.DONE]


def submit(workspace: Any, kind: str, subject: UUID, key: str, by: Any) -> tuple[Job, bool]:
    """Queue a job, or return the one that was submitted before with the same key.

    Returns
    -------
    (job, fresh)
    """
    if kind not in KINDS:
        raise KeyError(kind)
    same = Job.objects.filter(workspace=workspace, kind=kind, key=key, state__in=ONCE)
    known = same.first()
    if known is not None:
        return known, False
    try:
        with transaction.atomic():
            made = Job.objects.create(workspace=workspace, kind=kind, subject=subject, key=key, asked_by=by)
    except IntegrityError:  # somebody else was faster
        return same.get(), False
    return made, True


def cancel(job: Job) -> None:
    """Ask for the end: a waiting job ends at once, a running one within seconds."""
    now = timezone.now()
    waiting = Job.objects.filter(pk=job.pk, state=State.QUEUED)
    if not waiting.update(state=State.CANCELLED, ended_at=now, stop_asked=True):
        Job.objects.filter(pk=job.pk, state=State.RUNNING).update(stop_asked=True)


def claim(now: datetime | None = None) -> Job | None:
    """Take the next job in fair order: the workspace served longest ago, then its oldest job."""
    for _ in range(5):
        try:
            with transaction.atomic():
                job = _next()
                if job is None:
                    return None
                # the time of the turn itself, and not of when this runner began to wait for its turn
                job.started_at = job.beat_at = now or timezone.now()
                job.state, job.attempt = State.RUNNING, job.attempt + 1
                job.said, job.done, job.steps = "", 0, 0
                job.save()
                return job
        except IntegrityError:  # another runner took a job of the same workspace
            continue
    return None


def _next() -> Job | None:
    busy = Job.objects.filter(state=State.RUNNING).values("workspace")
    waiting = Job.objects.filter(state=State.QUEUED).exclude(workspace__in=busy)
    first: dict[Any, tuple[Any, Any]] = {}
    for pk, workspace, asked in waiting.order_by("created_at").values_list("pk", "workspace", "created_at"):
        first.setdefault(workspace, (pk, asked))

    # asked after the queue: whoever had a turn in between must not look as if it had never had one
    turns = Job.objects.filter(workspace__in=first).values_list("workspace")
    served = dict(turns.annotate(last=Max("started_at")))

    # never served comes before ever served, and earlier before later
    def turn(workspace: Any) -> tuple[bool, Any, Any]:
        last, (_, asked) = served.get(workspace), first[workspace]
        return last is not None, last or asked, asked

    for workspace in sorted(first, key=turn):
        free = Job.objects.filter(pk=first[workspace][0], state=State.QUEUED)
        if connection.features.has_select_for_update_skip_locked:
            free = free.select_for_update(skip_locked=True)
        if (job := free.first()) is not None:
            return job
    return None


def held(job: Job) -> bool:
    """Tell whether this process still holds the job and nobody asked it to stop."""
    return _mine(job).filter(stop_asked=False).exists()


def beat(job: Job) -> None:
    """Renew the lease."""
    _mine(job).update(beat_at=timezone.now())


def report(job: Job, said: str, done: int, steps: int) -> None:
    """Say how far it is."""
    _mine(job).update(said=said[:300], done=done, steps=steps, beat_at=timezone.now())


def close(job: Job, state: Any, error: str = "") -> bool:
    """End a job; False when another process has taken it over meanwhile, and nothing is changed."""
    ended = _mine(job).update(state=state, error=error, ended_at=timezone.now())
    return bool(ended)


def give_back(job: Job, why: str, *, own_fault: bool) -> None:
    """Queue a job again that was not finished; after too many attempts it has failed.

    Parameters
    ----------
    job : Job
        As it was claimed.
    why : str
        What to say when it has failed.
    own_fault : bool
        Whether its own process ended without a word, and not the runner, the server or the machine: these
        may be started anew many times without a job being lost by that.
    """
    fell = job.fell + own_fault
    if Job.objects.filter(pk=job.pk, stop_asked=True).exists():
        close(job, State.CANCELLED)
    elif fell >= ATTEMPTS or job.attempt >= LOSSES:
        close(job, State.FAILED, why)
    else:
        _mine(job).update(state=State.QUEUED, said="", fell=fell)


def take_back(now: datetime | None = None, lease: timedelta = LEASE) -> int:
    """Queue every running job again whose lease ran out; return how many."""
    now = now or timezone.now()
    lost = list(Job.objects.filter(state=State.RUNNING).filter(Q(beat_at__lt=now - lease) | Q(beat_at=None)))
    for job in lost:
        why = f"The computation was cut off {job.attempt} times with the server, perhaps for lack of memory."
        give_back(job, why, own_fault=False)
    return len(lost)


def queue_place(job: Job) -> int:
    """Count the jobs of all workspaces that wait since earlier, this one included."""
    return Job.objects.filter(state=State.QUEUED, created_at__lte=job.created_at).count()


def _mine(job: Job) -> Any:
    """Only while it runs, and only in the attempt that the caller was given."""
    return Job.objects.filter(pk=job.pk, state=State.RUNNING, attempt=job.attempt)
