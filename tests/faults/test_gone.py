"""The database goes away and comes back: a clear page meanwhile, and nothing to start again by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from .. import databases
from ..conftest import missing
from ..databases import POSTGRES
from .cluster import Cluster, programs
from .platform import Load, Platform, Visitor, city, faithful, health, jobs, send_table, signed_in, until


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[Platform]:
    platform = Platform(folder, **settings)
    try:
        yield platform
    finally:
        platform.stop()


def out_of_reach(visitor: Visitor) -> None:
    """Pages and forms say that it is not for long, and when to come again."""
    for status, headers, text in (visitor.get("/w/"), visitor.post("/w/new/", {"name": "Lost"})):
        assert status == 503, text
        assert int(headers["retry-after"]) > 0
        assert "out of reach for a moment" in text
        assert "<h1>" in text
        assert "default-src 'none'" in headers["content-security-policy"]


def back_to_work(platform: Platform, visitor: Visitor, kept: list[str]) -> None:
    until(lambda: visitor.status("/w/") == 200, "the pages", 30)
    until(lambda: health(platform)[0] == 200, "good health", 30)
    kept.append("After it all")
    status, _, text = send_table(visitor, city(visitor, kept[-1]))
    assert status == 302, text
    until(lambda: [j["state"] for j in jobs(platform)] == ["done"], "the job runner")
    faithful(platform, kept)
    platform.audit_is_whole()


if POSTGRES:

    @pytest.fixture
    def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
        if programs() is None:
            missing("PostgreSQL's server programs")
        made = Cluster()
        monkeypatch.setattr(databases, "URL", made.url)
        yield made
        made.remove()

    def test_postgresql_stopped_and_started_again(cluster: Cluster, tmp_path: Path) -> None:
        with running(tmp_path / "data") as platform:
            visitor = signed_in(platform)
            kept: list[str] = []
            for mode in ("fast", "immediate"):  # the second is what a crash is like
                with Load(visitor) as load:
                    load.some()
                    cluster.stop(mode)
                    until(lambda load=load: load.answers.get(503, 0) > 2, "answers without database")
                    out_of_reach(visitor.twin())
                    status, said = health(platform)
                    assert (status, said["database"]) == (503, "does not answer")
                    cluster.start()
                    load.some(seconds=30)
                assert set(load.answers) <= {302, 503}, load.answers
                kept += load.kept
            back_to_work(platform, visitor, kept)

else:

    def test_sqlite_taken_away_and_put_back(tmp_path: Path) -> None:
        with running(tmp_path / "data") as platform:
            visitor = signed_in(platform)
            with Load(visitor) as load:
                load.some()
            base, away = platform.folder / "isopolis.sqlite3", platform.folder / "away"
            base.rename(away)
            out_of_reach(visitor.twin())
            status, said = health(platform)
            assert (status, said["database"]) == (503, "does not answer")
            assert not base.exists(), "an empty database was made in its place"
            away.rename(base)
            back_to_work(platform, visitor, load.kept)

    def test_sqlite_locked_by_somebody_else(tmp_path: Path) -> None:
        address = f"sqlite://{tmp_path}/data/isopolis.sqlite3?timeout=1"
        with running(tmp_path / "data", ISOPOLIS_WEB_DATABASE_URL=address) as platform:
            visitor = signed_in(platform)
            with closing(sqlite3.connect(platform.folder / "isopolis.sqlite3")) as other:
                other.isolation_level = None
                other.execute("BEGIN IMMEDIATE")
                status, headers, text = visitor.post("/w/new/", {"name": "Lost"})
                assert (status, "retry-after" in headers) == (503, True), text
                assert visitor.get("/w/")[0] == 200, "who reads waits for nobody"
                other.execute("ROLLBACK")
            back_to_work(platform, visitor, [])
            assert "Lost" not in visitor.get("/w/")[2]
