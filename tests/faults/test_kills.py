"""Signal 9 under load: to a worker, to the job runner, to the whole server; nothing promised is lost.

One round each here; ``make soak`` makes 25 (ISOPOLIS_FAULT_ROUNDS).
"""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from .platform import Load, Platform, Visitor, city, faithful, jobs, send_table, signed_in, until

# rows beside the small table, so that reading takes long enough to be cut off
MANY = b"".join(b"X%05d,%d,%d,%d\n" % (i, 200 + i % 90, 150 + i % 50, 50 + i % 40) for i in range(20_000))
ROUNDS = int(os.environ.get("ISOPOLIS_FAULT_ROUNDS", "1"))
SECONDS = 180.0


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    running = Platform(tmp_path / "data")
    yield running
    running.stop()


def tell(what: str, kept: int, answers: dict[int, int]) -> None:
    """Say what a round of rounds came to; seen with ``pytest -s``."""
    print(f"\n{what}: {ROUNDS} rounds, {kept} acknowledged changes, 0 lost; answers {answers}")


def busy(platform: Platform, visitor: Visitor, name: str) -> None:
    """Upload a table, and wait until the runner reads that one: no job is cut off more than once or twice."""
    status, headers, text = send_table(visitor, city(visitor, name), MANY)
    assert status == 302, text
    number = headers["location"].rstrip("/").rpartition("/")[2]
    wanted = (number.replace("-", ""), "running")
    until(
        lambda: wanted in [(j["subject"], j["state"]) for j in jobs(platform)], "a running job", SECONDS, 0.05
    )


def all_done(platform: Platform, count: int) -> None:
    """Every job ended well, once, though some had to begin again."""
    until(lambda: all(j["state"] not in ("queued", "running") for j in jobs(platform)), "the jobs", SECONDS)
    ended = list(jobs(platform))
    assert [(j["state"], j["error"]) for j in ended] == [("done", "")] * count
    read = platform.ask("SELECT state, count(*) FROM datasets_dataset GROUP BY state")
    assert read == [("ready", count)]


def test_a_killed_worker_loses_nothing(platform: Platform) -> None:
    dice = random.Random(1)
    with Load(signed_in(platform)) as load:
        for _ in range(ROUNDS):
            load.some()
            os.kill(dice.choice(until(platform.workers_now, "workers")), signal.SIGKILL)
            load.some()
    assert faithful(platform, load.kept) >= 6 * ROUNDS
    tell("worker", len(load.kept), load.answers)
    # the other worker goes on, and what was with the killed one is cut off: no page of a broken server
    assert set(load.answers) <= {302, 0}, load.answers
    assert load.answers.get(0, 0) <= 3 * load.writers * ROUNDS, load.answers
    platform.audit_is_whole()


def test_a_killed_runner_ends_its_job_after_all(platform: Platform) -> None:
    visitor = signed_in(platform)
    names = []
    with Load(visitor, writers=2) as load:
        for number in range(ROUNDS):
            names.append(f"City {number}")
            busy(platform, visitor, names[-1])
            before = until(platform.runner_now, "the runner")
            os.kill(before, signal.SIGKILL)
            load.some()
            until(lambda old=before: platform.runner_now() not in (0, old), "a new runner")
    all_done(platform, ROUNDS)
    assert set(load.answers) == {302}, load.answers
    faithful(platform, load.kept + names)
    tell("runner", len(load.kept + names), load.answers)
    assert max(j["attempt"] for j in jobs(platform)) >= 2, "no job was ever cut off"
    platform.audit_is_whole()


def test_a_killed_server_comes_back_with_everything(platform: Platform) -> None:
    visitor = signed_in(platform)
    kept: list[str] = []
    for number in range(ROUNDS):
        kept.append(f"City {number}")
        with Load(visitor) as load:
            busy(platform, visitor, kept[-1])
            load.some()
            platform.kill()
        kept += load.kept
        platform.start()
        faithful(platform, kept)
        assert visitor.get("/w/")[0] == 200, "the session is gone"
    all_done(platform, ROUNDS)
    assert len(kept) >= 4 * ROUNDS
    tell("server", len(kept), {})
    platform.audit_is_whole()


def test_when_only_the_first_process_is_killed_the_port_becomes_free(platform: Platform) -> None:
    others = [p for p in (*platform.workers_now(), platform.runner_now()) if p]
    os.kill(platform.process.pid, signal.SIGKILL)
    platform.process.wait(10)
    until(lambda: not any(Path(f"/proc/{p}").exists() for p in others), "the end of the others", 30)
    platform.start()
    assert signed_in(platform).get("/w/")[0] == 200
