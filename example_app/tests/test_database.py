"""The database: made and brought up to date by migrations, whoever starts first."""

import os
import subprocess
import sys
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask.cli import FlaskGroup

from example_app.models import db
from example_app.tests.support import MakeApp, Settings

ROOT = Path(__file__).parents[2]


def test_migrations_make_the_tables_of_the_models(make_app: MakeApp, on_disk: Settings) -> None:
    """A database that the migrations have made is what the models ask for, to the last column."""
    with make_app(on_disk).app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_migrations_can_be_taken_back(make_app: MakeApp, on_disk: Settings) -> None:
    """All the way down and up again leaves the tables as they are."""
    app = make_app(on_disk)
    flask = FlaskGroup(create_app=lambda: app)
    runner = app.test_cli_runner()
    for command in ("downgrade", "upgrade"):
        arguments = ["db", command, *(["base"] if command == "downgrade" else [])]
        result = runner.invoke(flask, arguments)
        assert result.exit_code == 0, result.output
    assert app.test_client().get("/gallery").status_code == 200


def test_no_connection_is_left(make_app: MakeApp, on_disk: Settings, tmp_path: Path) -> None:
    """A server that makes the app and then forks shares no connection with its workers."""
    app = make_app(on_disk)
    open_files = [os.path.realpath(file) for file in Path("/proc/self/fd").iterdir()]
    assert [path for path in open_files if path.startswith(str(tmp_path))] == []
    assert app.test_client().get("/gallery").status_code == 200


def test_many_start_at_once(tmp_path: Path) -> None:
    """Of processes that start together on an empty folder, one makes the database and the admin,
    all use them, and all have one secret.
    """
    code = "from example_app import create_app; print(create_app().secret_key)"
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={**os.environ, "DATA_FOLDER": str(tmp_path)},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    printed = [process.communicate()[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    assert sum("with the password" in words for words in printed) == 1
    assert len({words.splitlines()[-1] for words in printed}) == 1
