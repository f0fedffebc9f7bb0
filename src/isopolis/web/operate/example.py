"""The example city in a workspace with its diagnosis finished, for a newcomer to read.

Everything is done by the actions that the pages use, as the server's administrator.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from isopolis.model import CallError

__all__ = ["put_example"]

NOT_NEEDED = {"README.txt", "truth.json"}


def put_example(who: Any, say: Callable[[str], None], zones: int = 240) -> bool:
    """Make the workspace, upload the files, read and diagnose them; False when `who` has a workspace already.

    Raises
    ------
    CallError
        If one of the steps fails, with the reason.
    """
    from isopolis.web.workspaces.actions import CreateWorkspace
    from isopolis.web.workspaces.models import Membership

    _put_partnership(who, say)
    if Membership.objects.filter(user=who).exists():
        return False
    from isopolis.web.diagnoses.actions import StartDiagnosis

    say("Putting the example city into a workspace and diagnosing it (example data, not a real place)")
    city = CreateWorkspace(who, "Example city").run()
    dataset = _upload(who, city, zones)
    _work()
    dataset.refresh_from_db()
    StartDiagnosis(who, city, dataset).run()
    _work()
    return True


def _put_partnership(who: Any, say: Callable[[str], None]) -> None:
    """Put the shipped partnership there; a second time changes nothing."""
    from isopolis.act.partnership import read_book
    from isopolis.content import read
    from isopolis.web.partnerships.hub.actions import LoadBook
    from isopolis.web.partnerships.models import Partnership

    file = "partnership/cities_of_equality.yaml"
    book = read_book(read(file), file)
    if not Partnership.objects.filter(slug=book.key).exists():
        LoadBook(who, book, who).run()
        say(f"The partnership is public under /partnership/{book.key}/")


def _upload(who: Any, city: Any, zones: int) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    from isopolis.flows.example import write_example
    from isopolis.web.datasets.actions import UploadFiles

    with tempfile.TemporaryDirectory(prefix="isopolis-example-") as place:
        folder = Path(write_example(Path(place) / "city", zones=zones))
        files = sorted(p for p in folder.iterdir() if p.is_file() and p.name not in NOT_NEEDED)
        sent = [SimpleUploadedFile(p.name, p.read_bytes()) for p in files]
        return UploadFiles(who, city, sent).run()


def _work() -> None:
    """Do the jobs here: the job runner has not started yet."""
    from isopolis.web import jobs
    from isopolis.web.work.execute import execute

    while (job := jobs.claim()) is not None:
        execute(job)
        job.refresh_from_db()
        if job.state != jobs.State.DONE:
            raise CallError(f"the example city could not be prepared: {job.error or job.state}")
