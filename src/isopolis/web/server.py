"""The platform on one machine: prepares the data folder, then looks after web server and job runner."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import webbrowser
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from isopolis.model import CallError

from .options import PREFIX, read_options

__all__ = ["prepare", "serve", "set_up"]

GRACE = 15.0
SHORT, SLOWEST = 3.0, 30.0
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
Say = Callable[[str], None]


def prepare(data: Path | None) -> Path:
    """Make the data folder, its secret key and its tables, and set Django up.

    Raises
    ------
    CallError
        If the folder cannot be used, a setting is wrong, or the tables wait for ``isopolis upgrade``.
    """
    folder = set_up(data)
    from .operate.upgrade import current_or_refuse

    current_or_refuse()
    return folder


def set_up(data: Path | None) -> Path:
    """Make the data folder and its secret key and set Django up; the tables stay as they are."""
    if data is not None:
        os.environ[PREFIX + "DATA"] = str(data.expanduser().absolute())
    options = read_options()
    folder: Path = options["data"]
    os.environ[PREFIX + "DATA"] = str(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not options["secret_key"]:
            _secret_key(folder / "secret_key")
    except OSError as error:
        raise CallError(f"the data folder {folder} cannot be used: {error.strerror}") from None
    os.environ["DJANGO_SETTINGS_MODULE"] = "isopolis.web.settings"
    import django

    django.setup()
    return folder


def _open(data: Path | None, say: Say) -> tuple[Path, int]:
    """Set up for serving; return the folder and its lock, which a restore or an upgrade respects.

    On SQLite an installation of an earlier version is upgraded here, after a backup, since nobody else can
    use it meanwhile; on PostgreSQL other servers may, so that it is for a person to decide when.
    """
    from .operate.lock import hold, share
    from .operate.swap import recover, sweep
    from .operate.upgrade import upgrade

    folder = set_up(data)
    from django.db import connection

    try:
        lock = hold(folder, exclusive=True)
    except CallError:  # a second server on the same folder: nothing may change now
        lock = hold(folder, exclusive=False)
        return prepare(folder), lock
    if recover(folder):
        say("A restore was cut off; what was here before it is back.")
    sweep(folder)
    if connection.vendor == "sqlite":
        upgrade(folder, say)
    prepare(folder)
    from .library.shipped import load_shipped

    load_shipped()
    share(lock)
    return folder, lock


def _secret_key(path: Path) -> None:
    """Make the key once; it never leaves this file."""
    with suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(50))


def serve(
    data: Path | None,
    host: str,
    port: int,
    *,
    browser: bool,
    link: bool,
    workers: int,
    say: Say,
    example: bool = False,
) -> int:
    """Serve until told to stop; return the exit code.

    Parameters
    ----------
    data : Path or None
        Data folder; that of the settings when None.
    host, port
        Where to listen; port 0 takes a free one.
    browser : bool
        Open a browser with the one-time link.
    link : bool
        Print a one-time sign-in link for the administrator; only where nobody else can listen.
    workers : int
        Processes of the web server.
    say : callable
        Receives the lines that the person at the keyboard must see.
    example : bool
        Put the example city with a finished diagnosis into a new installation first.
    """
    port = port or _free_port(host)
    _refuse_taken(host, port)
    folder, lock = _open(data, say)
    if example:
        from .accounts.links import administrator
        from .operate.example import put_example

        put_example(administrator(), say)
    address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    say(f"Data:    {folder}")
    say(f"Address: {address}/")
    entry = address + "/"
    if link:
        from .accounts.links import make_link

        entry = address + make_link()
        say(f"Sign in once with: {entry}")
    from django.db import connections

    connections.close_all()
    if browser:
        threading.Timer(2.0, webbrowser.open, [entry]).start()
    counts = tempfile.mkdtemp(prefix="isopolis-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = counts  # where the web processes add their counts up
    try:
        return _look_after(
            {"web": _web(host, port, workers), "jobs": [sys.executable, "-m", "isopolis.web.work.runner"]}
        )
    finally:
        shutil.rmtree(counts, ignore_errors=True)
        os.close(lock)


def _free_port(host: str) -> int:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def _refuse_taken(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            why = error.strerror or "unknown reason"
            raise CallError(
                f"port {port} of {host} cannot be used ({why.lower()}); choose another with --port"
            ) from None


def _web(host: str, port: int, workers: int) -> list[str]:
    if sys.platform == "win32":  # gunicorn needs fork
        return [
            sys.executable,
            "-m",
            "isopolis.web",
            "runserver",
            "--noreload",
            "--insecure",
            f"{host}:{port}",
        ]
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    return [
        sys.executable, "-m", "gunicorn", "isopolis.web.wsgi:application", "--bind", bind,
        "--worker-class", "gthread", "--workers", str(workers), "--threads", "4",
        "--timeout", "120", "--graceful-timeout", "10",
        "--log-level", "warning", "--max-requests", "100000", "--max-requests-jitter", "20000",
    ]  # fmt: skip


def _look_after(commands: Mapping[str, list[str]]) -> int:
    """Start the processes again when they die, and end them when this one is told to end."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    kept = {name: _Kept(command) for name, command in commands.items()}
    code = 0
    while not stopping.wait(0.5):
        for name, one in kept.items():
            if not one.look():
                print(f"isopolis: {name} ended at once (code {one.process.returncode})", file=sys.stderr)
                code = 1
                stopping.set()
                break
    for one in kept.values():
        one.process.terminate()
    for one in kept.values():
        _wait(one.process)
    return code


class _Kept:
    """A process that is started again, more and more slowly when it dies at once each time."""

    def __init__(self, command: list[str]) -> None:
        self.command, self.quick, self.starts = command, 0, 0
        self.start()

    def start(self) -> None:
        self.process, self.started, self.due = _start(self.command), time.monotonic(), 0.0
        self.starts += 1

    def look(self) -> bool:
        """Start it again when it is time; False when it cannot even start, which is for a person."""
        code, now = self.process.poll(), time.monotonic()
        if code is None:
            return True
        if not self.due:
            short = now - self.started < SHORT
            if short and code > 0 and self.starts == 1:
                return False
            self.quick = self.quick + 1 if short else 0
            self.due = now + min(SLOWEST, 2**self.quick / 2 - 0.5)
        if now >= self.due:
            self.start()
        return True


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    # a session of its own: Ctrl-C reaches this process only, which then ends the others in order; and should
    # this process be killed, a web server that stays would hold the port against the next start
    return subprocess.Popen(
        [sys.executable, "-m", "isopolis.web.tied", *command[1:]] if sys.platform == "linux" else command,
        start_new_session=sys.platform != "win32",
    )


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
