"""People of a town that decides a budget, made and moved in a process of their own, beside a running server.

``python -m tests.web.budget_town people`` makes accounts and a workspace; ``… cast`` lets people with codes
vote from many threads. Both read and answer JSON. Example data, not a real place.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from .. import databases

THREADS = 12


def told(data: Path, *words: str, said: Any = None) -> Any:
    """Run this file on a data folder; return what it answers."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.web.budget_town", *words],
        cwd=databases.ROOT, input=json.dumps(said), text=True, capture_output=True, timeout=300,
        env=databases.environment(data, PYTHONPATH=f"{databases.ROOT / 'src'}:{databases.ROOT}"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.splitlines()[-1])


def people() -> dict[str, Any]:
    """Make two officers and two residents, signed in; return their sessions and the name of the city."""
    from django.test import Client

    from isopolis.web.accounts.models import User
    from isopolis.web.workspaces.actions import AddMember, CreateWorkspace

    made = {n: User.objects.create_user(f"{n}@example.org", "x" * 20, name=n) for n in
            ("ada", "omar", "mina", "ben")}  # fmt: skip
    city = CreateWorkspace(made["ada"], "Testville").run()
    AddMember(made["ada"], city, made["omar"].email, "participation_officer").run()
    sessions = {}
    for name, user in made.items():
        client = Client()
        client.force_login(user, "isopolis.web.accounts.backends.Accounts")
        sessions[name] = client.session.session_key
    return {"slug": city.slug, "sessions": sessions}


def cast(said: dict[str, Any]) -> dict[str, Any]:
    """Let everybody who has one of these codes vote, each for some projects by chance."""
    from django.db import connections

    from isopolis.web import ballots
    from isopolis.web.modules.models import Module

    module = Module.objects.select_related("process__workspace").get(pk=said["module"])
    dice, weights = random.Random(5), said["projects"]
    waiting = [
        (code, [p for p, w in weights.items() if dice.random() < w] or [next(iter(weights))])
        for code in said["codes"]
    ]  # fmt: skip
    mutex, answers = threading.Lock(), {"taken": 0}

    def vote() -> None:
        while True:
            with mutex:
                if not waiting:
                    break
                code, choice = waiting.pop()
            ballots.cast(module, choice, code=code)
            with mutex:
                answers["taken"] += 1
        connections.close_all()

    threads = [threading.Thread(target=vote) for _n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "isopolis.web.settings"
    import django

    django.setup()
    print(json.dumps(people() if sys.argv[1] == "people" else cast(json.load(sys.stdin))))
