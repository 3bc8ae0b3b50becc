"""Files of fields over strings follow their rows, whoever changes these and whoever decides."""

import asyncio
import io
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pytest
from admin_site import AdminSite, MakeSite, session_of
from flask import Flask
from flask_admin import Admin  # type: ignore[import-untyped]
from flask_admin.contrib.sqla import ModelView  # type: ignore[import-untyped]
from pictures import picture
from places import DiskPlace, Place
from sqlalchemy import (
    JSON,
    Engine,
    ForeignKey,
    NullPool,
    create_engine,
    delete,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict

from flask_admin_s3_upload import (
    S3FileUploadField,
    S3ImageUploadField,
    S3MultipleFileUploadField,
    S3MultipleImageUploadField,
)

Mode = Literal["conditional_savepoint", "rollback_only", "control_fully", "create_savepoint"]
MODES: list[Mode] = ["conditional_savepoint", "rollback_only", "control_fully", "create_savepoint"]

#: Each kind of field, and each kind of storage.
KINDS = [
    ("disk", S3FileUploadField),
    ("disk", S3ImageUploadField),
    ("disk", S3MultipleFileUploadField),
    ("s3", S3ImageUploadField),
    ("s3", S3MultipleImageUploadField),
]


@dataclass
class Following:
    """A site whose rows have a file in three columns: name, storage type and bucket name."""

    site: AdminSite
    place: Place
    field_class: Any

    @property
    def many(self) -> bool:
        return bool(self.field_class.many)

    @property
    def thing(self) -> Any:
        return self.site.Thing

    @property
    def engine(self) -> Engine:
        return self.site.db.engine

    def upload(self, obj: Any, *names: str) -> None:
        """Fill an object by its form, which replaces what it has."""
        before = obj.file or [] if self.many else []
        form = self.site.view._edit_form_class(
            MultiDict([("_file-remove", one) for one in before]), obj=obj
        )
        files = [FileStorage(*self.picture(name)) for name in names]
        form.file.data = [*files] if self.many else files[0]
        form.file.populate_obj(obj, "file")

    @staticmethod
    def picture(name: str) -> tuple[Any, str]:
        return io.BytesIO(picture(color="red" if name < "m" else "blue")), name

    def add(self, title: str, *names: str) -> int:
        """Commit a row with files, and return its primary key."""
        with Session(self.engine) as session:
            thing = self.thing(title=title)
            session.add(thing)
            self.upload(thing, *names)
            session.commit()
            return int(thing.id)

    def get(self, session: Session, key: int) -> Any:
        return session.get(self.thing, key)

    def named(self, key: int) -> list[str]:
        """The names that a row has, without thumbnails."""
        with Session(self.engine) as session:
            value = self.get(session, key).file
            return list(value or []) if self.many else [value] if value else []

    def stored(self) -> list[str]:
        """The files that are there, without thumbnails, each of which must have its picture."""
        names = [name for name in self.place.names() if not name.startswith(".pending/")]
        files = [name for name in names if "_thumb" not in name]
        if issubclass(self.field_class, S3ImageUploadField):
            thumbnails = [name.replace(".png", "_thumb.png") for name in files]
            assert sorted(names) == sorted([*files, *thumbnails])
        else:
            assert files == names
        return files


@pytest.fixture(params=KINDS, ids=lambda kind: f"{kind[1].__name__}-{kind[0]}")
def following(request: pytest.FixtureRequest, make_site: MakeSite) -> Iterator[Following]:
    """Each kind of field."""
    storage, field_class = request.param
    yield from _follow(make_site, request.getfixturevalue(storage), field_class)


@pytest.fixture
def files(make_site: MakeSite, place: Place) -> Iterator[Following]:
    """Plain files, on each storage."""
    yield from _follow(make_site, place, S3FileUploadField)


def _follow(make_site: MakeSite, place: Place, field_class: Any) -> Iterator[Following]:
    options: dict[str, Any] = {
        "storage_type_field": "storage_type",
        "bucket_name_field": "bucket_name",
    }
    if issubclass(field_class, S3ImageUploadField):
        options["thumbnail_size"] = (2, 2, True)
    site = make_site(
        field_class, {**place.options, **options}, column=JSON if field_class.many else None
    )
    site.begin_explicitly()
    with site.app.test_request_context():
        yield Following(site, place, field_class)


# Who decides


@pytest.mark.parametrize("mode", MODES)
def test_a_joined_session_s_commit_is_not_the_last_word(following: Following, mode: Mode) -> None:
    """A test suite rolls back what its sessions have committed: the old file is still there."""
    key = following.add("one", "old.png")
    with following.engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode=mode) as session:
            following.upload(following.get(session, key), "new.png")
            session.commit()
            more = following.thing(title="two")
            session.add(more)
            following.upload(more, "more.png")
            session.commit()
            session.delete(more)
            session.commit()
        if mode != "control_fully":
            assert following.stored() == ["more.png", "new.png", "old.png"]
            outer.rollback()
            assert following.stored() == ["old.png"]
        else:  # the session has committed the connection itself
            assert following.stored() == ["new.png"]
    assert following.stored() == following.named(key)


@pytest.mark.parametrize("mode", MODES)
def test_a_joined_session_s_connection_commits(following: Following, mode: Mode) -> None:
    """Then the old file goes."""
    key = following.add("one", "old.png")
    with (
        following.engine.begin() as connection,
        Session(connection, join_transaction_mode=mode) as session,
    ):
        following.upload(following.get(session, key), "new.png")
        session.commit()
    assert following.stored() == following.named(key) == ["new.png"]


@pytest.mark.parametrize("mode", ["conditional_savepoint", "rollback_only", "create_savepoint"])
def test_a_joined_session_s_rollback(following: Following, mode: Mode) -> None:
    """What it has stored goes, flushed or not."""
    key = following.add("one", "old.png")
    with following.engine.connect() as connection:
        connection.begin()
        with Session(connection, join_transaction_mode=mode) as session:
            following.upload(following.get(session, key), "new.png")
            session.flush()
            following.upload(following.get(session, key), "newer.png")
            session.rollback()
            assert following.stored() == ["old.png"]


@pytest.mark.parametrize("is_flushed", [False, True], ids=["", "flushed"])
def test_a_rolled_back_savepoint_undoes_its_own_change(
    following: Following, is_flushed: bool
) -> None:
    """What was stored within it goes, at once; what it replaced is the row's again."""
    key = following.add("one", "old.png")
    with Session(following.engine) as session:
        thing = following.get(session, key)
        following.upload(thing, "outer.png")
        session.flush()
        with session.begin_nested() as savepoint:
            following.upload(thing, "inner.png")
            if is_flushed:
                session.flush()
            savepoint.rollback()
        assert following.stored() == ["old.png", "outer.png"]
        session.commit()
    assert following.stored() == following.named(key) == ["outer.png"]


def test_a_released_savepoint_deletes_nothing_yet(following: Following) -> None:
    """The rollback around it undoes all."""
    key = following.add("one", "old.png")
    with Session(following.engine) as session:
        with session.begin_nested():
            following.upload(following.get(session, key), "new.png")
        assert following.stored() == ["new.png", "old.png"]
        session.rollback()
    assert following.stored() == following.named(key) == ["old.png"]


class LosingAnswers(sqlite3.Connection):
    """Commits, or does not, and then says that it has failed."""

    commits = True

    def commit(self) -> None:
        if LosingAnswers.commits:
            super().commit()
        else:
            super().rollback()
        raise sqlite3.OperationalError("disk I/O error")


@pytest.mark.parametrize("commits", [True, False], ids=["committed", "not committed"])
def test_the_rows_are_asked_when_the_answer_to_commit_is_lost(
    following: Following, commits: bool
) -> None:
    """What they name stays, and what they don't goes: of a row that was changed, of one that was
    deleted and of a new one.
    """
    key, gone = following.add("one", "old.png"), following.add("two", "gone.png")
    path = following.engine.url.database
    assert path
    engine = create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(path, factory=LosingAnswers),
        poolclass=NullPool,
    )
    LosingAnswers.commits = commits
    with Session(engine) as session:
        following.upload(following.get(session, key), "new.png")
        session.delete(following.get(session, gone))
        added = following.thing(title="three")
        session.add(added)
        following.upload(added, "added.png")
        with pytest.raises(DBAPIError):
            session.commit()
    engine.dispose()
    assert following.named(key) == (["new.png"] if commits else ["old.png"])
    assert following.stored() == (["added.png", "new.png"] if commits else ["gone.png", "old.png"])


# Who changes the row


def test_two_requests_that_replace_one_row_leave_one_file(following: Following) -> None:
    """The second finds the first one's file under the row's lock."""
    key = following.add("one", "old.png")
    # One whose transactions begin when they write, else SQLite lets but one of two readers write.
    engine = create_engine(following.engine.url, poolclass=NullPool)
    both = threading.Barrier(2)
    errors: list[BaseException] = []

    def replace(name: str) -> None:
        try:
            with following.site.app.test_request_context(), Session(engine) as session:
                thing = following.get(session, key)
                assert thing.file
                both.wait(10)
                following.upload(thing, name)
                session.commit()
        except BaseException as error:  # noqa: BLE001
            errors.append(error)

    threads = [threading.Thread(target=replace, args=[f"{name}.png"]) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert following.stored() == following.named(key)


def test_a_row_that_keeps_its_name_is_written_all_the_same(files: Following) -> None:
    """Another request has changed the name meanwhile: the row has one of the two, and nothing else
    is left over.
    """
    key = files.add("one", "same.png")
    engine = create_engine(files.engine.url, poolclass=NullPool)
    with Session(engine) as one, Session(engine) as two:
        first, second = files.get(one, key), files.get(two, key)
        assert (first.file, second.file) == ("same.png", "same.png")
        files.upload(second, "other.png")
        two.commit()
        files.upload(first, "same.png")
        one.commit()
    assert files.stored() == files.named(key) == ["same.png"]


def test_a_row_deleted_by_a_cascade_takes_its_file_along(
    request: pytest.FixtureRequest, following: Following
) -> None:
    """No view has ever heard of the shelf on which the things are."""
    db = following.site.db

    class Shelf(db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)

    class Spot(db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        shelf_id = db.Column(ForeignKey("shelf.id"))
        thing_id = db.Column(ForeignKey("thing.id"))
        thing = db.relationship(following.thing, cascade="all, delete-orphan", single_parent=True)
        shelf = db.relationship(Shelf, backref=db.backref("spots", cascade="all, delete-orphan"))

    db.create_all()
    key, other = following.add("one", "a.png"), following.add("two", "b.png")
    with Session(following.engine) as session:
        spots = [Spot(thing=following.get(session, one)) for one in (key, other)]
        session.add(Shelf(id=1, spots=spots))
        session.commit()
        shelf: Any = session.get(Shelf, 1)
        shelf.spots.pop()  # an orphan
        session.flush()
        assert following.stored() == ["a.png", "b.png"]
        session.commit()
        assert following.stored() == ["a.png"]
        session.delete(shelf)
        session.commit()
    assert following.stored() == []


@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_code_without_any_view_changes_and_deletes_rows(following: Following, ends: str) -> None:
    """A script: the file goes with the row, or with its name; a rollback keeps both."""
    first, second = following.add("one", "a.png"), following.add("two", "b.png")
    with Session(following.engine) as session:
        session.delete(following.get(session, first))
        following.get(session, second).file = None
        session.flush()
        assert following.stored() == ["a.png", "b.png"]
        getattr(session, ends)()
    assert following.stored() == ([] if ends == "commit" else ["a.png", "b.png"])


def test_statements_of_the_orm_take_files_along(following: Following) -> None:
    """Flask-Admin's fast_mass_delete does this, and no flush sees it."""
    first, second, third = (following.add(str(n), f"{n}.png") for n in range(3))
    thing = following.thing
    with Session(following.engine) as session:
        session.execute(delete(thing).where(thing.id == first))
        session.execute(update(thing).where(thing.id == second).values(file=None))
        session.execute(update(thing).where(thing.id == third).values(title="3"))
        session.rollback()
        assert following.stored() == ["0.png", "1.png", "2.png"]
        session.execute(delete(thing).where(thing.id == first))
        session.execute(update(thing).where(thing.id == second).values(file=None))
        session.execute(update(thing).where(thing.id == third).values(title="3"))
        session.commit()
    assert following.stored() == ["2.png"]


def test_a_statement_may_write_a_name(files: Following) -> None:
    """It is a string, after all."""
    key = files.add("one", "a.png")
    files.place.write("b.png", b"x")
    with Session(files.engine) as session:
        session.execute(update(files.thing).values(file="b.png"))
        session.commit()
    assert files.named(key) == files.stored() == ["b.png"]


def test_an_object_that_is_deleted_after_all_leaves_nothing(following: Following) -> None:
    """Neither the row's file nor the one that a form has just stored for it."""
    key = following.add("one", "old.png")
    with Session(following.engine) as session:
        thing = following.get(session, key)
        following.upload(thing, "new.png")
        session.delete(thing)
        session.commit()
    assert following.stored() == []


@pytest.mark.parametrize("keeps", [True, False])
def test_the_hook_is_asked_of_rows_that_a_statement_deletes(
    make_site: MakeSite, disk: DiskPlace, keeps: bool
) -> None:
    """With the object, which is there until then."""
    asked = []

    def is_shared(obj: Any, filename: str) -> bool:
        asked.append((obj.title, filename))
        return keeps

    site = make_site(S3FileUploadField, {**disk.options, "is_shared": is_shared})
    site.new("one", ("a.txt", b"a"))
    site.insert(title="two")
    with site.app.app_context():
        site.db.session.execute(delete(site.Thing))
        site.db.session.commit()

    assert asked == [("one", "a.txt")]
    assert disk.names() == (["a.txt"] if keeps else [])


def test_each_app_follows_rows_by_its_own_views(make_site: MakeSite, disk: DiskPlace) -> None:
    """One model, two apps of one process; outside of both nobody knows what a name means."""
    site = make_site(S3FileUploadField, disk.options)
    for name in "abc":
        site.new(name, (f"{name}.txt", b"x"))

    class KeepingView(ModelView):  # type: ignore[misc]
        form_overrides = {"file": S3FileUploadField}  # noqa: RUF012
        form_args = {"file": {**disk.options, "delete_with_row": False}}  # noqa: RUF012

    other = Flask("other")
    other.config.update(site.app.config)
    site.db.init_app(other)
    with other.app_context():
        Admin(other).add_view(KeepingView(site.Thing, session_of(site.db)))

    with other.app_context():
        engine = site.db.engine
        site.db.session.delete(site.db.session.get(site.Thing, 1))
        site.db.session.commit()
    with Session(engine) as session:
        session.delete(session.get(site.Thing, 2))
        session.commit()
    engine.dispose()
    assert disk.names() == ["a.txt", "b.txt", "c.txt"]
    with site.app.app_context():
        site.db.session.delete(site.db.session.get(site.Thing, 3))
        site.db.session.commit()
    assert disk.names() == ["a.txt", "b.txt"]


def test_a_view_that_comes_later_counts(make_site: MakeSite, disk: DiskPlace) -> None:
    """Even within one context of the app."""
    site = make_site(S3FileUploadField, disk.options)
    with site.app.app_context():

        class Late(site.db.Model):  # type: ignore[name-defined,misc]
            id = site.db.Column(site.db.Integer, primary_key=True)
            file = site.db.Column(site.db.String(255))

        class LateView(ModelView):  # type: ignore[misc]
            form_overrides = {"file": S3FileUploadField}  # noqa: RUF012
            form_args = {"file": disk.options}  # noqa: RUF012

        site.db.create_all()
        disk.write("a.txt", b"a")
        late = Late(id=1, file="a.txt")
        site.db.session.add(late)
        site.db.session.commit()
        site.app.extensions["admin"][0]._views.append(
            LateView(Late, session_of(site.db), endpoint="late")
        )
        site.db.session.delete(late)
        site.db.session.commit()
    assert disk.names() == []


# Shared names


def test_a_name_that_another_row_has_keeps_its_file(following: Following) -> None:
    """It goes with the last of them, on whatever way."""
    key = following.add("one", "a.png")
    with Session(following.engine) as session:
        thing = following.get(session, key)
        place = {"storage_type": thing.storage_type, "bucket_name": thing.bucket_name}
        session.add_all(following.thing(title=str(n), file=thing.file, **place) for n in range(2))
        session.commit()
        following.upload(thing, "b.png")
        session.commit()
        assert following.stored() == ["a.png", "b.png"]
        others = session.scalars(select(following.thing).where(following.thing.title != "one"))
        first, second = others
        session.delete(first)
        session.commit()
        assert following.stored() == ["a.png", "b.png"]
        session.delete(second)
        session.commit()
    assert following.stored() == ["b.png"]


# Async sessions


def test_an_async_session_runs_code_that_fills_a_form(following: Following) -> None:
    """Flask-Admin's forms are filled in its ``run_sync``."""
    key = following.add("one", "old.png")

    async def run() -> None:
        engine = create_async_engine(
            f"sqlite+aiosqlite:///{following.engine.url.database}", poolclass=NullPool
        )
        async with AsyncSession(engine) as session:
            thing = await session.get(following.thing, key)
            await session.run_sync(lambda _: following.upload(thing, "new.png"))
            assert following.stored() == ["new.png", "old.png"]
            await session.rollback()
            assert following.stored() == ["old.png"]
            await session.refresh(thing)
            await session.run_sync(lambda _: following.upload(thing, "new.png"))
            await session.commit()
        await engine.dispose()

    asyncio.run(run())
    assert following.stored() == following.named(key) == ["new.png"]
