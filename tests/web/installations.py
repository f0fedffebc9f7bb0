"""Data folders for the tests of backup, restore and upgrade, each used through the command line."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parents[2]
FIRST = Path(__file__).parent / "fixtures" / "first-data-folder.tar.xz"
PASSWORD = "correct horse battery staple"


def first_folder(folder: Path) -> Path:
    """Unpack the data folder that the first commit with one has made."""
    folder.mkdir(mode=0o700)
    with tarfile.open(FIRST) as archive:
        # our own archive; the argument "filter" came with Python 3.11.4
        archive.extractall(folder)
    return folder


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a command, without the settings of this test run."""
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("ISOPOLIS_WEB_", "DJANGO_", "PROMETHEUS_"))
    }
    return kept | {"PYTHONPATH": str(ROOT / "src")} | more


def isopolis(*arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command of isopolis."""
    command = [sys.executable, "-m", "isopolis", *map(str, arguments)]
    return subprocess.run(command, env=environment(**more), capture_output=True, text=True, timeout=300)


def python(code: str, folder: Path, **more: str) -> str:
    """Run Python with Django set up on a folder, and return what it prints."""
    start = (
        "import django, os\nos.environ['DJANGO_SETTINGS_MODULE'] = 'isopolis.web.settings'\ndjango.setup()\n"
    )
    settings = {"ISOPOLIS_WEB_DATA": str(folder), "ISOPOLIS_WEB_HOSTS": "testserver"} | more
    done = subprocess.run(
        [sys.executable, "-c", start + code],
        env=environment(**settings),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def postgres() -> str:
    """Address of the PostgreSQL on which this run of the tests is; empty on SQLite."""
    address = os.environ.get("ISOPOLIS_TEST_DATABASE_URL", "")
    return address if address.startswith("postgres") else ""


def beside(address: str, name: str) -> str:
    """Return the address of another database of the same server."""
    return urlunsplit(urlsplit(address)._replace(path=f"/{name}"))
