"""The database's first start and every later one: migrations, and somebody to sign in."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask_migrate import Migrate, upgrade  # type: ignore[import-untyped]
from sqlalchemy import text

from example_app.accounts import make_first_admin
from example_app.models import db

MIGRATIONS = os.path.join(os.path.dirname(__file__), "migrations")
# Any number; whoever prepares this app's database on PostgreSQL holds the lock of that number.
_LOCK = 0x7468696E6779

migrate = Migrate(db=db, directory=MIGRATIONS, render_as_batch=True)


def prepare(app: Flask) -> None:
    """Bring the database up to date, whatever it is now, and make the first admin.

    Processes that start at the same time wait for each other, on one machine or many.
    """
    with app.app_context(), _alone(app):
        upgrade(directory=MIGRATIONS)
        make_first_admin(app)


@contextmanager
def _alone(app: Flask) -> Iterator[None]:
    """Keep other processes out: those of this folder by a file, those of this database by it."""
    with open(os.path.join(app.config["DATA_FOLDER"], "database.lock"), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if db.engine.dialect.name != "postgresql":
            yield
            return
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
