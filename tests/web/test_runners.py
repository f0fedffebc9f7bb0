"""Several runners on one queue, as real processes: nothing twice, one at a time for a city, fair turns."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ..databases import environment

HEAVY, CITIES, EACH, RUNNERS = 60, 5, 6, 3

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
    job = jobs.claim()
    if job is None:
        idle += 1
        time.sleep(0.05)
        continue
    idle, began = 0, time.monotonic()
    time.sleep(dice.random() * 0.02)
    ended = time.monotonic()
    closed = jobs.close(job, "done")
    print(json.dumps([str(job.pk), str(job.workspace_id), job.attempt, began, ended, closed]), flush=True)
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
def claims(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """Everything that three runners at once have claimed, in the order of the claims."""
    data = tmp_path_factory.mktemp("runners") / "data"
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
    return sorted((json.loads(line) for text in said for line in text.splitlines()), key=lambda c: c[3])


def test_every_job_is_done_once_and_by_one(claims: list[Any]) -> None:
    assert len(claims) == HEAVY + CITIES * EACH
    assert len({c[0] for c in claims}) == len(claims)
    assert all(attempt == 1 and closed for _, _, attempt, _, _, closed in claims)


def test_a_city_has_one_at_a_time(claims: list[Any]) -> None:
    ended: dict[str, float] = {}
    for _, city, _, began, end, _ in claims:
        assert began >= ended.get(city, 0.0), "two jobs of one city at the same time"
        ended[city] = end


def test_nobody_waits_for_the_heavy_city(claims: list[Any]) -> None:
    count: dict[str, int] = {}
    for _, city, *_ in claims:
        count[city] = count.get(city, 0) + 1
    heavy = max(count, key=lambda c: count[c])
    last = max(n for n, c in enumerate(claims) if c[1] != heavy)
    before = sum(c[1] == heavy for c in claims[: last + 1])
    # in turns the heavy city has one turn for each of theirs, give or take what runs at the same moment
    assert before <= EACH + 2 * RUNNERS, f"{before} jobs of the heavy city came before the others were done"
