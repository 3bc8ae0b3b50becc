"""Sessions of every make: those of SQLAlchemy alone, and one within somebody's transaction."""

import io
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_admin import Admin  # type: ignore[import-untyped]
from flask_admin.contrib.sqla import ModelView  # type: ignore[import-untyped]
from flask_babel import Babel  # type: ignore[import-untyped]
from places import Place
from sqlalchemy import Engine, String, create_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
    scoped_session,
    sessionmaker,
    synonym,
)
from sqlalchemy.pool import StaticPool
from werkzeug.datastructures import FileStorage
from wtforms import Form

from flask_admin_s3_upload import S3FileUploadField


class Base(DeclarativeBase):
    pass


class Thing(Base):
    __tablename__ = "thing"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(10), unique=True)
    file: Mapped[str | None] = mapped_column(String(255))
    alias: Mapped[str | None] = synonym("file")


@pytest.fixture
def engine() -> Iterator[Engine]:
    """One connection for all, as tests of apps have it."""
    engine = create_engine(
        "sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
    )
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


_REFUSED = pytest.mark.skipif(
    find_spec("flask_sqlalchemy_lite") is not None,
    reason="where Flask-SQLAlchemy-Lite is installed, Flask-Admin takes every Session for its own",
)


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(Session, marks=_REFUSED),
        lambda engine: scoped_session(sessionmaker(engine)),
    ],
)
@pytest.mark.filterwarnings("ignore:Passing a session object directly:DeprecationWarning")
def test_a_view_may_have_a_session_without_flask_sqlalchemy(
    tmp_path: Path, place: Place, engine: Engine, make: Callable[[Engine], Any]
) -> None:
    """Stored, replaced, rolled back, deleted with the row, just so."""
    session = make(engine)
    app = Flask("site", static_folder=str(tmp_path / "static"))
    app.secret_key = "for tests"
    Babel(app)

    class ThingView(ModelView):  # type: ignore[misc]
        form_overrides = {"file": S3FileUploadField}  # noqa: RUF012
        form_args = {"file": place.options}  # noqa: RUF012

    Admin(app).add_view(ThingView(Thing, session))
    client = app.test_client()

    def post(url: str, name: str) -> int:
        data = {"title": "one", "file": (io.BytesIO(b"x"), name)}
        return client.post(url, data=data).status_code

    def names() -> list[str]:
        return [name for name in place.names() if not name.startswith(".pending/")]

    assert post("/admin/thing/new/", "a.txt") == 302
    assert post("/admin/thing/edit/?id=1", "b.txt") == 302
    assert names() == ["b.txt"]
    assert post("/admin/thing/new/", "c.txt") == 200  # the title is taken
    assert names() == ["b.txt"]
    client.post("/admin/thing/delete/", data={"id": "1"})
    assert names() == []
    session.close()


@pytest.mark.parametrize("outer", [False, True])
def test_a_session_may_be_within_somebody_s_transaction(
    place: Place, engine: Engine, outer: bool
) -> None:
    """As in tests that roll everything back at their end: then the session's commits were none, and
    each file that it has stored goes.
    """

    class ThingForm(Form):
        file = S3FileUploadField(**place.options)

    def fill(thing: Thing, name: str) -> None:
        form = ThingForm()
        form.file.data = FileStorage(io.BytesIO(b"x"), name)
        form.file.populate_obj(thing, "file")

    connection = engine.connect()
    transaction = connection.begin()
    bind: Any = connection if outer else engine
    with Session(bind, join_transaction_mode="create_savepoint") as session:
        thing = Thing(title="one")
        session.add(thing)
        fill(thing, "a.txt")
        session.commit()
        fill(thing, "b.txt")
        session.commit()
        committed = ["a.txt", "b.txt"] if outer else ["b.txt"]
        assert place.names() == committed
        fill(thing, "c.txt")
        session.flush()
        session.rollback()
        assert (thing.file, place.names()) == ("b.txt", committed)
    transaction.rollback()
    connection.close()
    assert place.names() == ([] if outer else ["b.txt"])


@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_an_attribute_may_be_no_column(place: Place, engine: Engine, ends: str) -> None:
    """Then the object says what was replaced, where else the row does."""

    class ThingForm(Form):
        alias = S3FileUploadField(**place.options)

    def fill(thing: Thing, name: str) -> None:
        form = ThingForm()
        form.alias.data = FileStorage(io.BytesIO(b"x"), name)
        form.alias.populate_obj(thing, "alias")

    with Session(engine) as session:
        thing = Thing(title="one")
        session.add(thing)
        fill(thing, "a.txt")
        session.commit()
        fill(thing, "b.txt")
        session.flush()
        assert place.names() == ["a.txt", "b.txt"]
        getattr(session, ends)()
        assert place.names() == [thing.file] == ["b.txt" if ends == "commit" else "a.txt"]
