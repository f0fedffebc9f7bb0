"""A bad line to the database: slow, cut in the middle, half closed, or swallowing everything."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Coroutine
from typing import Any

PIECE = 65536


class Proxy:
    """Forwards a port of this machine to another one, in a thread of its own."""

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.delay = 0.0
        self.cut_after = 0
        """Bytes from the database after which the next line is cut in mid-answer; 0 is never."""
        self.swallowing = False
        self.lines = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        self._server = self._do(asyncio.start_server(self._line, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]

    def _do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(10)

    async def _line(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        try:
            far, out = await asyncio.open_connection(*self.target)
        except OSError:
            back.transport.abort()
            return
        self.lines += 1
        self._open |= {back, out}
        await asyncio.gather(self._pump(near, out, False), self._pump(far, back, True))
        for writer in (back, out):
            writer.close()
            self._open.discard(writer)

    async def _pump(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, answers: bool) -> None:
        try:
            while piece := await source.read(PIECE):
                if self.delay:
                    await asyncio.sleep(self.delay)
                if self.swallowing:
                    continue
                if answers and self.cut_after and (left := self.cut_after) < len(piece):
                    self.cut_after = 0
                    target.write(piece[:left])
                    await target.drain()
                    target.transport.abort()
                    return
                if answers and self.cut_after:
                    self.cut_after -= len(piece)
                target.write(piece)
                await target.drain()
            if target.can_write_eof():
                target.write_eof()
        except (OSError, RuntimeError):
            target.close()

    def cut(self) -> int:
        """Cut every line at once, without a word; return how many."""

        async def abort() -> int:
            count = len(self._open)
            for writer in list(self._open):
                sock = writer.get_extra_info("socket")
                if sock is not None:  # a reset, and no orderly end
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                writer.transport.abort()
            return count // 2

        return int(self._do(abort()))

    def half_close(self) -> None:
        """Say to every end that nothing more will come, while still taking what it sends."""

        async def close() -> None:
            for writer in list(self._open):
                if writer.can_write_eof():
                    writer.write_eof()

        self._do(close())

    def stop(self) -> None:
        self.cut()

        async def close() -> None:
            self._server.close()

        self._do(close())
        self._loop.call_soon_threadsafe(self._loop.stop)
