"""Engines of SQLite, set up for tests."""

from pathlib import Path

from sqlalchemy import Engine, NullPool, create_engine, event


def sqlite_engine(folder: Path) -> Engine:
    made = create_engine(f"sqlite:///{folder}/rows.db", poolclass=NullPool)
    follow_sqlalchemy_s_recipe(made)
    return made


def follow_sqlalchemy_s_recipe(engine: Engine) -> None:
    """Let savepoints work, which Python's driver breaks: SQLAlchemy's manual has this."""

    @event.listens_for(engine, "connect")
    def connected(connection: object, _: object) -> None:
        connection.isolation_level = None  # type: ignore[attr-defined]
        connection.execute("PRAGMA synchronous = OFF")  # type: ignore[attr-defined]

    @event.listens_for(engine, "begin")
    def begun(connection: object) -> None:
        connection.exec_driver_sql("BEGIN")  # type: ignore[attr-defined]
