"""A platform to measure: started, signed in to, with a small city that has been diagnosed."""

from __future__ import annotations

import gzip
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[2]
TICK = os.sysconf("SC_CLK_TCK")
TABLE = "zone,total,born_here,born_abroad\n" + "".join(
    f"Z{i:02d},{200 + 7 * i},{150 + 3 * i},{50 + 4 * i}\n" for i in range(24)
)
"""Example data, not a real place."""


@dataclass
class Site:
    """A running platform, and one visitor's cookies."""

    folder: Path
    database: str = ""
    cookies: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> Site:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.log = self.folder / "server.log"
        env = {k: v for k, v in os.environ.items() if not k.startswith(("ISOPOLIS_WEB_", "DJANGO_"))}
        env["PYTHONPATH"] = f"{ROOT}{os.pathsep}{ROOT / 'src'}"
        if self.database:
            env["ISOPOLIS_WEB_DATABASE_URL"] = self.database
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "bench.load.serve", "--data", str(self.folder / "data"),
                 "--port", str(self.port), "--no-open"],
                cwd=ROOT, env=env, stdout=log, stderr=log,
            )  # fmt: skip
        self.wait(lambda: self.status("/hello") == 200, "the server")
        return self

    def __exit__(self, *_: object) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)

    def wait(self, wanted: Any, what: str, seconds: float = 180) -> None:
        until = time.monotonic() + seconds
        while not wanted():
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError(f"no {what}: {self.log.read_text()[-3000:]}")
            time.sleep(0.3)

    def status(self, path: str) -> int:
        try:
            return self.get(path)[0]
        except OSError:
            return 0

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        return self._send("GET", path, None, headers)

    def post(self, path: str, **fields: str) -> tuple[int, dict[str, str], bytes]:
        fields["csrfmiddlewaretoken"] = self.cookies.get("csrftoken", "")
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", path, urlencode(fields), kind)

    def upload(self, path: str) -> tuple[int, dict[str, str], bytes]:
        mark = uuid4().hex
        head = f"--{mark}\r\nContent-Disposition: form-data; name="
        body = (f'{head}"csrfmiddlewaretoken"\r\n\r\n{self.cookies["csrftoken"]}\r\n'
                f'{head}"files"; filename="people.csv"\r\n\r\n{TABLE}\r\n--{mark}--\r\n')  # fmt: skip
        return self._send("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={mark}"})

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Any:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        link.request(method, path, body, self.carried | headers)
        answer = link.getresponse()
        text = answer.read()
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        link.close()
        return answer.status, {k.lower(): v for k, v in answer.headers.items()}, text

    @property
    def carried(self) -> dict[str, str]:
        """Headers that carry the visitor's cookies."""
        said = "; ".join(f"{k}={v}" for k, v in self.cookies.items())
        return {"Cookie": said} if said else {}

    def furnish(self) -> dict[str, str]:
        """Sign in, upload, diagnose; return the addresses that members see."""
        found = re.search(r"Sign in once with: http://[^/]+(\S+)", self.log.read_text())
        assert found, self.log.read_text()
        self.get(found[1])
        assert self.post(found[1])[0] == 302
        self.get("/w/new/")
        workspace = self.post("/w/new/", name="Smalltown")[1]["location"]
        dataset = self.upload(f"{workspace}data/upload/")[1]["location"]
        self.wait(lambda: b'/diagnose/"' in self.get(dataset)[2], "reading")
        run = self.post(f"{dataset}diagnose/")[1]["location"]
        self.wait(lambda: self.status(f"{run}findings/0/") == 200, "diagnosis")
        return {"workspace": workspace, "overview": run, "finding": f"{run}findings/0/"}

    def web_processes(self) -> list[int]:
        """Gunicorn and its workers; the job runner is not part of answering."""
        parents = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdecimal():
                try:
                    parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                except (OSError, ValueError):
                    continue
        masters = [p for p, parent in parents.items() if parent == self.process.pid and _is_web(p)]
        return masters + [p for p, parent in parents.items() if parent in masters]

    def cpu(self) -> float:
        """Seconds of processor time that the web server has used so far."""
        ticks = 0
        for pid in self.web_processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICK

    def memory(self) -> list[float]:
        """Proportional set size of each worker, in megabytes."""
        sizes = []
        for pid in self.web_processes()[1:]:
            found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
            sizes.append(int(found[1]) / 1000 if found else 0.0)
        return sizes

    def load(self, path: str, connections: int, **order: Any) -> dict[str, Any]:
        """Let the client loose in a process of its own."""
        said = {"port": self.port, "path": path, "connections": connections, **order}
        done = subprocess.run(
            [sys.executable, "-m", "bench.load.client"], input=json.dumps(said), cwd=ROOT, text=True,
            capture_output=True, check=True,
        )  # fmt: skip
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


def _is_web(pid: int) -> bool:
    return b"gunicorn" in Path(f"/proc/{pid}/cmdline").read_bytes()


def packed(body: bytes) -> int:
    """Bytes of a page as a proxy sends it, compressed."""
    return len(gzip.compress(body, 6))
