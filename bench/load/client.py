"""``python -m bench.load.client``: requests over many connections that stay open, and their times.

Reads one JSON object from standard input; writes one.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4


class Worker(threading.Thread):
    """One connection."""

    def __init__(self, order: dict[str, Any], gate: threading.Barrier) -> None:
        super().__init__()
        self.order, self.gate = order, gate
        self.times: list[float] = []
        self.statuses: dict[str, int] = {}

    def run(self) -> None:
        self.link = http.client.HTTPConnection("127.0.0.1", self.order["port"], timeout=120)
        self.gate.wait()
        until = time.perf_counter() + self.order.get("seconds", 1e9)
        left = self.order.get("requests", 1 << 60)
        while left and time.perf_counter() < until:
            left -= 1
            began = time.perf_counter()
            status = self.one()
            self.times.append(time.perf_counter() - began)
            self.statuses[status] = self.statuses.get(status, 0) + 1

    def one(self) -> str:
        order = self.order
        headers, body = dict(order.get("headers", {})), None
        if "fields" in order:
            said = {k: v.replace("{unique}", uuid4().hex[:10]) for k, v in order["fields"].items()}
            body, headers["Content-Type"] = urlencode(said), "application/x-www-form-urlencoded"
        try:
            self.link.request("GET" if body is None else "POST", order["path"], body, headers)
            answer = self.link.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            self.link.close()
            return type(error).__name__
        return str(answer.status)


def main() -> None:
    order = json.load(sys.stdin)
    count = order["connections"]
    gate = threading.Barrier(count)
    workers = [Worker(order, gate) for _ in range(count)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    statuses: dict[str, int] = {}
    for worker in workers:
        for status, number in worker.statuses.items():
            statuses[status] = statuses.get(status, 0) + number
    print(json.dumps({"times": [t for w in workers for t in w.times], "statuses": statuses}))


if __name__ == "__main__":
    main()
