"""A PostgreSQL server that can be stopped, killed and started again."""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .processes import Program, free_port

# Debian keeps these off the search path, as several versions can be installed side by side.
_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
_FOLDER = _FOLDERS[-1] if _FOLDERS else Path("/usr/lib/postgresql/*/bin")
COMMANDS = tuple(str(_FOLDER / name) for name in ("initdb", "postgres", "pg_isready", "createdb"))


class Postgres(Program):
    """A PostgreSQL on loopback, which trusts everybody there.

    :param folder: its data and socket; a short path, which UNIX sockets need.
    """

    def __init__(self, folder: str, account: dict[str, Any]) -> None:
        _, postgres, pg_isready, createdb = COMMANDS
        self.port = free_port()
        place = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "test"]
        self._createdb = [createdb, *place]
        command = [postgres, "-D", f"{folder}/data", "-p", str(self.port), "-k", folder]
        # Processes die here, but not the machine.
        command += ["-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        super().__init__(
            *command,
            is_up=lambda: not subprocess.run([pg_isready, "-q", *place]).returncode,
            ending=signal.SIGINT,  # SIGTERM waits for all clients to leave
            stderr=subprocess.DEVNULL,
            cwd=folder,
            **account,
        )

    def create(self, name: str) -> str:
        """Make an empty database, and return its URL, as SQLAlchemy writes it for psycopg."""
        subprocess.run([*self._createdb, name], check=True)
        return f"postgresql+psycopg://test@127.0.0.1:{self.port}/{name}"


@contextmanager
def postgres_server() -> Iterator[Postgres]:
    """Start a PostgreSQL on a free port, with its own data, which go with it."""
    # Not the folder of TMPDIR: the paths of UNIX sockets must be short.
    folder = tempfile.mkdtemp(prefix="pg-", dir="/tmp")
    # The server refuses to be run by root.
    account: dict[str, Any] = {}
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        account = {"user": "postgres", "group": "postgres", "extra_groups": []}
    make = [COMMANDS[0], "-D", f"{folder}/data", "-U", "test", "-A", "trust", "-E", "UTF8"]
    try:
        make += ["--no-sync", "--locale=C.UTF-8"]
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL, cwd=folder, **account)
        with Postgres(folder, account) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)
