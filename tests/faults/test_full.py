"""The disk is full: what is there can be read, what is sent is refused clearly, nothing is half-written."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ..conftest import missing
from ..databases import POSTGRES
from .platform import Platform, Visitor, city, faithful, jobs, send_table, signed_in, until

MEGABYTES = 24


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of a few megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "isopolis-test", str(place)]
    if subprocess.run(command, capture_output=True).returncode:
        missing("the right to mount a small disk")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def platform(disk: Path) -> Iterator[Platform]:
    running = Platform(disk / "data", log=disk.parent / "server.log")
    yield running
    running.stop()


def fill(disk: Path, leave: int = 0) -> Path:
    """Fill the disk up; what to remove again is returned."""
    ballast = disk / "ballast"
    with ballast.open("ab", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 65536)
        except OSError:
            pass
        file.truncate(file.tell() - leave)
    return ballast


def files(platform: Platform) -> list[str]:
    return [str(p) for p in (platform.folder / "cities").rglob("*") if p.is_file()]


def test_a_full_disk_is_said_and_nothing_is_half_written(platform: Platform, disk: Path) -> None:
    visitor = signed_in(platform)
    kept = ["Smalltown"]
    workspace = city(visitor, kept[0])
    ballast = fill(disk)

    answer = send_table(visitor, workspace, b"# " + b"x" * 200_000)
    assert (answer[0], "There is no space left" in answer[2]) == (507, True), answer[2]
    assert files(platform) == []
    assert platform.ask("SELECT count(*) FROM datasets_dataset") == [(0,)]
    assert list(jobs(platform)) == []

    # the write-ahead log has room left for some changes; each is then either promised or refused
    for number in range(0 if POSTGRES else 600):
        status, _, text = visitor.post("/w/new/", {"name": f"Town {number}"})
        assert status in (302, 507), text
        if status == 507:
            assert "There is no space left" in text
            break
        kept.append(f"Town {number}")
    else:
        assert POSTGRES, "the disk was never full"
    for path in ("/w/", workspace, f"{workspace}log/"):
        assert visitor.get(path)[0] == 200, path
    for path in ("/", "/accounts/login/"):
        assert Visitor(platform.port).get(path)[0] == 200, path
    faithful(platform, kept)

    ballast.unlink()
    until(lambda: visitor.post("/w/new/", {"name": "Later"})[0] == 302, "room", 20)
    assert send_table(visitor, workspace)[0] == 302
    until(lambda: [j["state"] for j in jobs(platform)] == ["done"], "the job")
    faithful(platform, [*kept, "Later"])
    platform.audit_is_whole()


def test_a_job_without_room_says_so(platform: Platform, disk: Path) -> None:
    visitor = signed_in(platform)
    _, headers, _ = send_table(visitor, city(visitor, "Smalltown"))
    dataset = headers["location"]
    until(lambda: [j["state"] for j in jobs(platform)] == ["done"], "the reading")
    ballast = fill(disk, leave=300_000)
    status, headers, _ = visitor.post(f"{dataset}diagnose/", {})
    assert status == 302
    until(lambda: list(jobs(platform))[-1]["state"] == "failed", "the diagnosis", 90)
    assert list(jobs(platform))[-1]["error"].startswith("The server's disk is full.")
    assert "disk is full" in visitor.get(headers["location"])[2]
    left = [p for p in (platform.folder / "results").rglob("*") if p.is_file()]
    assert left == []

    ballast.unlink()
    assert visitor.post(f"{dataset}diagnose/", {})[0] == 302
    until(lambda: list(jobs(platform))[-1]["state"] == "done", "the diagnosis", 120)
