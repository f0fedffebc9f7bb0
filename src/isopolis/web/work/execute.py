"""Doing one job, in the process that is here now."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from importlib import import_module

from django.db import Error, close_old_connections

from isopolis.model import CallError, DataError
from isopolis.web import jobs
from isopolis.web.outage import AWAY, FULL, little_space, outage

from .models import Job

__all__ = ["StoppedError", "execute", "insist"]

log = logging.getLogger(__name__)
_STEP = re.compile(r"\((?:crossing )?(\d+) of (\d+)\)")
EVERY = 0.5
PATIENCE = 60.0


class StoppedError(Exception):
    """Somebody cancelled the job, or another process has it now."""


def execute(job: Job) -> None:
    """Do a claimed job and close it with what came of it."""
    module, _, name = jobs.KINDS[job.kind].partition(":")
    state, said = Job.State.DONE, ""
    try:
        getattr(import_module(module), name)(job, teller(job))
    except StoppedError:
        state = Job.State.CANCELLED
    except Exception as error:
        if outage(error) == AWAY:
            raise  # nobody's fault: the runner notices and puts the job back
        state, said = Job.State.FAILED, _sentence(job, error)
    insist(lambda: jobs.close(job, state, said[:5000]))


def insist(write: Callable[[], object], seconds: float = PATIENCE) -> None:
    """Write what must not be lost: try again while the database is away, as long as the runner allows."""
    until = time.monotonic() + seconds
    while True:
        try:
            write()
        except Error as error:
            if not outage(error) or time.monotonic() > until:
                raise
            close_old_connections()
            time.sleep(EVERY)
        else:
            return


def _sentence(job: Job, error: Exception) -> str:
    """Say what stopped a job, as its owner may know it."""
    if outage(error) == FULL or little_space():
        return "The server's disk is full. Tell whoever runs it, and start this again when there is room."
    if isinstance(error, (DataError, CallError)):
        return str(error)
    if isinstance(error, MemoryError):
        return "There was not enough memory for this city."
    # the trace goes to the server's log, which may not hold what users may read, and not the reverse
    log.error("job %s (%s) failed", job.pk, job.kind, exc_info=error)
    return f"A defect of the program stopped this job. Its number is {job.pk}."


def teller(job: Job) -> Callable[[str], None]:
    """Return a function that is told progress, keeps the newest, and stops the job when asked to."""
    last = 0.0

    def say(text: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < EVERY:
            return
        last = now
        match = _STEP.search(text)
        done, steps = (int(match[1]), int(match[2])) if match else (0, 0)
        try:
            if not jobs.held(job):
                raise StoppedError
            jobs.report(job, text, done, steps)
        except Error as error:
            if not outage(error):
                raise
            close_old_connections()  # a computation outlives a short outage: who reads progress can wait

    return say
