"""A proxy on loopback that keeps every byte back for a while, as a far network does.

It forwards TCP without looking into it, so it delays any protocol and costs little itself::

    with delay_proxy("http://127.0.0.1:7480", round_trip=0.020) as url:
        ...

Both ways take half of the round trip; bandwidth is not limited. Connecting costs no delay of its
own: what a client sends at once after it has connected is delayed like all else. The proxy is a
process of its own, since one that shared its interpreter with the client would measure itself.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit


@contextmanager
def delay_proxy(upstream: str, *, round_trip: float) -> Iterator[str]:
    """Run a proxy in front of an HTTP server until the block ends; return its URL.

    :param round_trip: in seconds.
    """
    command = [sys.executable, __file__, urlsplit(upstream).netloc, str(round_trip)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout
        port = int(process.stdout.readline())
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.communicate()


class _Side(asyncio.Protocol):
    """One end of a connection: sends what it receives to the other end, later."""

    def __init__(self, delay: float) -> None:
        self._delay = delay
        self._loop = asyncio.get_running_loop()
        self._early: list[bytes] = []
        self.transport: asyncio.Transport | None = None
        self.other: _Side | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._loop.call_later(self._delay, self._pass_on, data)

    def connection_lost(self, error: Exception | None) -> None:
        self._loop.call_later(self._delay, self._hang_up)

    def link(self, other: "_Side") -> None:
        """Make *other* the end that gets what came here, the first of it at once."""
        self.other = other
        while self._early:
            self._pass_on(self._early.pop(0))

    def _pass_on(self, data: bytes) -> None:
        if self.other is None or self.other.transport is None:
            self._early.append(data)
        else:
            self.other.transport.write(data)

    def _hang_up(self) -> None:
        if self.other and self.other.transport:
            self.other.transport.close()


class _Client(_Side):
    """The end that clients connect to; connects to the server for each."""

    def __init__(self, delay: float, host: str, port: int) -> None:
        super().__init__(delay)
        self._server = (host, port)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._connecting = self._loop.create_task(self._connect())

    async def _connect(self) -> None:
        try:
            _, server = await self._loop.create_connection(
                lambda: _Side(self._delay), *self._server
            )
        except OSError:
            assert self.transport
            self.transport.close()
            return
        server.link(self)
        self.link(server)


async def _serve(upstream: str, round_trip: float) -> None:
    host, _, port = upstream.rpartition(":")
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: _Client(round_trip / 2, host, int(port)), "127.0.0.1", 0, backlog=512
    )
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(sys.argv[1], float(sys.argv[2])))
