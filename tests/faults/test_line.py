"""A bad line between the platform and PostgreSQL: slow, cut, half closed, swallowing."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from ..databases import url_of
from .platform import Load, Platform, faithful, health, signed_in, until
from .proxy import Proxy


@pytest.fixture
def proxy(tmp_path: Path) -> Iterator[Proxy]:
    parts = urlsplit(url_of(tmp_path / "data"))
    made = Proxy(parts.hostname or "127.0.0.1", parts.port or 5432)
    yield made
    made.stop()


def through(proxy: Proxy, folder: Path) -> str:
    """Address of a folder's database, by way of the proxy."""
    parts = urlsplit(url_of(folder))
    who = parts.netloc.rpartition("@")[0]
    return urlunsplit(parts._replace(netloc=f"{who}@127.0.0.1:{proxy.port}"))


@pytest.fixture
def platform(proxy: Proxy, tmp_path: Path) -> Iterator[Platform]:
    address = through(proxy, tmp_path / "data")
    running = Platform(tmp_path / "data", ISOPOLIS_WEB_DATABASE_URL=address)
    yield running
    running.stop()


def test_cut_lines_under_load(platform: Platform, proxy: Proxy) -> None:
    visitor = signed_in(platform)
    with Load(visitor) as load:
        for _ in range(5):
            load.some(5)
            assert proxy.cut() > 0
            load.some(2, seconds=10)
        for _ in range(3):
            proxy.cut_after = 300  # in the middle of an answer
            load.some(4, seconds=10)
        proxy.half_close()
        load.some(4, seconds=10)
        proxy.delay = 0.02
        load.some(4, seconds=20)
        proxy.delay = 0.0
    assert set(load.answers) <= {302, 503}, load.answers
    assert 0 < load.answers.get(503, 0) <= 10 * load.writers, load.answers
    faithful(platform, load.kept)
    platform.audit_is_whole()


def test_a_line_that_swallows_everything_is_given_up(platform: Platform, proxy: Proxy) -> None:
    visitor = signed_in(platform)
    with Load(visitor) as load:
        load.some()
        proxy.swallowing = True
        time.sleep(3)
        proxy.swallowing = False
        proxy.cut()  # as a router does that forgot them
        load.some(4, seconds=20)
    assert set(load.answers) <= {302, 503}, load.answers
    until(lambda: health(platform)[0] == 200, "good health", 30)
    faithful(platform, load.kept)


def test_an_answer_is_not_waited_for_for_ever(
    proxy: Proxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    from isopolis.web.engines.postgres import base

    monkeypatch.setattr(base, "PATIENCE", 1.0)
    line = base._Impatient.connect(through(proxy, tmp_path / "data"), autocommit=True)
    assert line.execute("SELECT 1").fetchone() == (1,)
    proxy.swallowing = True
    began = time.monotonic()
    with pytest.raises(psycopg.OperationalError, match="did not answer in time"):
        line.execute("SELECT 1")
    assert time.monotonic() - began < 5
    assert line.closed
