"""A PostgreSQL server for as long as a ``with`` block lasts."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .processes import free_port, running, wait_for

# Debian keeps these off the search path, as several versions can be installed side by side.
_FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
_FOLDER = _FOLDERS[-1] if _FOLDERS else Path("/usr/lib/postgresql/*/bin")
COMMANDS = tuple(str(_FOLDER / name) for name in ("initdb", "postgres", "pg_isready", "createdb"))


@contextmanager
def postgres_server(port: int = 0) -> Iterator[str]:
    """Start a PostgreSQL on loopback with one empty database, which trusts everybody there.

    :param port: ``0`` takes a free one.
    :return: the database's URL, as SQLAlchemy writes it for psycopg.
    """
    initdb, postgres, pg_isready, createdb = COMMANDS
    port = port or free_port()
    place = ["-h", "127.0.0.1", "-p", str(port), "-U", "test"]
    # Not the folder of TMPDIR: the paths of UNIX sockets must be short.
    folder = tempfile.mkdtemp(prefix="pg-", dir="/tmp")
    # The server refuses to be run by root.
    account: dict[str, Any] = {}
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        account = {"user": "postgres", "group": "postgres", "extra_groups": []}
    account["cwd"] = folder
    try:
        _run(initdb, "-D", f"{folder}/data", "-U", "test", "-A", "trust", "-E", "UTF8", **account)
        command = [postgres, "-D", f"{folder}/data", "-p", str(port), "-k", folder]
        command += ["-c", "listen_addresses=127.0.0.1"]
        with running(*command, stderr=subprocess.DEVNULL, **account):
            wait_for(lambda: not subprocess.run([pg_isready, "-q", *place]).returncode)
            _run(createdb, *place, "example")
            yield f"postgresql+psycopg://test@127.0.0.1:{port}/example"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command: str, **options: Any) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)
