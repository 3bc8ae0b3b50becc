"""A virus scanner that speaks clamd's protocol: https://docs.clamav.net/manual/Usage/Scanning.html"""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

#: The test file that all scanners know (https://www.eicar.org/download-anti-malware-testfile/), in
#: two parts, so that a scanner of this machine lets this file be.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """Answers INSTREAM, one connection after the other.

    :param most: bytes of a stream, as StreamMaxLength says.
    :param answer: what it says in place of its verdict.
    """

    def __init__(self, most: int, answer: bytes | None) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._most, self._answer = most, answer
        self.port: int = self._listener.getsockname()[1]
        self.scanned: list[int] = []

    def run(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rb") as sent:
                if self._answer is not None:
                    connection.sendall(self._answer)
                    continue
                command = sent.read(len(b"zINSTREAM\0"))
                assert command == b"zINSTREAM\0", command
                data = b""
                while size := struct.unpack("!L", sent.read(4))[0]:
                    data += sent.read(size)
                    if len(data) > self._most:
                        connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                        break
                else:
                    self.scanned.append(len(data))
                    found = b"Eicar-Signature FOUND" if EICAR in data else b"OK"
                    connection.sendall(b"stream: " + found + b"\0")

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextmanager
def scanner(*, most: int = 100_000_000, answer: bytes | None = None) -> Iterator[Clamd]:
    """Run a scanner until the block ends."""
    clamd = Clamd(most, answer)
    thread = threading.Thread(target=clamd.run)
    thread.start()
    try:
        yield clamd
    finally:
        clamd.close()
        thread.join()
