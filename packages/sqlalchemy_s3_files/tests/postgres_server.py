"""A PostgreSQL server for a test run, where one is installed."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Debian keeps these off the search path, as several versions can be installed side by side.
FOLDERS = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))


def missing() -> str:
    """Say what to install, or nothing."""
    return "" if FOLDERS else "PostgreSQL is not installed: apt-get install postgresql"


@contextmanager
def postgres_server() -> Iterator[str]:
    """Start a PostgreSQL on a free port of loopback, and yield the URL of a database."""
    initdb, pg_ctl = (str(FOLDERS[-1] / name) for name in ("initdb", "pg_ctl"))
    # Not the folder of TMPDIR: the paths of UNIX sockets must be short.
    folder = tempfile.mkdtemp(prefix="pg-", dir="/tmp")
    # The server refuses to be run by root.
    account: dict[str, Any] = {"cwd": folder, "stdout": subprocess.DEVNULL, "check": True}
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
        account |= {"user": "postgres", "group": "postgres", "extra_groups": []}
    data = f"{folder}/data"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    options += " -c max_prepared_transactions=5"
    make = [initdb, "-D", data, "-U", "test", "-A", "trust", "-E", "UTF8"]
    try:
        subprocess.run([*make, "--no-sync", "--locale=C.UTF-8"], **account)
        start = [pg_ctl, "-D", data, "-w", "-l", f"{folder}/log", "-o", options, "start"]
        subprocess.run(start, **account)
        try:
            yield f"postgresql+psycopg://test@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([pg_ctl, "-D", data, "-m", "immediate", "stop"], **account)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
