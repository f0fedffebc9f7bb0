"""Several runners on one queue, as real processes: nothing twice, one at a time for a city, fair turns."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from ..databases import begin, environment

HEAVY, CITIES, EACH, RUNNERS = 60, 5, 6, 3


class Claim(NamedTuple):
    """One job as a runner had it, by its clock: when it asked, got it, had done it and had said so."""

    job: str
    city: str
    attempt: int
    asked: float
    began: float
    ended: float
    closed_at: float
    closed: bool


SEED = f"""
import uuid
from isopolis.web import jobs
from isopolis.web.accounts.models import User
from isopolis.web.workspaces.actions import CreateWorkspace
who = User.objects.create_user("somebody@example.org", "a long enough one")
def queue(name, count):
    city = CreateWorkspace(who, name).run()
    for _ in range(count):
        jobs.submit(city, "read", uuid.uuid4(), uuid.uuid4().hex, who)
queue("Heavy", {HEAVY})
for number in range({CITIES}):
    queue(f"Light {{number}}", {EACH})
"""

RUN = """
import json, random, sys, time
from django.db import Error
from isopolis.web import jobs
dice, idle = random.Random(int(sys.argv[1])), 0
print("ready", flush=True)
sys.stdin.readline()
while idle < 20:
    asked = time.monotonic()
    job = jobs.claim()
    if job is None:
        idle += 1
        time.sleep(0.05)
        continue
    idle, began = 0, time.monotonic()
    time.sleep(dice.random() * 0.02)
    ended = time.monotonic()
    closed = jobs.close(job, "done")
    times = asked, began, ended, time.monotonic()
    print(json.dumps([str(job.pk), str(job.workspace_id), job.attempt, *times, closed]), flush=True)
"""

START = """
import sys
from pathlib import Path
from isopolis.web.server import {how}
{how}(Path(sys.argv.pop(1)))
"""


def code(text: str, data: Path, *arguments: str, how: str = "prepare") -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", START.format(how=how) + text, str(data), *arguments],
        env=environment(data), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.fixture(scope="module")
def claims(tmp_path_factory: pytest.TempPathFactory) -> list[Claim]:
    """Everything that three runners at once have claimed, in the order of the claims."""
    data = tmp_path_factory.mktemp("runners") / "data"
    begin(data)
    seeding = code(SEED, data)
    seeding.communicate(timeout=120)
    assert seeding.returncode == 0
    runners = [code(RUN, data, str(n)) for n in range(RUNNERS)]
    for runner in runners:
        assert runner.stdout is not None
        assert runner.stdout.readline().strip() == "ready"
    for runner in runners:
        assert runner.stdin is not None
        runner.stdin.write("go\n")
        runner.stdin.flush()
    said = [runner.communicate(timeout=240)[0] for runner in runners]
    assert [r.returncode for r in runners] == [0] * RUNNERS
    busy = [text for text in said if text]
    assert len(busy) >= 2, "only one of them ever got something"
    every = [Claim(*json.loads(line)) for text in said for line in text.splitlines()]
    return sorted(every, key=lambda c: c.began)


def test_every_job_is_done_once_and_by_one(claims: list[Claim]) -> None:
    assert len(claims) == HEAVY + CITIES * EACH
    assert len({c.job for c in claims}) == len(claims)
    assert all(c.attempt == 1 and c.closed for c in claims)


def test_a_city_has_one_at_a_time(claims: list[Claim]) -> None:
    ended: dict[str, float] = {}
    for claim in claims:
        assert claim.began >= ended.get(claim.city, 0.0), "two jobs of one city at the same time"
        ended[claim.city] = claim.ended


def test_nobody_waits_for_the_heavy_city(claims: list[Claim]) -> None:
    turns: dict[str, list[Claim]] = {}
    for claim in claims:
        turns.setdefault(claim.city, []).append(claim)
    heavy = turns.pop(max(turns, key=lambda city: len(turns[city])))
    for previous, claim in itertools.pairwise(heavy):
        for light in turns.values():
            # a city that had nothing running from before this runner asked until it had its job, and waits
            # since before the heavy city's previous turn, should have been the one that it got
            done = [c for c in light if c.asked < claim.began]
            free = all(c.closed_at < claim.asked for c in done)
            waits_longer = len(done) < EACH and all(c.began < previous.asked for c in done)
            assert not (free and waits_longer), f"at {claim.began} the heavy city went before one that waited"
