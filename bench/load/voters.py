"""``python -m bench.load.voters``: cast ballots over many connections that stay open, at little cost.

One thread, plain sockets, and of each answer only what is needed: its status, its length, its receipt. Reads
one JSON object (port, path, codes, connections) from standard input; writes one.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import sys
import time
import urllib.request
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
RECEIPT = re.compile(rb"<strong>([0-9A-Z]{4}(?:-[0-9A-Z]{4}){4})</strong>")
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


@dataclass
class Link:
    """One connection, and the ballot that it has sent."""

    socket: socket.socket
    began: float = 0.0
    came: bytearray = field(default_factory=bytearray)
    wanted: int = 0


def body(token: str, code: str, number: int) -> bytes:
    """A ballot of one to four projects."""
    ticks = [("choice", f"p{n}") for n in range(1, 5) if (number + 1) >> (n - 1) & 1] or [("choice", "p1")]
    return urlencode([("csrfmiddlewaretoken", token), ("code", code), *ticks, ("cast", "")]).encode()


def cast(order: dict[str, Any]) -> dict[str, Any]:
    """Cast a ballot with each code; return receipts, answers, times and what it cost."""
    place = ("127.0.0.1", int(order["port"]))
    with urllib.request.urlopen(f"http://{place[0]}:{place[1]}{order['path']}", timeout=120) as page:
        cookie = (page.headers.get("Set-Cookie") or "").partition(";")[0]
        found = TOKEN.search(page.read().decode())
    if found is None:
        raise RuntimeError("the page has no form")
    head = (
        f"POST {order['path']} HTTP/1.1\r\nHost: 127.0.0.1:{place[1]}\r\nCookie: {cookie}\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: "
    ).encode()
    requests = [b"%s%d\r\n\r\n%s" % (head, len(b), b)
                for b in (body(found[1], c, n) for n, c in enumerate(order["codes"]))]  # fmt: skip
    chooser, busy = selectors.DefaultSelector(), 0
    receipts: list[str] = []
    answers: dict[int, int] = {}
    times: list[float] = []
    spent, began = time.process_time(), time.perf_counter()
    for _n in range(min(order["connections"], len(requests))):
        link = Link(socket.create_connection(place, timeout=120))
        link.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chooser.register(link.socket, selectors.EVENT_READ, link)
        _send(link, requests.pop())
        busy += 1
    while busy:
        for key, _events in chooser.select(120) or _silent():
            link = key.data
            if not _whole(link):
                continue
            times.append(time.perf_counter() - link.began)
            status = int(link.came[9:12])
            answers[status] = answers.get(status, 0) + 1
            if status == 200 and (told := RECEIPT.search(link.came)):
                receipts.append(told[1].decode())
            if requests:
                _send(link, requests.pop())
            else:
                busy -= 1
                chooser.unregister(link.socket)
                link.socket.close()
    seconds, cpu = time.perf_counter() - began, time.process_time() - spent
    return {"receipts": receipts, "answers": answers, "times": times, "seconds": seconds, "cpu": cpu}


def _silent() -> list[Any]:
    raise RuntimeError("no answer for two minutes")


def _send(link: Link, request: bytes) -> None:
    link.came.clear()
    link.wanted, link.began = 0, time.perf_counter()
    link.socket.sendall(request)


def _whole(link: Link) -> bool:
    """Take what came, and tell whether the answer is complete."""
    more = link.socket.recv(65536)
    if not more:
        raise RuntimeError("the server hung up")
    link.came += more
    if not link.wanted:
        end = link.came.find(b"\r\n\r\n")
        if end < 0:
            return False
        length = LENGTH.search(link.came, 0, end)
        if length is None:
            raise RuntimeError("an answer without a length")
        link.wanted = end + 4 + int(length[1])
    return len(link.came) >= link.wanted


if __name__ == "__main__":
    print(json.dumps(cast(json.load(sys.stdin))))
