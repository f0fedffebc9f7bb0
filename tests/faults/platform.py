"""A real server on a folder of its own, visitors with real forms, and what the database then really holds."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from ..databases import ask, begin, environment

PATIENCE = 60.0
TABLE = b"zone,total,born_here,born_abroad\n" + b"".join(
    f"Z{i:02d},{200 + 7 * i},{150 + 3 * i},{50 + 4 * i}\n".encode() for i in range(24)
)
"""Example data, not a real place."""


def until(wanted: Callable[[], Any], what: str, seconds: float = PATIENCE, pause: float = 0.1) -> Any:
    """Ask again until there is something; fail with what was waited for."""
    end = time.monotonic() + seconds
    while not (found := wanted()):
        assert time.monotonic() < end, f"waited {seconds:.0f} s in vain for {what}"
        time.sleep(pause)
    return found


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tree(root: int) -> dict[int, tuple[int, str]]:
    """Every process under `root` with its parent and its command line."""
    found: dict[int, tuple[int, str]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, ValueError):
                continue
            found[int(entry.name)] = (parent, line)
    inside, before = {root}, 0
    while len(inside) != before:
        before = len(inside)
        inside |= {pid for pid, (parent, _) in found.items() if parent in inside}
    return {pid: found[pid] for pid in inside if pid in found}


class Platform:
    """``isopolis serve``, started again as often as it is killed."""

    def __init__(self, folder: Path, *, workers: int = 2, log: Path | None = None, **settings: str) -> None:
        self.folder, self.port, self.workers = folder, free_port(), workers
        self.log = log or folder.parent / f"{folder.name}.log"
        self.environment = environment(folder, **settings)
        self.link = ""
        begin(folder)
        self.start()

    def start(self) -> None:
        said = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "isopolis", "serve", "--data", str(self.folder),
                 "--port", str(self.port), "--no-open", "--workers", str(self.workers)],
                env=self.environment, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        try:
            until(self._up, "the server")
        except AssertionError as error:
            self.kill()  # nobody else will: its test has not begun
            raise AssertionError(f"{error}\n{self.log.read_text()[said:][-3000:]}") from None
        found = re.search(r"Sign in once with: (\S+)", self.log.read_text()[said:])
        self.link = urlsplit(found[1]).path if found else self.link

    def _up(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"the server ended with code {self.process.returncode}")
        return Visitor(self.port).status("/health") != 0

    def workers_now(self) -> list[int]:
        processes = tree(self.process.pid)
        masters = {p for p, (parent, line) in processes.items()
                   if parent == self.process.pid and "gunicorn" in line}  # fmt: skip
        return sorted(p for p, (parent, _) in processes.items() if parent in masters)

    def runner_now(self) -> int:
        wanted = (p for p, (parent, line) in tree(self.process.pid).items()
                  if parent == self.process.pid and "work.runner" in line)  # fmt: skip
        return next(wanted, 0)

    def kill(self) -> None:
        """End everything at once, without a word."""
        for pid in tree(self.process.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self.process.wait(10)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.kill()

    def ask(self, question: str, *values: Any) -> list[tuple[Any, ...]]:
        return ask(self.folder, question, *values)

    def audit_is_whole(self) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "isopolis", "audit", "verify", "--data", str(self.folder)],
            env=self.environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr + done.stdout


@dataclass
class Visitor:
    """Somebody with a browser that knows cookies and forms, and a connection for each request."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    timeout: float = 90.0

    def get(self, path: str) -> tuple[int, dict[str, str], str]:
        return self.send("GET", path)

    def status(self, path: str) -> int:
        """Status of a page, 0 when nobody answers."""
        try:
            return self.get(path)[0]
        except (OSError, http.client.HTTPException):
            return 0

    def post(self, path: str, fields: dict[str, str], file: tuple[str, bytes] | None = None) -> Any:
        """Send a form as its page gives it, token included."""
        token = self.cookies.get("csrftoken", "")
        fields = {"csrfmiddlewaretoken": token, **fields}
        if file is None:
            return self.send("POST", path, urlencode(fields).encode(), "application/x-www-form-urlencoded")
        mark = uuid.uuid4().hex
        parts = [f'--{mark}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n'.encode()
                 for k, v in fields.items()]  # fmt: skip
        head = f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{file[0]}"\r\n\r\n'
        body = b"".join(parts) + head.encode() + file[1] + f"\r\n--{mark}--\r\n".encode()
        return self.send("POST", path, body, f"multipart/form-data; boundary={mark}")

    def send(
        self, method: str, path: str, body: bytes = b"", kind: str = ""
    ) -> tuple[int, dict[str, str], str]:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} if self.cookies else {}
        if kind:
            headers["Content-Type"] = kind
        try:
            link.request(method, path, body or None, headers)
            answer = link.getresponse()
            text = answer.read().decode(errors="replace")
        finally:
            link.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, {k.lower(): v for k, v in answer.headers.items()}, text

    def twin(self) -> Visitor:
        return Visitor(self.port, dict(self.cookies), self.timeout)


def signed_in(platform: Platform) -> Visitor:
    """Spend the one-time link."""
    visitor = Visitor(platform.port)
    visitor.get(platform.link)
    status, _, text = visitor.post(platform.link, {})
    assert status == 302, text
    assert visitor.get("/w/new/")[0] == 200
    return visitor


@dataclass
class Load:
    """Writers at work, and what they were promised."""

    visitor: Visitor
    writers: int = 4
    kept: list[str] = field(default_factory=list)
    answers: dict[int, int] = field(default_factory=dict)
    slow: float = 0.0
    _over: threading.Event = field(default_factory=threading.Event)
    _lock: Any = field(default_factory=threading.Lock)

    def __enter__(self) -> Load:
        self._threads = [threading.Thread(target=self._write, args=(n,)) for n in range(self.writers)]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join(120)
            assert not thread.is_alive(), "a request never ended"

    def _write(self, number: int) -> None:
        visitor = self.visitor.twin()
        while not self._over.is_set():
            name = f"Town {number} {uuid.uuid4().hex[:12]}"
            began = time.monotonic()
            try:
                status, headers, _ = visitor.post("/w/new/", {"name": name})
            except (OSError, http.client.HTTPException):
                status, headers = 0, {}
            with self._lock:
                self.answers[status] = self.answers.get(status, 0) + 1
                self.slow = max(self.slow, time.monotonic() - began)
                if status == 302 and headers["location"].startswith("/w/town-"):
                    self.kept.append(name)  # promised: it must never be lost again
            time.sleep(0.02 if status == 302 else 0.2)

    def some(self, count: int = 3, seconds: float = PATIENCE) -> None:
        """Wait until that many more writes were promised."""
        wanted = len(self.kept) + count
        until(lambda: len(self.kept) >= wanted, f"{count} more writes ({self.answers})", seconds)


def faithful(platform: Platform, kept: list[str]) -> int:
    """Hold the tables against what was promised: each once, whole, and none half-made; return how many."""
    rows = platform.ask("SELECT id, name FROM workspaces_workspace")
    names = [name for _, name in rows]
    lost = set(kept) - set(names)
    assert not lost, f"{len(lost)} acknowledged changes are lost: {sorted(lost)[:3]}"
    assert len(names) == len(set(names)), "a change is there twice"
    made = sorted(_hex(i) for i, _ in rows)
    owners = platform.ask("SELECT workspace_id FROM workspaces_membership WHERE role = %s", "owner")
    logged = platform.ask("SELECT workspace FROM audit_auditevent WHERE verb = %s", "workspace.create")
    assert made == sorted(_hex(i) for (i,) in owners), "a workspace without owner, or the reverse"
    assert made == sorted(_hex(i) for (i,) in logged), (
        "a workspace without its row in the log, or the reverse"
    )
    _in_a_row(platform)
    return len(kept)


def _hex(number: Any) -> str:
    return str(number).replace("-", "")


def _in_a_row(platform: Platform) -> None:
    """The log counts from one, each row names the one before, and the head names the last."""
    rows = platform.ask("SELECT number, previous, seal FROM audit_auditevent ORDER BY number")
    before = ""
    for place, (number, previous, seal) in enumerate(rows, 1):
        assert (number, previous) == (place, before), f"the log breaks at row {number}"
        before = seal
    assert platform.ask("SELECT count, seal FROM audit_audithead") == [(len(rows), before)]


def city(visitor: Visitor, name: str) -> str:
    """Make a workspace and return its address."""
    status, headers, text = visitor.post("/w/new/", {"name": name})
    assert status == 302, text
    return headers["location"]


def send_table(visitor: Visitor, workspace: str, extra: bytes = b"") -> tuple[int, dict[str, str], str]:
    """Upload a small table."""
    answer: tuple[int, dict[str, str], str]
    answer = visitor.post(f"{workspace}data/upload/", {}, ("people.csv", TABLE + extra))
    return answer


def jobs(platform: Platform) -> Iterator[dict[str, Any]]:
    rows = platform.ask("SELECT subject, kind, state, attempt, error FROM work_job ORDER BY created_at")
    for subject, *others in rows:
        yield dict(
            zip(("subject", "kind", "state", "attempt", "error"), (_hex(subject), *others), strict=True)
        )


def health(platform: Platform) -> tuple[int, dict[str, Any]]:
    status, _, text = Visitor(platform.port).get("/health")
    return status, json.loads(text)
