"""Two successive backups, one ballot between them, and the files of the database themselves.

`test_secrecy` looks at rows; here it is what really lies on a disk: archives of `isopolis backup`, the file
of SQLite with what it has deleted, its write-ahead log, and dumps of PostgreSQL.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from isopolis.model import DataError
from isopolis.web.ballots import keys

from ... import databases
from .voting_day import COPIED, LEAST

ROLL, WAITING, BOX = "ballots_rollentry", "ballots_waiting", "ballots_boxed"


@dataclass
class Kept:
    """One archive: its names, the bytes of its database, and its rows by table, each as one text."""

    names: list[str]
    content: bytes
    rows: dict[str, set[str]]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path, dict[int, Kept]]:
    folder = tmp_path_factory.mktemp("day")
    data = folder / "data"
    databases.begin(data)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.web.ballots.voting_day", str(folder)],
        cwd=databases.ROOT, capture_output=True, text=True, timeout=300,
        env=databases.environment(data, PYTHONPATH=f"{databases.ROOT / 'src'}:{databases.ROOT}"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    said = json.loads(done.stdout.splitlines()[-1])
    said["heard"] = done.stderr
    return said, folder, {n: opened(folder, n) for n in COPIED}


def opened(folder: Path, number: int) -> Kept:
    place = folder / f"backup {number}"
    with tarfile.open(folder / f"{number}.tar.gz") as archive:
        names = archive.getnames()
        archive.extractall(place)  # our own; old releases of Python take no filter
    (base,) = (place / "databases").glob("default.*")
    if base.suffix == ".sqlite3":
        return Kept(names, base.read_bytes(), of_sqlite(base))
    text = subprocess.run(
        ["pg_restore", "--data-only", "--file", "-", str(base)], capture_output=True, check=True
    ).stdout
    return Kept(names, text, of_dump(text.decode()))


def of_sqlite(base: Path) -> dict[str, set[str]]:
    link = sqlite3.connect(base)
    # without how many rows were ever numbered, of those tables that number them
    asked = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'sqlite_sequence'"
    tables = [n for (n,) in link.execute(asked)]
    return {n: {repr(row) for row in link.execute(f'SELECT * FROM "{n}"')} for n in tables}


def of_dump(text: str) -> dict[str, set[str]]:
    out: dict[str, set[str]] = {}
    table = ""
    for line in text.splitlines():
        if line.startswith("COPY "):
            table = line.split()[1].rpartition(".")[2].strip('"')
            out[table] = set()
        elif line == "\\.":
            table = ""
        elif table:
            out[table].add(line)
    return out


Day = tuple[dict[str, Any], Path, dict[int, Kept]]


def test_no_archive_and_no_file_has_it_in_clear(day: Day) -> None:
    """No name, code or receipt, and no ballot as it is written before it is sealed."""
    said, folder, kept = day
    looked = [k.content for k in kept.values()] + [p.read_bytes() for p in folder.glob("*.sqlite3*")]
    assert len(looked) == len(COPIED) + said["raw"]
    clear = [*said["said"], '{"b":{', '"project-1":1']
    assert all(b"project-1" in k.content for k in kept.values()), "what is voted on is seen, so this sees"
    for content in looked:
        assert not [c for c in clear if c.encode() in content]
    assert not [c for c in said["said"] if c in said["heard"]]


def test_no_archive_has_the_keys_of_what_waits(day: Day) -> None:
    said, _folder, kept = day
    assert said["epochs"]
    for archive in kept.values():
        assert not [n for n in archive.names if keys.FOLDER in n]
        assert "data/ballots_key" in archive.names
        assert not [k for k in said["epochs"].values() if k in archive.content.hex()]


def test_one_ballot_between_two_archives_shows_a_mark_and_no_more(day: Day) -> None:
    said, _folder, kept = day
    for before, after in ((1, 2), (8, 9)):
        one, two = kept[before].rows, kept[after].rows
        assert {t for t in two if one[t] != two[t]} == {ROLL, WAITING, "participation_participation"}
        assert len(two[ROLL] - one[ROLL]) == len(two[WAITING] - one[WAITING]) == 1
        assert said["order"][after - 1] in next(iter(two[ROLL] - one[ROLL]))
        assert one[WAITING] < two[WAITING]


def test_the_ballot_that_fills_the_box_is_one_of_all_that_waited(day: Day) -> None:
    """Seven wait before; then six of eight are in the box, and two wait under other names than before."""
    _said, _folder, kept = day
    one, two = kept[7].rows, kept[8].rows
    assert (len(one[BOX]), len(one[WAITING])) == (0, 4 * LEAST - 1)
    assert (len(two[BOX]), len(two[WAITING])) == (3 * LEAST, LEAST)
    assert not one[WAITING] & two[WAITING]
    changed = {t for t in two if one[t] != two[t]}
    assert changed == {
        ROLL, WAITING, BOX, "participation_participation", "ballots_vote", "ballots_logentry",
    }  # fmt: skip


def test_what_waited_opens_with_no_key_that_is_left(day: Day) -> None:
    """Those who keep every archive, the lasting key in it, and later the whole server."""
    said, folder, kept = day
    lasting = (folder / "backup 9" / "data" / "ballots_key").read_bytes().strip()
    left = [lasting[:32], *(bytes.fromhex(k) for k in said["epochs"].values())]
    if databases.POSTGRES:
        sealed = [line.split("\t") for line in kept[7].rows[WAITING]]
        rows = [(r[0], bytes.fromhex(next(c for c in r if c.startswith("\\\\x"))[3:])) for r in sealed]
    else:
        link = sqlite3.connect(folder / "backup 7" / "databases" / "default.sqlite3")
        rows = list(link.execute(f"SELECT id, content FROM {WAITING}"))
    assert len(rows) == 7
    for name, content in rows:
        for key in left:
            with pytest.raises(DataError):
                keys.opened(key, name, bytes(content))


def test_through_many_doors_at_one_moment(day: Day) -> None:
    """Threads on a real database: of each person one ballot, whoever was first."""
    said, _folder, _kept = day
    for came in said["crowd"]:
        assert sorted(came) == ["taken", *["used"] * 5]
    assert said["voted"] == said["ballots"] == COPIED[-1] + len(said["crowd"])
