"""A vote on a real server, and visitors who cast ballots with codes over connections that stay open.

``python -m tests.faults.voting made PEOPLE LEAST`` makes the vote in the data folder of the environment,
``… checked`` reads receipts from standard input, closes and counts; both answer with one JSON object.
"""

from __future__ import annotations

import hashlib
import html
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from ..databases import ROOT, environment

KIND = """
from isopolis.web.modules.manifests import ModuleManifest, PhaseKind
urlpatterns = []
MANIFEST = ModuleManifest("plain_vote", "Vote", "A vote and nothing else.",
    (PhaseKind("vote", "Vote", "People vote.", frozenset({"vote"})),), "ballot_vote", "plain_vote")
"""
"""A kind of module of another distribution, as one that adds modules would have it."""


def installed(folder: Path) -> str:
    """Put that distribution into a folder; return the path on which Python finds it."""
    about = folder / "plain_vote-1.0.dist-info"
    about.mkdir(parents=True, exist_ok=True)
    (folder / "plain_vote.py").write_text(KIND)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: plain-vote\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text("[isopolis.modules]\nplain_vote = plain_vote\n")
    return os.pathsep.join([str(folder), str(ROOT / "src"), str(ROOT)])


def told(data: Path, path: str, *words: str, said: Any = None, **settings: str) -> Any:
    """Run this file in a process of its own on a data folder; return what it answers."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.faults.voting", *words],
        cwd=ROOT, env=environment(data, PYTHONPATH=path, **settings), input=json.dumps(said), text=True,
        capture_output=True, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def choice_of(code: str) -> list[str]:
    """What the person with this code votes for, whenever they are asked."""
    number = int.from_bytes(hashlib.sha256(code.encode()).digest()[:2], "big")
    return [f"p{n}" for n in range(1, 5) if number >> n & 1]


@dataclass
class Voters:
    """People with codes at several connections, and what they were answered."""

    port: int
    path: str
    codes: list[str]
    taken: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    answers: dict[int, int] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    _lock: Any = field(default_factory=threading.Lock)

    def start(self, connections: int) -> None:
        self.over = threading.Event()
        self.threads = [threading.Thread(target=self._vote) for _n in range(connections)]
        for thread in self.threads:
            thread.start()

    def wait(self) -> None:
        for thread in self.threads:
            thread.join(300)
            assert not thread.is_alive(), "a request never ended"

    def __enter__(self) -> Voters:
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.wait()

    def some(self, count: int) -> None:
        """Wait until that many more ballots were acknowledged, or everybody has voted."""
        wanted, end = len(self.taken) + count, time.monotonic() + 120
        while len(self.taken) < wanted and any(t.is_alive() for t in self.threads):
            assert time.monotonic() < end, self.answers
            time.sleep(0.02)

    def _vote(self) -> None:
        link, carried = None, ("", "")
        while not self.over.is_set():
            with self._lock:
                if not self.codes:
                    return
                code = self.codes.pop()
            try:
                if link is None:
                    link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=90)
                    carried = self._token(link)
            except (OSError, http.client.HTTPException):
                link = None
                with self._lock:
                    self.codes.append(code)
                time.sleep(0.1)
                continue
            if not self._cast(link, carried, code):
                link = None

    def _token(self, link: http.client.HTTPConnection) -> tuple[str, str]:
        link.request("GET", self.path)
        answer = link.getresponse()
        page = answer.read().decode()
        cookie = (answer.headers.get("Set-Cookie") or "").partition(";")[0]
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        if answer.status != 200 or found is None:
            raise http.client.HTTPException(f"{answer.status}: {page[:200]}")
        return cookie, found[1]

    def _cast(self, link: http.client.HTTPConnection, carried: tuple[str, str], code: str) -> bool:
        ticks = [("choice", p) for p in choice_of(code)]
        body = urlencode([("csrfmiddlewaretoken", carried[1]), ("code", code), *ticks, ("cast", "")])
        headers = {"Cookie": carried[0], "Content-Type": "application/x-www-form-urlencoded"}
        began = time.perf_counter()
        try:
            link.request("POST", self.path, body, headers)
            answer = link.getresponse()
            status, page = answer.status, answer.read().decode()
        except (OSError, http.client.HTTPException):
            status, page = 0, ""
        with self._lock:
            self.times.append(time.perf_counter() - began)
            self.answers[status] = self.answers.get(status, 0) + 1
            found = re.search(r"<strong>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){4})</strong>", page)
            if status == 200 and found:
                self.taken[code] = html.unescape(found[1])
            else:  # nobody was told anything: it may be in, or not
                self.unknown.append(code)
        return status != 0


# -- in a process of its own -------------------------------------------------------------------------------
def made(people: int, least: int) -> dict[str, Any]:
    """Make a vote that is open, with a code for each of `people`."""
    from django.utils import timezone

    from isopolis.engage.budget.election import Project
    from isopolis.engage.ledger.ballot import Question
    from isopolis.web import ballots
    from isopolis.web.accounts.models import User
    from isopolis.web.ballots.roll import Person
    from isopolis.web.modules.actions import CreateProcess, EditProcess, PublishProcess
    from isopolis.web.workspaces.actions import AddMember, CreateWorkspace

    owner, officer = (User.objects.create_user(f"{n}@example.org", "x" * 20, name=n) for n in ("one", "two"))
    city = CreateWorkspace(owner, "Testville").run()
    AddMember(owner, city, officer.email, "participation_officer").run()
    start = timezone.now() - timedelta(days=1)
    process = CreateProcess(owner, city, "Vote", "discussion", start).run()
    process.module_set.update(kind="plain_vote")
    module = process.module_set.get()
    module.phase_set.update(kind="vote")
    EditProcess(owner, city, process, "Vote", "Vote for it.").run()
    PublishProcess(owner, city, process).run()
    projects = tuple(Project(f"p{n}", 10_000 * n, f"Project {n}", place="North") for n in range(1, 21))
    vote = ballots.open_vote(
        owner, module, {"rule": "greedy"}, Question("Vote", 90_000, projects), least=least
    )
    names = [f"ID-{n:06d}" for n in range(people)]
    cells = [f"Zone {n % 12}|" for n in range(people)]
    ballots.load_roll(owner, module, [Person(n, c) for n, c in zip(names, cells, strict=True)])
    codes = ballots.make_letters(owner, module, names)
    return {"path": module.get_absolute_url(), "vote": str(vote.pk), "codes": list(codes.values())}


def checked(receipts: list[str]) -> dict[str, Any]:
    """Find the ballot of each receipt, count marks and ballots, close and count."""
    from django.utils import timezone

    from isopolis.engage.ledger.codes import normal
    from isopolis.web import ballots
    from isopolis.web.accounts.models import User
    from isopolis.web.ballots import box, log
    from isopolis.web.ballots.models import Boxed, RollEntry, Vote, Waiting

    vote = Vote.objects.get()
    lost = [r for r in receipts if box.held(vote, normal(r)) is None]
    said = {
        "lost": len(lost),
        "voted": RollEntry.objects.filter(state="voted").count(),
        "waiting": Waiting.objects.count(),
        "boxed": Boxed.objects.count(),
        "people": ballots.turnout(vote.module)["voted"],
    }
    vote.module.phase_set.update(ends_at=timezone.now() - timedelta(minutes=1))
    people = list(User.objects.filter(name__in=("one", "two")).order_by("name"))
    for change in (ballots.close, ballots.tally):
        for person in people:
            change(person, vote.module)
    vote = Vote.objects.get()
    votes = Counter(p for _row, one in box.slips_of(vote) for p in one.ballot)
    return said | {
        "state": vote.state,
        "votes": dict(sorted(votes.items())),
        "counted": (vote.result or {})["voters"],
        "wrong": log.wrong_with(vote),
    }


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "isopolis.web.settings"
    import django

    django.setup()
    if sys.argv[1] == "made":
        print(json.dumps(made(int(sys.argv[2]), int(sys.argv[3]))))
    else:
        print(json.dumps(checked(json.load(sys.stdin))))
