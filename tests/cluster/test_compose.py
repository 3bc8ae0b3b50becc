"""What compose.yaml runs, runs: its commands, settings and checks, with the places of this machine.

Only the store's command is not tried: Ceph takes its place.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import requests
import sqlalchemy as sa
import yaml  # type: ignore[import-untyped]
from deployed.app import ROOT, machine, on_s3
from deployed.visitor import Visitor, is_added, photo
from servers.postgres import COMMANDS, postgres_server
from servers.processes import free_port, running, wait_for

from s3_saver import S3Storage
from s3_saver.testing import S3Server

SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text())[
    "services"
]
# Where the programs of compose.yaml's images are on this machine.
PATH = os.pathsep.join([os.path.dirname(sys.executable), os.path.dirname(COMMANDS[0])])


def replaced(text: str, places: Mapping[str, str]) -> str:
    """Put what .env and this machine have in the place of what compose.yaml says."""
    text = re.sub(r"\$\{(\w+):\?[^}]*\}", r"of-env-\1", text)
    for there, here in places.items():
        text = text.replace(there, here)
    return text


def test_it_runs(storage: S3Storage, s3_server: S3Server, tmp_path: Path) -> None:
    """A web server, a worker and Redis, by compose.yaml's own commands and settings, make a
    picture's thumbnail, and every service's check says that it is healthy.
    """
    redis, web = str(free_port()), str(free_port())
    with postgres_server() as postgres:
        places = {
            "@database:5432": f"@127.0.0.1:{postgres.port}",
            "redis:6379": f"127.0.0.1:{redis}",
            "0.0.0.0:8000": f"127.0.0.1:{web}",
            "127.0.0.1:8000": f"127.0.0.1:{web}",
            "http://s3.localhost:8333": s3_server.endpoint_url,
        }
        told = SERVICES["web"]["environment"].items()
        settings = {name: replaced(value, places) for name, value in told}
        assert settings.keys() >= on_s3(storage, s3_server).keys()
        settings |= on_s3(storage, s3_server)
        environment = machine(tmp_path, **settings)
        environment["PATH"] = f"{PATH}{os.pathsep}{environment['PATH']}"

        owner = sa.create_engine(postgres.create("owner"), isolation_level="AUTOCOMMIT")
        with owner.connect() as connection:
            connection.execute(sa.text("CREATE ROLE example LOGIN"))
            connection.execute(sa.text("CREATE DATABASE example OWNER example"))
        owner.dispose()

        def program(service: str, *more: str) -> AbstractContextManager[subprocess.Popen[bytes]]:
            command = [replaced(word, places) for word in SERVICES[service]["command"]]
            return running(*command, *more, cwd=ROOT, env=environment)

        def is_healthy(service: str, *more: str) -> bool:
            kind, *command = SERVICES[service]["healthcheck"]["test"]
            assert kind == "CMD"
            command = [replaced(word, places) for word in command]
            return not subprocess.run([command[0], *more, *command[1:]], env=environment).returncode

        with (
            program("redis", "--port", redis, "--bind", "127.0.0.1", "--dir", str(tmp_path)),
            program("worker"),
            program("web"),
        ):
            wait_for(lambda: is_healthy("redis", "-p", redis))
            assert is_healthy("database", "--host", "127.0.0.1", "--port", str(postgres.port))
            wait_for(lambda: is_healthy("web"), seconds=240)
            visitor = Visitor(f"http://127.0.0.1:{web}")
            assert "PostgreSQL" in visitor.see("/status").text
            assert is_added(visitor.add("cat.jpg", photo("cat")))

            def thumbnail() -> str:
                (picture,) = visitor.see("/gallery").pictures
                return picture.thumbnail if picture.is_ready else ""

            wait_for(thumbnail, seconds=240)
            assert requests.get(thumbnail(), timeout=60).headers["Content-Type"] == "image/jpeg"
