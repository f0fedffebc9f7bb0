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
            jobs.give_back(
                job, f"The computation ended {jobs.ATTEMPTS} times without a word (code {child.returncode})."
            )
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
            jobs.give_back(job, "The server was stopped each time before this was done.")


def main() -> None:
    """Run until told to stop."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "isopolis.web.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.db import Error, close_old_connections
    from django.utils import timezone

    from isopolis.web.work.models import Runner as Sign

    runner = Runner(settings.OPTIONS["jobs_at_once"], 60 * settings.OPTIONS["job_minutes"])
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: setattr(runner, "stopping", True))
    name, parent, signed = f"{socket.gethostname()}:{os.getpid()}", os.getppid(), 0.0
    while not runner.stopping and os.getppid() == parent:
        try:
            close_old_connections()
            runner.turn()
            if time.monotonic() - signed > 5:
                Sign.objects.update_or_create(name=name, defaults={"beat_at": timezone.now()})
                Sign.objects.filter(beat_at__lt=timezone.now() - timedelta(days=1)).delete()
                signed = time.monotonic()
        except Error as error:
            log.warning("the database does not answer: %s", error)
            time.sleep(2)
        time.sleep(PAUSE)
    runner.stop()
    Sign.objects.filter(name=name).delete()


if __name__ == "__main__":
    main()
