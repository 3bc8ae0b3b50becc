"""compose.yaml as it is written: each service's command, environment and check, run here.

Only names and ports are others, as all services are on one machine.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import yaml  # type: ignore[import-untyped]
from deployed.app import ROOT
from servers.postgres import COMMANDS as POSTGRES
from servers.postgres import Postgres, postgres_server
from servers.processes import Program, free_port
from servers.weed import Weed

from .image import Image

SERVICES: dict[str, dict[str, Any]] = yaml.safe_load((ROOT / "compose.yaml").read_text())[
    "services"
]
WORKERS = [f"worker-{number}" for number in range(SERVICES["worker"]["deploy"]["replicas"])]


@dataclass
class Composed:
    """The services of compose.yaml, as processes.

    :param places: what this machine has in place of what compose.yaml says, such as ports.
    :param flags: what the checks of some services need to find their ports.
    :param programs: what runs, by the name of the container.
    """

    image: Image
    folder: Path
    places: dict[str, str]
    flags: Mapping[str, list[str]]
    programs: dict[str, Program] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the app answers."""
        return f"http://{self.places['0.0.0.0:8000']}"

    def command(self, service: str) -> list[str]:
        return [self._replaced(word) for word in SERVICES[service]["command"]]

    def environment(self, service: str) -> dict[str, str]:
        """Return all that a container of the service has in its environment."""
        variables = SERVICES[service].get("environment", {})
        if "build" in SERVICES[service]:
            variables = self.image.variables | variables | {"DATA_FOLDER": str(self.folder)}
        path = [str(self.image.programs), "/usr/bin", "/bin", os.path.dirname(POSTGRES[0])]
        return {
            "PATH": os.pathsep.join(path),
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            **{name: self._replaced(value) for name, value in variables.items()},
        }

    def is_healthy(self, service: str, hostname: str = "") -> bool:
        """Return what the service's own check says.

        :param hostname: of the container.
        """
        kind, *command = [self._replaced(word) for word in SERVICES[service]["healthcheck"]["test"]]
        if kind == "CMD-SHELL":
            command = ["/bin/sh", "-c", *command]
        command[1:1] = self.flags.get(service, [])
        environment = self.environment(service) | {"HOSTNAME": hostname}
        checked = subprocess.run(
            command,
            cwd=self.image.folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        return checked.returncode == 0

    def run(self, *command: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """Run a command as ``docker compose exec web`` does.

        :param changes: to the environment.
        """
        return subprocess.run(
            [str(self.image.programs / command[0]), *command[1:]],
            cwd=self.image.folder,
            env=self.environment("web") | changes,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _replaced(self, text: str) -> str:
        text = re.sub(r"\$\{(\w+):\?[^}]*\}", r"of-env-\1", text).replace("$$", "$")
        for there, here in self.places.items():
            text = text.replace(there, here)
        return text


@contextmanager
def compose_up(image: Image, folder: Path) -> Iterator[Composed]:
    """Start all services in the order of compose.yaml, and wait until each is healthy.

    :param folder: what they write to disk is there.
    """
    redis, web = free_port(), free_port()
    with ExitStack() as stack:
        database = stack.enter_context(postgres_server())
        make_database(database)
        places = {
            "@database:5432": f"@127.0.0.1:{database.port}",
            "@redis:6379": f"@127.0.0.1:{redis}",
            "0.0.0.0:8000": f"127.0.0.1:{web}",
            "127.0.0.1:8000": f"127.0.0.1:{web}",
        }
        flags = {
            "redis": ["-p", str(redis)],
            "database": ["--host", "127.0.0.1", "--port", str(database.port)],
        }
        composed = Composed(image, folder, places, flags)
        (folder / "store").mkdir()
        weed = [str(Path(sys.executable).parent / "weed"), *composed.command("s3")]
        store = Weed(str(folder / "store"), *weed, env=composed.environment("s3"))
        places["http://s3.localhost:8333"] = places["http://127.0.0.1:8333"] = store.url

        composed.programs |= {"database": database, "s3": stack.enter_context(store)}

        def launch(service: str, *more: str, name: str = "") -> None:
            program = composed.programs[name or service] = Program(
                *composed.command(service),
                *more,
                is_up=lambda: composed.is_healthy(service, name),
                cwd=image.folder,
                env=composed.environment(service),
            )
            stack.callback(program.stop)
            program.launch()

        launch("redis", "--port", str(redis), "--bind", "127.0.0.1", "--dir", str(folder))
        for name in ("database", "s3", "redis"):  # what the app waits for
            composed.programs[name].wait()
        for name in WORKERS:
            launch("worker", "--hostname", f"celery@{name}", name=name)
        launch("web")
        for name in (*WORKERS, "web"):
            composed.programs[name].wait()
        yield composed


def make_database(database: Postgres) -> None:
    """Make what PostgreSQL's image makes of compose.yaml's variables."""
    variables = SERVICES["database"]["environment"]
    owner = sa.create_engine(database.create("owner"), isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(sa.text(f"CREATE ROLE {variables['POSTGRES_USER']} LOGIN"))
        connection.execute(
            sa.text(
                f"CREATE DATABASE {variables['POSTGRES_DB']} OWNER {variables['POSTGRES_USER']}"
            )
        )
    owner.dispose()
