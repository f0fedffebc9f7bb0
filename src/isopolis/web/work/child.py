"""``python -m isopolis.web.work.child JOB ATTEMPT``: one job in a process of its own.

A process of its own can be stopped, may be limited in memory, and takes nobody along when it dies.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

from isopolis.web.tied import end_with_parent

BEAT_EVERY = 5.0


def main(job_id: str, attempt: str) -> int:
    """Do the job if it is still ours."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "isopolis.web.settings")
    parent = os.getppid()
    end_with_parent(signal.SIGKILL)
    import django

    django.setup()
    from django.conf import settings

    from isopolis.web.engines.sqlite.base import only_existing
    from isopolis.web.work.execute import execute
    from isopolis.web.work.models import Job

    only_existing()
    _limit_memory(settings.OPTIONS["job_memory_mb"])
    job = Job.objects.filter(pk=job_id, attempt=int(attempt), state=Job.State.RUNNING).first()
    if job is None:
        return 0
    threading.Thread(target=_keep_alive, args=(job, parent), daemon=True).start()
    execute(job)
    return 0


def _keep_alive(job: object, parent: int) -> None:
    """Renew the lease; end at once when the runner is gone, since its successor will start again."""
    from django.db import Error, close_old_connections

    from isopolis.web import jobs

    while True:
        time.sleep(BEAT_EVERY)
        if os.getppid() != parent:
            os._exit(3)
        try:
            jobs.beat(job)  # type: ignore[arg-type]
        except Error:
            close_old_connections()  # the database is busy or away: the lease allows for a few misses


def _limit_memory(megabytes: int) -> None:
    if megabytes and sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (megabytes * 1_000_000, megabytes * 1_000_000))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
