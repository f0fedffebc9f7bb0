"""``python -m isopolis.web.work.runner``: takes jobs from the table and gives each a process.

Several runners may run, on several machines with one database; the table keeps them apart.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

log = logging.getLogger("isopolis.web.work")
PAUSE = 0.5
GRACE = 5.0
LATELY = timedelta(seconds=60)


@dataclass
class Runner:
    """The loop, one turn at a time.

    Parameters
    ----------
    at_once : int
        Jobs that may run together.
    seconds : float
        Time that one job may take.
    """

    at_once: int
    seconds: float
    children: dict[Any, tuple[subprocess.Popen[bytes], float]] = field(default_factory=dict)
    stopping: bool = False

    def turn(self) -> None:
        """Look after the running jobs, take back the lost ones, start new ones."""
        from isopolis.web import jobs

        # lost ones first: a child that lost its lease is then ended before its job is claimed anew
        jobs.take_back()
        for job in list(self.children):
            self._look_after(job)
        while len(self.children) < self.at_once and not self.stopping:
            job = jobs.claim()
            if job is None:
                break
            command = [sys.executable, "-m", "isopolis.web.work.child", str(job.pk), str(job.attempt)]
            child = subprocess.Popen(command)
            log.info("job %s (%s), attempt %s, process %s", job.pk, job.kind, job.attempt, child.pid)
            self.children[job] = (child, time.monotonic())

    def _look_after(self, job: Any) -> None:
        from isopolis.web import jobs

        child, since = self.children[job]
        if child.poll() is not None:
            del self.children[job]
            why = f"The computation ended {jobs.ATTEMPTS} times without a word (code {child.returncode})."
            jobs.give_back(job, why, own_fault=True)
        elif time.monotonic() - since > self.seconds:
            self._end(job, child)
            jobs.close(
                job, "failed", f"This took longer than {self.seconds / 60:.0f} minutes and was stopped."
            )
        elif not jobs.held(job):
            self._end(job, child)
            jobs.close(job, "cancelled")

    def _end(self, job: Any, child: subprocess.Popen[bytes]) -> None:
        del self.children[job]
        child.terminate()
        try:
            child.wait(GRACE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()

    def stop(self) -> None:
        """End all children and put their jobs back, for the next start."""
        from isopolis.web import jobs

        for job, (child, _) in list(self.children.items()):
            self._end(job, child)
            why = "The server was stopped each time before this was done."
            jobs.give_back(job, why, own_fault=False)


def sign(name: str) -> None:
    """Leave a sign of life, and wipe out those of yesterday."""
    from django.utils import timezone

    from isopolis.web.work.models import Runner as Sign

    Sign.objects.update_or_create(name=name, defaults={"beat_at": timezone.now()})
    Sign.objects.filter(beat_at__lt=timezone.now() - timedelta(days=1)).delete()


def here() -> str:
    """Name the place in which numbers of processes mean something: host and, in Linux, namespace."""
    try:
        space = f"/{os.stat('/proc/self/ns/pid').st_ino}"
    except OSError:
        space = ""
    return socket.gethostname()[:80] + space


def alone(name: str) -> bool:
    """Tell whether every other runner heard of lately is surely dead; to be asked after signing."""
    from django.utils import timezone

    from isopolis.web.work.models import Runner as Sign

    lately = Sign.objects.filter(beat_at__gt=timezone.now() - LATELY).exclude(name=name)
    return not any(_may_live(other) for other in lately.values_list("name", flat=True))


def _may_live(name: str) -> bool:
    place, _, number = name.rpartition(":")
    if place != here() or not number.isdecimal():
        return True
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def start_over(name: str) -> None:
    """Take the jobs of a runner that was killed back at once, when no other one can have them."""
    from isopolis.web import jobs

    sign(name)
    if sys.platform == "linux" and alone(name):  # elsewhere a child may outlive its runner by seconds
        jobs.take_back(lease=timedelta(seconds=-1))


def loop(runner: Runner, name: str, parent: int) -> None:
    """Turn until told to stop, or until the parent is gone; an outage of the database is waited out."""
    from django.db import Error, close_old_connections

    from isopolis.web.protect.retention import daily

    signed = None
    while not runner.stopping and os.getppid() == parent:
        try:
            close_old_connections()
            if signed is None:
                start_over(name)
                signed = time.monotonic()
            runner.turn()
            if time.monotonic() - signed > 5:
                sign(name)
                daily()
                signed = time.monotonic()
        except Error as error:
            log.warning("the database does not answer: %s", error)
            time.sleep(2)
        time.sleep(PAUSE)


def main() -> None:
    """Run until told to stop."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "isopolis.web.settings")
    parent = os.getppid()
    import django

    django.setup()
    from django.conf import settings
    from django.db import Error

    from isopolis.web.engines.sqlite.base import only_existing
    from isopolis.web.work.models import Runner as Sign

    only_existing()
    runner = Runner(settings.OPTIONS["jobs_at_once"], 60 * settings.OPTIONS["job_minutes"])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: setattr(runner, "stopping", True))
    name = f"{here()}:{os.getpid()}"
    loop(runner, name, parent)
    try:
        runner.stop()
        Sign.objects.filter(name=name).delete()
    except Error as error:  # the lease of the jobs runs out by itself
        log.warning("stopped while the database does not answer: %s", error)


if __name__ == "__main__":
    main()
