"""Signal 9 while people vote: no acknowledged ballot is lost, none is counted twice.

One round each here; ``make soak`` makes 25 (ISOPOLIS_FAULT_ROUNDS).
"""

from __future__ import annotations

import os
import random
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from .platform import Platform, until
from .voting import Voters, choice_of, installed, told

ROUNDS = int(os.environ.get("ISOPOLIS_FAULT_ROUNDS", "1"))
BEFORE = 15
"""Acknowledged ballots before each signal: as many as are under way at a moment, and some more."""
SETTINGS = {"ISOPOLIS_WEB_SIGNUP": "false"}


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Platform]:
    running = Platform(tmp_path / "data", PYTHONPATH=installed(tmp_path / "kind"), **SETTINGS)
    yield running
    running.stop()


def kill_worker(platform: Platform, dice: random.Random) -> None:
    os.kill(dice.choice(until(platform.workers_now, "workers")), signal.SIGKILL)


def kill_server(platform: Platform, _dice: random.Random) -> None:
    platform.kill()
    platform.start()


def test_killed_while_people_vote(platform: Platform, tmp_path: Path) -> None:
    """Workers and the whole server in turn; then everybody who was told nothing tries again."""
    path, dice = installed(tmp_path / "kind"), random.Random(2)
    people = 2 * ROUNDS * (BEFORE + 16) + 40
    vote = told(platform.folder, path, "made", str(people), "10")
    codes = list(vote["codes"])
    voters = Voters(platform.port, vote["path"], list(codes))
    voters.start(8)
    kills = 0
    with voters:
        for _n in range(ROUNDS):
            for kill in (kill_worker, kill_server):
                voters.some(BEFORE + dice.randrange(8))
                kills += any(t.is_alive() for t in voters.threads)
                kill(platform, dice)
        voters.wait()
    assert kills == 2 * ROUNDS, "nobody voted any more when the signal came"
    acknowledged = dict(voters.taken)
    assert set(voters.answers) <= {200, 0}, voters.answers
    # whoever heard nothing tries again: taken now, or in the box already
    again = Voters(platform.port, vote["path"], list(voters.unknown))
    again.start(4)
    with again:
        again.wait()
    assert set(again.answers) <= {200, 422}, again.answers
    acknowledged |= again.taken
    # and some of those who were told are not taken a second time
    twice = Voters(platform.port, vote["path"], dice.sample(sorted(acknowledged), 10))
    twice.start(2)
    with twice:
        twice.wait()
    assert twice.answers == {422: 10}
    done = told(platform.folder, path, "checked", said=list(acknowledged.values()))
    heard = f"{len(acknowledged)} acknowledged, {voters.answers}, then {again.answers}"
    print(f"\n{kills} kills: {heard}: {done}")
    assert done["lost"] == 0
    assert done["voted"] == done["waiting"] + done["boxed"] == done["counted"] == done["people"] == people
    assert len(acknowledged) + again.answers.get(422, 0) == people
    # whoever votes, votes for the same, however often they try: the sums say whether each counts once
    assert done["votes"] == dict(sorted(Counter(p for c in codes for p in choice_of(c)).items()))
    assert (done["state"], done["wrong"]) == ("tallied", [])
