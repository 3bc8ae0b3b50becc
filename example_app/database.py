"""The database's first start and every later one: migrations, and somebody to sign in."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from flask_migrate import Migrate, upgrade  # type: ignore[import-untyped]
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from example_app.accounts import make_first_admin
from example_app.config import SettingError
from example_app.models import db

MIGRATIONS = os.path.join(os.path.dirname(__file__), "migrations")
# Any number; whoever prepares this app's database on PostgreSQL holds the lock of that number.
_LOCK = 0x7468696E6779

migrate = Migrate(db=db, directory=MIGRATIONS, render_as_batch=True)


def prepare(app: Flask) -> None:
    """Bring the database up to date, whatever it is now, and make the first admin.

    Processes that start at the same time wait for each other, on one machine or many.

    :raises SettingError: it does not answer, or cannot be opened.
    """
    with app.app_context(), _no_connection_left(), _reached(), _alone(app):
        upgrade(directory=MIGRATIONS)
        make_first_admin(app)


@contextmanager
def _no_connection_left() -> Iterator[None]:
    """Close all connections at the end: a server that forks would share them with its workers."""
    try:
        yield
    finally:
        db.session.remove()
        db.engine.dispose()


@contextmanager
def _reached() -> Iterator[None]:
    """Stop here without the database; the error does not show its password."""
    try:
        db.engine.connect().close()
    except OperationalError as error:
        url = db.engine.url.render_as_string(hide_password=True)
        reason = str(error.orig).strip().partition("\n")[0]
        raise SettingError(
            f"DATABASE_URL is {url!r}, and that database cannot be opened ({reason}): start it, or "
            "correct the URL."
        ) from error
    yield


@contextmanager
def _alone(app: Flask) -> Iterator[None]:
    """Keep other processes out: those of this folder by a file, those of this database by it."""
    with open(os.path.join(app.instance_path, "database.lock"), "w") as file:
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
