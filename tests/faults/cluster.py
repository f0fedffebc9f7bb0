"""A PostgreSQL that is thrown away afterwards, for tests: of one test, or around a whole command.

``python tests/faults/cluster.py COMMAND …`` runs a command with ISOPOLIS_TEST_DATABASE_URL set, and ends the
database with it. Only the standard library, so that any Python runs it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any


def programs() -> Path | None:
    """Folder of PostgreSQL's server programs, the newest when there are several."""
    found = shutil.which("initdb")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name))
    return Path(found).parent if found else (debian[-1] if debian else None)


class Cluster:
    """A server on a free port of this machine, with a password that nobody else knows."""

    def __init__(self) -> None:
        bin_ = programs()
        if bin_ is None:
            raise RuntimeError(
                "PostgreSQL's server programs are missing (Debian: apt-get install postgresql)"
            )
        self.bin = bin_
        self.folder = Path(tempfile.mkdtemp(prefix="isopolis-postgres-"))
        self.password = secrets.token_urlsafe(24)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        # PostgreSQL refuses to run as root
        self.user: dict[str, Any] = {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}
        secret = self.folder / "password"
        secret.write_text(self.password)
        for path in (self.folder, secret):
            if self.user:
                shutil.chown(path, "postgres", "postgres")
        self._run("initdb", "--pgdata", str(self.data), "--username", "isopolis", "--pwfile", str(secret),
                  "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8",
                  "--no-sync")  # fmt: skip
        with (self.data / "postgresql.conf").open("a") as file:
            # the machine's own crash is not what is tested, a killed process loses nothing without fsync
            file.write(f"listen_addresses = '127.0.0.1'\nport = {self.port}\nfsync = off\n"
                       f"unix_socket_directories = ''\nmax_connections = 200\n")  # fmt: skip
        self.start()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def url(self) -> str:
        return f"postgresql://isopolis:{self.password}@127.0.0.1:{self.port}/isopolis"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.bin / program), *arguments], cwd=self.folder, capture_output=True, text=True,
            timeout=120, stdin=subprocess.DEVNULL, **self.user,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(f"{program} failed: {done.stderr or done.stdout}")

    def _control(self, *arguments: str) -> None:
        # into a file: the server would keep a pipe open
        log = str(self.folder / "server.log")
        subprocess.run(
            [str(self.bin / "pg_ctl"), "--pgdata", str(self.data), "--wait", "--log", log, *arguments],
            cwd=self.folder, check=True, timeout=120, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            **self.user,
        )  # fmt: skip

    def start(self) -> None:
        self._control("start")

    def stop(self, mode: str = "fast") -> None:
        self._control("stop", "--mode", mode)

    def remove(self) -> None:
        if (self.data / "postmaster.pid").exists():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)


def main(command: list[str]) -> int:
    """Run a command beside a fresh cluster, and return its code."""
    cluster = Cluster()
    try:
        process = subprocess.Popen(command, env=os.environ | {"ISOPOLIS_TEST_DATABASE_URL": cluster.url})
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda n, _: process.send_signal(n))
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                continue  # the command has heard it too
    finally:
        cluster.remove()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
