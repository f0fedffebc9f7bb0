"""Doing one job, in the process that is here now."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from importlib import import_module

from isopolis.model import CallError, DataError
from isopolis.web import jobs

from .models import Job

__all__ = ["StoppedError", "execute"]

log = logging.getLogger(__name__)
_STEP = re.compile(r"\((?:crossing )?(\d+) of (\d+)\)")
EVERY = 0.5


class StoppedError(Exception):
    """Somebody cancelled the job, or another process has it now."""


def execute(job: Job) -> None:
    """Do a claimed job and close it with what came of it."""
    module, _, name = jobs.KINDS[job.kind].partition(":")
    try:
        getattr(import_module(module), name)(job, teller(job))
    except StoppedError:
        jobs.close(job, Job.State.CANCELLED)
    except (DataError, CallError) as error:
        jobs.close(job, Job.State.FAILED, str(error)[:5000])
    except MemoryError:
        jobs.close(job, Job.State.FAILED, "There was not enough memory for this city.")
    except Exception:
        # the trace goes to the server's log, which may not hold what users may read, and not the reverse
        log.exception("job %s (%s) failed", job.pk, job.kind)
        jobs.close(
            job, Job.State.FAILED, f"A defect of the program stopped this job. Its number is {job.pk}."
        )
    else:
        jobs.close(job, Job.State.DONE)


def teller(job: Job) -> Callable[[str], None]:
    """Return a function that is told progress, keeps the newest, and stops the job when asked to."""
    last = 0.0

    def say(text: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last < EVERY:
            return
        last = now
        if not jobs.held(job):
            raise StoppedError
        match = _STEP.search(text)
        done, steps = (int(match[1]), int(match[2])) if match else (0, 0)
        jobs.report(job, text, done, steps)

    return say
