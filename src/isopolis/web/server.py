"""The platform on one machine: prepares the data folder, then looks after web server and job runner."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from isopolis.model import CallError

from .options import PREFIX, read_options

__all__ = ["prepare", "serve"]

GRACE = 15.0
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
Say = Callable[[str], None]


def prepare(data: Path | None) -> Path:
    """Make the data folder and its secret key, set Django up, bring the tables up to date.

    Raises
    ------
    CallError
        If the folder cannot be used, or a setting is wrong.
    """
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
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    return folder


def _secret_key(path: Path) -> None:
    """Make the key once; it never leaves this file."""
    with suppress(FileExistsError):
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(secrets.token_urlsafe(50))


def serve(
    data: Path | None, host: str, port: int, *, browser: bool, link: bool, workers: int, say: Say
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
    """
    port = port or _free_port(host)
    _refuse_taken(host, port)
    folder = prepare(data)
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
    return _look_after(
        {"web": _web(host, port, workers), "jobs": [sys.executable, "-m", "isopolis.web.work.runner"]}
    )


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
        "--log-level", "warning", "--max-requests", "10000", "--max-requests-jitter", "1000",
    ]  # fmt: skip


def _look_after(commands: Mapping[str, list[str]]) -> int:
    """Start the processes again when they die, and end them when this one is told to end."""
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    running = {name: _start(command) for name, command in commands.items()}
    started = {name: time.monotonic() for name in commands}
    code = 0
    while not stopping.wait(0.5):
        for name, process in running.items():
            if process.poll() is None:
                continue
            if time.monotonic() - started[name] < 3:
                print(f"isopolis: {name} ended at once (code {process.returncode})", file=sys.stderr)
                code = 1
                stopping.set()
                break
            running[name], started[name] = _start(commands[name]), time.monotonic()
    for process in running.values():
        process.terminate()
    for process in running.values():
        _wait(process)
    return code


def _start(command: list[str]) -> subprocess.Popen[bytes]:
    # a session of its own: Ctrl-C reaches this process only, which then ends the others in order
    return subprocess.Popen(command, start_new_session=sys.platform != "win32")


def _wait(process: subprocess.Popen[bytes]) -> None:
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
