"""A vote on a real database on the disk, with backups before and after ballots: ``python -m … FOLDER``.

A process of its own, because the tests' database on SQLite is in memory. Answers with what really happened.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any
from unittest.mock import patch

PEOPLE, LEAST = 30, 2
COPIED = (0, 1, 2, 7, 8, 9)
"""After how many ballots a backup is made; the eighth fills the box for the first time."""


def _codes() -> tuple[Any, Any, Any, dict[str, str]]:
    from isopolis.engage.budget.election import Project
    from isopolis.engage.ledger.ballot import Question
    from isopolis.web import ballots
    from isopolis.web.accounts.models import User
    from isopolis.web.ballots.roll import Person
    from isopolis.web.workspaces.actions import CreateWorkspace

    from .votes import module_for_votes

    owner = User.objects.create_user("owner@example.org", "x" * 20, name="owner")
    module = module_for_votes(owner, CreateWorkspace(owner, "Testville").run())
    projects = tuple(Project(f"project-{n}", 10, f"Project {n}") for n in range(6))
    vote = ballots.open_vote(owner, module, {"rule": "greedy"}, Question("Q", 90, projects), least=LEAST)
    names = [f"REGISTER-{n:05d}" for n in range(PEOPLE)]
    ballots.load_roll(owner, module, [Person(n, "North|") for n in names])
    return owner, module, vote, ballots.make_letters(owner, module, names)


def _at_once(owner: Any, module: Any, name: str, code: str) -> list[str]:
    """One person through four doors at the same moment; return what came of it."""
    from django.db import connections

    from isopolis.web import ballots
    from isopolis.web.ballots.grouping import RefusedError

    def by_code() -> None:
        ballots.cast(module, ["project-1"], code=code)

    doors = [
        by_code, by_code, by_code,
        lambda: ballots.cast(module, ["project-2"], code=code, channel="kiosk"),
        lambda: ballots.cast_for(owner, module, ["project-3"], identifier=name),
        lambda: ballots.cast_for(owner, module, ["project-3"], identifier=name),
    ]  # fmt: skip
    came: list[str] = []
    ready = threading.Barrier(len(doors))

    def through(door: Any) -> None:
        ready.wait(30)
        try:
            door()
            came.append("taken")
        except RefusedError as error:
            came.append(error.reason)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=through, args=(d,)) for d in doors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return came


def day(folder: Path) -> dict[str, Any]:
    """Let people vote in a known order; copy everything in between."""
    from isopolis.engage.ledger.codes import normal, roll_key
    from isopolis.web import ballots
    from isopolis.web.ballots import keys
    from isopolis.web.ballots.models import Boxed, RollEntry, Waiting
    from isopolis.web.operate.backup import make_backup

    data = Path(os.environ["ISOPOLIS_WEB_DATA"])
    owner, module, vote, codes = _codes()
    said: list[str] = []
    raw: list[str] = []
    key = keys.lasting(vote.pk, "roll")
    for place in range(COPIED[-1] + 1):
        if place:
            name = list(codes)[place]
            chosen = [f"project-{n}" for n in range(6) if (place >> n) & 1]
            receipt = ballots.cast(module, chosen, code=codes[name])
            said += [name, codes[name], normal(codes[name]), receipt.code, normal(receipt.code)]
        if place in COPIED:
            make_backup(data, folder / f"{place}.tar.gz")
            raw += [str(p) for p in data.glob("*.sqlite3*")]
            for path in data.glob("*.sqlite3*"):
                (folder / f"{place}-{path.name}").write_bytes(path.read_bytes())
    epochs = {p.name: p.read_bytes().hex() for p in (data / keys.FOLDER).iterdir()}
    crowd = [_at_once(owner, module, n, codes[n]) for n in list(codes)[20:24]]
    return {
        "said": said, "vote": str(vote.pk), "raw": len(raw), "epochs": epochs, "crowd": crowd,
        "order": [roll_key(key, n) for n in list(codes)[1 : COPIED[-1] + 1]],
        "voted": RollEntry.objects.filter(state="voted").count(),
        "ballots": Waiting.objects.count() + Boxed.objects.count(),
    }  # fmt: skip


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "isopolis.web.settings"
    import django

    django.setup()
    from isopolis.web.modules.models import Phase

    with patch.object(Phase, "opens", property(lambda _self: frozenset({"vote"}))):
        print(json.dumps(day(Path(sys.argv[1]))))
