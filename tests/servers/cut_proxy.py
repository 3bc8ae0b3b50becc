"""A proxy on loopback that hangs up after a certain word has gone to the server.

The server gets the word and acts on it; the client never learns how that went::

    with cut_proxy(5432) as proxy:
        proxy.word = b"COMMIT"
        ...
        proxy.word = b""  # from now on, nothing is cut
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class CutProxy:
    """Forwards TCP to a port of loopback, and looks for a word in what clients send.

    ``cuts`` counts how often it has hung up. The answer to what holds the word is swallowed.
    """

    def __init__(self, upstream: int) -> None:
        self.word = b""
        self.cuts = 0
        self._upstream = upstream
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._sockets: list[socket.socket] = [self._listener]
        self.port: int = self._listener.getsockname()[1]

    def serve(self) -> None:
        with suppress(OSError):  # the listener is closed
            while True:
                client, _ = self._listener.accept()
                try:
                    server = socket.create_connection(("127.0.0.1", self._upstream))
                except OSError:
                    client.close()
                    continue
                self._sockets += [client, server]
                threading.Thread(target=self._send, args=(client, server), daemon=True).start()
                threading.Thread(target=self._pass, args=(server, client), daemon=True).start()

    def close(self) -> None:
        for one in self._sockets:
            _hang_up(one)

    def _send(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if self.word and self.word in data:
                    self.cuts += 1
                    _hang_up(client)
                    server.sendall(data)
                    # The server has read all, and is done, when it answers.
                    server.settimeout(10)
                    server.recv(1)
                    break
                server.sendall(data)
        _hang_up(server)

    def _pass(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                client.sendall(data)
        _hang_up(client)


@contextmanager
def cut_proxy(upstream: int) -> Iterator[CutProxy]:
    """Run a proxy before a port of loopback, for as long as the block lasts."""
    proxy = CutProxy(upstream)
    thread = threading.Thread(target=proxy.serve)
    thread.start()
    try:
        yield proxy
    finally:
        proxy.close()
        thread.join()


def _hang_up(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
