"""The examples of docs/api.md are run as they stand there, by a shell and curl, against a server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from isopolis.web.api.ogc import PARAMETERS
from isopolis.web.api.problems import _kinds
from isopolis.web.api.scopes import SCOPES

from ..conftest import missing
from .conftest import CSV, TOML
from .maps import token
from .towns import work

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")


def test_scopes_and_errors_are_all_described() -> None:
    assert set(re.findall(r"^\| `(\w+:\w+)` \|", TEXT, re.M)) == set(SCOPES)
    assert {int(s) for s in re.findall(r"^\| (\d{3}) \|", TEXT, re.M)} == set(_kinds()) - {406}
    assert "bbox" in PARAMETERS


@pytest.mark.django_db(transaction=True)
def test_examples_of_curl(live_server: Any, person: Any, tmp_path: Path) -> None:
    if not shutil.which("curl"):
        missing("curl")
    from isopolis.web.workspaces.actions import CreateWorkspace

    owner = person("owner")
    CreateWorkspace(owner, "Testville").run()
    (tmp_path / "people.csv").write_bytes(CSV)
    (tmp_path / "city.toml").write_text(TOML)
    (block,) = re.findall(r"```sh\n(SITE=.*?)```", TEXT, re.S)
    block = block.replace("http://localhost:8000", live_server.url)
    # between the parts a person waits until the work is done
    upload, start, read = block.split("\n# ")[1:]
    head = block.split("\n# ")[0]
    env = os.environ | {"TOKEN": token(owner)}

    def shell(text: str) -> str:
        script = text.replace("curl ", "curl --fail-with-body --no-progress-meter ")
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    first = shell(f"{head}\n# {upload}\necho; echo DATA=$DATA")
    assert '"state": "waiting"' in first
    data = first.strip().splitlines()[-1]
    work()
    second = shell(f"{head}\n{data}\n# {start}\necho; echo RUN=$RUN")
    run = second.strip().splitlines()[-1]
    assert re.fullmatch(r"RUN=[0-9a-f-]{36}", run)
    work()
    third = shell(f"{head}\n{run}\n# {read}")
    assert '"measure": "dissimilarity"' in third
    assert (tmp_path / "zones.parquet").read_bytes().startswith(b"PAR1")
