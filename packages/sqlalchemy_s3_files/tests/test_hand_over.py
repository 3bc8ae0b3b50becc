"""Fields of somebody else's library, and files that are stored before the flush."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from models import get
from sqlalchemy import JSON, Engine, StaticPool, String, create_engine, delete, event, update
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, synonym

from s3_saver import AlreadyExistsError, FileTransaction, Storages, StoredFile
from sqlalchemy_s3_files import Field, follow_fields, hand_over, is_named_by_others

_fields: WeakKeyDictionary[type, list[Field]] = WeakKeyDictionary()
follow_fields(lambda model: _fields.get(model, []))


class Photos(Field):
    """Names of photos, each of which has a thumbnail that no row names.

    :ivar shared: as rows of the same file; with *kept*, that decides.
    """

    def __init__(self, key: str, storages: Storages, *, multiple: bool = False) -> None:
        self.key = key
        self.keys = (key,)
        self.multiple = multiple
        self.kept: list[str] | None = None
        self._storages = storages

    @property
    def spares_some(self) -> bool:  # type: ignore[override]
        return self.kept is not None

    @property
    def shared(self) -> bool:  # type: ignore[override]
        return self.kept is None

    def storages(self) -> Storages:
        return self._storages

    def files(self, values: Sequence[Any]) -> list[StoredFile]:
        names = (values[0] or []) if self.multiple else [values[0]] if values[0] else []
        found = []
        for name in names:
            picture = StoredFile(name).bind(self._storages)
            small = picture.replace(name=f"{name}.small", metadata={"of": name})
            found += [picture, small]
        return found

    def name_in_row(self, file: StoredFile) -> str:
        return str(file.metadata.get("of", file.name))

    def spared(self, obj: object, files: list[StoredFile]) -> list[StoredFile]:
        assert isinstance(obj, DeclarativeBase)
        return [file for file in files if self.name_in_row(file) in (self.kept or [])]


@dataclass
class Cats:
    """A class whose rows name photos, and who fills its objects.

    :param cat: has ``photo``, and ``photos``, a list; and ``alias``, which is no column.
    """

    base: Any
    cat: Any
    photo: Photos
    photos: Photos
    alias: Photos
    storages: Storages

    def fill(self, obj: Any, name: str, **options: Any) -> None:
        """What a form does: store a file, and let the object name it."""
        self.put(obj, self.photo, name, name, **options)

    def put(
        self,
        obj: Any,
        field: Photos,
        value: Any,
        *names: str,
        content: bytes = b"",
        overwrite: bool = False,
        session: Session | None = None,
    ) -> None:
        files = FileTransaction(self.storages)
        saved = []
        for name in names:
            for each in (name, f"{name}.small"):
                stream = io.BytesIO(content or each.encode())
                stored = files.save(each, stream, overwrite=overwrite)
                saved.append(stored.replace(metadata={"of": name}))
        setattr(obj, field.key, value)
        hand_over(obj, field, files, saved, session=session)

    def stored(self) -> list[str]:
        """The photos that are there, each of which has its thumbnail."""
        names = sorted(info.name for info in self.storages.current.find())
        photos = [name for name in names if not name.endswith(".small")]
        assert names == sorted([*photos, *(f"{name}.small" for name in photos)])
        return photos

    def read(self, name: str) -> bytes:
        with self.storages.current.open(name) as file:
            return file.read()

    def add(self, engine: Engine, key: int, name: str) -> None:
        """Commit a row with a photo."""
        with Session(engine) as session:
            cat = self.cat(id=key)
            session.add(cat)
            self.fill(cat, name)
            session.commit()


def make_cats(storages: Storages, engine: Engine) -> Cats:
    class Base(DeclarativeBase):
        pass

    class Cat(Base):
        __tablename__ = "cat"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str | None] = mapped_column(String(20), unique=True)
        photo: Mapped[str | None] = mapped_column(String(99))
        photos: Mapped[Any | None] = mapped_column(JSON)
        alias: Mapped[str | None] = synonym("photo")

    photo, photos = Photos("photo", storages), Photos("photos", storages, multiple=True)
    _fields[Cat] = [photo, photos]
    Base.metadata.create_all(engine)
    return Cats(Base, Cat, photo, photos, Photos("alias", storages), storages)


@pytest.fixture
def cats(memory: Storages, engine: Engine) -> Cats:
    """On each kind of database."""
    return make_cats(memory, engine)


@pytest.fixture
def small(memory: Storages, sqlite: Engine) -> Cats:
    """On SQLite."""
    return make_cats(memory, sqlite)


def test_what_is_handed_over_follows_the_transaction(cats: Cats, engine: Engine) -> None:
    """Stored before the flush, it goes with a rollback; what it replaces, after the commit."""
    cats.add(engine, 1, "old")
    with Session(engine) as session:
        cat = get(session, cats.cat, 1)
        cats.fill(cat, "new")
        session.rollback()
        assert cats.stored() == ["old"]
        cats.fill(cat, "new")
        session.flush()
        assert cats.stored() == ["new", "old"]
        session.commit()
        assert cats.stored() == ["new"]
        session.delete(cat)
        session.commit()
    assert cats.stored() == []


def test_savepoints_decide_over_what_is_stored_in_them(cats: Cats, engine: Engine) -> None:
    """Whether it was flushed or not."""
    with Session(engine) as session:
        first, second = cats.cat(id=1), cats.cat(id=2)
        session.add_all([first, second])
        cats.fill(first, "kept")
        for is_flushed in (True, False):
            with session.begin_nested() as savepoint:
                cats.fill(second, "gone")
                if is_flushed:
                    session.flush()
                savepoint.rollback()
            assert cats.stored() == ["kept"]
            session.add(second)
        session.commit()
        cats.fill(first, "later")
        session.commit()
    assert cats.stored() == ["later"]


@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_an_object_without_a_session_brings_its_files_along(
    small: Cats, sqlite: Engine, ends: str
) -> None:
    """Into the one that it is added to; or it is said which one that will be."""
    cat, other = small.cat(id=1), small.cat(id=2)
    small.fill(cat, "a")
    with Session(sqlite) as session:
        small.fill(other, "b", session=session)
        session.add_all([cat, other])
        getattr(session, ends)()
    assert small.stored() == (["a", "b"] if ends == "commit" else [])


def test_a_file_may_wait_for_the_name_of_the_one_that_it_replaces(
    cats: Cats, engine: Engine
) -> None:
    """The row keeps its name, and is written: another request has changed it meanwhile."""
    cats.add(engine, 1, "same")
    cats.add(engine, 2, "other")
    with Session(engine, expire_on_commit=False) as session:
        cat = get(session, cats.cat, 1)
        cats.fill(cat, "same", content=b"new", overwrite=True)
        session.rollback()
        assert cats.read("same") == b"same"
        assert cat.photo == "same"
        session.commit()
        with Session(engine) as second:
            second.execute(update(cats.cat).where(cats.cat.id == 2).values(photo=None))
            second.execute(update(cats.cat).where(cats.cat.id == 1).values(photo="other"))
            second.commit()
        cats.fill(cat, "same", content=b"new", overwrite=True)
        session.commit()
    with Session(engine) as session:
        assert get(session, cats.cat, 1).photo == "same"
    assert (cats.stored(), cats.read("same")) == (["same"], b"new")


def test_what_was_rolled_back_is_nobody_s_any_more(small: Cats, sqlite: Engine) -> None:
    """Another has taken the name since, and no row says so yet."""
    small.add(sqlite, 1, "old")
    with Session(sqlite) as session:
        cat = get(session, small.cat, 1)
        small.fill(cat, "a")
        session.rollback()
        files = FileTransaction(small.storages)
        for name in ("a", "a.small"):
            files.save(name, io.BytesIO(b"another's"))
        small.fill(cat, "b")
        session.commit()
        assert small.stored() == ["a", "b"]
        files.rollback()


def test_who_has_stored_a_file_knows_best_how(cats: Cats, engine: Engine) -> None:
    """Its field is asked in place of that of the class."""
    cats.add(engine, 1, "old")
    field = Photos("photo", cats.storages)
    field.kept = ["old"]
    with Session(engine) as session:
        cats.put(get(session, cats.cat, 1), field, "new", "new")
        session.commit()
    assert cats.stored() == ["new", "old"]


def test_what_no_row_names_after_all_goes(cats: Cats, engine: Engine) -> None:
    """The object was filled twice, or its name put back, or it was deleted."""
    cats.add(engine, 1, "old")
    with Session(engine) as session:
        cat = get(session, cats.cat, 1)
        for name in ("a", "b"):
            cats.fill(cat, name)
        cat.photo = "old"
        session.flush()
        cats.fill(cat, "c")
        session.flush()
        cats.fill(cat, "d")
        session.commit()
        assert cats.stored() == ["d"]
        cats.fill(cat, "e")
        session.delete(cat)
        session.commit()
    assert cats.stored() == []


@pytest.mark.parametrize("commits", [True, False], ids=["committed", "not committed"])
def test_a_lost_answer_is_found_out(small: Cats, sqlite: Engine, commits: bool) -> None:
    """By the rows, as of any other field."""
    small.add(sqlite, 1, "old")

    def lose(connection: Any) -> None:
        if commits:
            connection.connection.commit()
        raise OSError("lost")

    with Session(sqlite) as session:
        small.fill(get(session, small.cat, 1), "new")
        event.listen(sqlite, "commit", lose)
        with pytest.raises(OSError, match="lost"):
            session.commit()
        event.remove(sqlite, "commit", lose)
    assert small.stored() == (["new"] if commits else ["old"])


@pytest.mark.parametrize("commits", [True, False], ids=["committed", "not committed"])
def test_a_lost_answer_about_a_name_that_stays(small: Cats, sqlite: Engine, commits: bool) -> None:
    """The row is alike either way: the old content stays, and whoever saw the error tries again."""
    small.add(sqlite, 1, "same")
    small.add(sqlite, 2, "old")

    def lose(connection: Any) -> None:
        if commits:
            connection.connection.commit()
        raise OSError("lost")

    with Session(sqlite) as session:
        first, second = (get(session, small.cat, key) for key in (1, 2))
        small.fill(first, "same", content=b"new", overwrite=True)
        small.fill(second, "a")
        second.photo = "old"
        event.listen(sqlite, "commit", lose)
        with pytest.raises(OSError, match="lost"):
            session.commit()
        event.remove(sqlite, "commit", lose)
    assert (small.stored(), small.read("same")) == (["old", "same"], b"same")


@pytest.mark.parametrize("ends", ["commit", "rollback"])
def test_without_transactions_a_name_that_stays_has_its_new_content(
    small: Cats, sqlite: Engine, ends: str
) -> None:
    """In AUTOCOMMIT the rows are asked, which say nothing of that: the session's commit does."""
    small.add(sqlite, 1, "same")
    with Session(sqlite.execution_options(isolation_level="AUTOCOMMIT")) as session:
        small.fill(get(session, small.cat, 1), "same", content=b"new", overwrite=True)
        session.flush()
        getattr(session, ends)()
    content = b"new" if ends == "commit" else b"same"
    assert (small.stored(), small.read("same")) == (["same"], content)


def test_where_no_column_says_it_every_file_stays(
    small: Cats, sqlite: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """An attribute that is no column follows commit and rollback; a lost answer stays unknown."""

    def lose(connection: Any) -> None:
        connection.connection.commit()
        raise OSError("lost")

    with Session(sqlite) as session:
        cat = small.cat(id=1)
        session.add(cat)
        small.put(cat, small.alias, "a", "a")
        session.rollback()
        assert small.stored() == []
        cat = small.cat(id=1)
        session.add(cat)
        small.put(cat, small.alias, "a", "a")
        assert not is_named_by_others(cat, small.alias, StoredFile("a"))
        event.listen(sqlite, "commit", lose)
        with pytest.raises(OSError, match="lost"):
            session.commit()
        event.remove(sqlite, "commit", lose)
    assert small.stored() == ["a"]
    assert "every file of a failed commit stays" in caplog.text


def test_a_rollback_leaves_what_another_row_has_come_to_name(cats: Cats, engine: Engine) -> None:
    """Names that are typed are not unique; the thumbnail stays, too."""
    with Session(engine) as session, Session(engine) as other:
        cats.fill(cats.cat(id=1), "a", session=session)
        other.add(cats.cat(id=2, photo="a"))
        other.commit()
        session.rollback()
        assert cats.stored() == ["a"]
        other.execute(delete(cats.cat))
        other.commit()
    assert cats.stored() == []


def test_a_joined_session_s_rollback_asks_nobody(memory: Storages) -> None:
    """Where a test suite has one connection for all, its own row would be the answer."""
    engine = create_engine("sqlite://", poolclass=StaticPool)
    cats = make_cats(memory, engine)
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="rollback_only") as session:
            cat = cats.cat(id=1)
            session.add(cat)
            cats.fill(cat, "a")
            session.commit()
        assert cats.stored() == ["a"]
        outer.rollback()
        assert cats.stored() == []
    engine.dispose()


def test_who_stores_a_file_asks_whose_name_it_takes(cats: Cats, engine: Engine) -> None:
    """The row's own does not count, and thumbnails are their picture's; lists are searched, too."""
    cats.add(engine, 1, "a")
    with Session(engine) as session:
        cat, other = session.get(cats.cat, 1), cats.cat(id=2)
        session.add(other)
        picture, thumbnail = cats.photo.named(cat)
        for file in (picture, thumbnail):
            assert not is_named_by_others(cat, cats.photo, file)
            assert is_named_by_others(other, cats.photo, file)
            assert is_named_by_others(cats.cat(), cats.photo, file, session=session)
            assert not is_named_by_others(cats.cat(), cats.photo, file)
            assert is_named_by_others(other, cats.photos, file)  # another attribute has it
        cats.put(other, cats.photos, ["b", "c"], "b", "c")
        session.flush()
        for file in cats.photos.named(other):
            assert is_named_by_others(cat, cats.photos, file)
            assert not is_named_by_others(other, cats.photos, file)


def test_a_file_in_the_lists_of_two_rows_goes_with_the_last(cats: Cats, engine: Engine) -> None:
    """Names that hold each other are no trouble, nor are those that are not ASCII."""
    with Session(engine) as session:
        first, second = cats.cat(id=1), cats.cat(id=2)
        session.add_all([first, second])
        cats.put(first, cats.photos, ["tom", "日本", "om"], "tom", "日本", "om")
        second.photos = ["tom", "日本"]
        session.commit()
        session.delete(first)
        session.commit()
        assert cats.stored() == ["tom", "日本"]
        second.photos = ["日本"]
        session.commit()
        assert cats.stored() == ["日本"]


@pytest.mark.parametrize("way", ["object", "statement"])
def test_a_field_may_spare_files(cats: Cats, engine: Engine, way: str) -> None:
    """By a word of its own, in place of the table's; or those of deleted rows, altogether."""
    for key, name in enumerate(("logo", "a", "b"), 1):
        cats.add(engine, key, name)
    cats.photo.kept = ["logo"]
    with Session(engine) as session:
        for key in (1, 2):
            if way == "object":
                session.delete(get(session, cats.cat, key))
            else:
                session.execute(delete(cats.cat).where(cats.cat.id == key))
        session.commit()
        assert cats.stored() == ["b", "logo"]
        cats.photo.deletes_with_row = False
        if way == "object":
            session.delete(get(session, cats.cat, 3))
        else:
            session.execute(delete(cats.cat))
        session.commit()
    assert cats.stored() == ["b", "logo"]


def test_a_field_is_asked_while_the_row_is_there(
    small: Cats, sqlite: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may look at any attribute of an object, loaded or not."""
    small.add(sqlite, 1, "tom")
    asked = []

    def spared(obj: Any, files: list[StoredFile]) -> list[StoredFile]:
        asked.append(obj.photos)
        return files

    small.photo.kept = ["tom"]
    monkeypatch.setattr(small.photo, "spared", spared)
    with Session(sqlite) as session:
        cat = get(session, small.cat, 1)
        session.expire(cat)
        session.delete(cat)
        session.commit()
    assert asked == [None]
    assert small.stored() == ["tom"]


def test_a_statement_may_write_names(cats: Cats, engine: Engine) -> None:
    """What rows name no longer goes."""
    cats.add(engine, 1, "a")
    cats.add(engine, 2, "b")
    with Session(engine) as session:
        session.execute(update(cats.cat).where(cats.cat.id == 1).values(photo="b"))
        session.commit()
        assert cats.stored() == ["b"]
        session.delete(get(session, cats.cat, 2))
        session.commit()
    assert cats.stored() == ["b"]


def test_many_objects_are_locked_in_one_order(small: Cats, sqlite: Engine) -> None:
    """Those that a form has filled and others, by one statement: two requests cannot wait for each
    other's rows.
    """
    for key in range(1, 5):
        small.add(sqlite, key, str(key))
    with Session(sqlite) as session:
        cats = [get(session, small.cat, key) for key in range(1, 5)]
        for cat in cats:
            assert cat.photo
        small.fill(cats[3], "d")
        cats[2].photo = None
        small.fill(cats[1], "b")
        cats[0].photo = None
        reads: list[Any] = []

        def note(_c: Any, _u: Any, statement: str, parameters: Any, *_: Any) -> None:
            if statement.startswith("SELECT cat.id \n"):
                reads.append(parameters)

        event.listen(sqlite, "before_cursor_execute", note)
        session.commit()
    assert reads == [(1, 2, 3, 4)]
    assert small.stored() == ["b", "d"]


@pytest.fixture
def waiting_engine(postgres: str) -> Iterator[Engine]:
    """A database whose transactions wait for each other."""
    made = create_engine(postgres)
    yield made
    with made.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    made.dispose()


@pytest.mark.postgres
@pytest.mark.parametrize("key", ["photo", "photos"])
def test_who_names_another_row_s_photo_locks_that_row(
    memory: Storages, waiting_engine: Engine, key: str
) -> None:
    """By the picture's name, which rows say, and not by the thumbnail's."""
    cats = make_cats(memory, waiting_engine)
    value: Any = "a" if key == "photo" else ["a"]
    with Session(waiting_engine) as one, Session(waiting_engine) as two:
        first = cats.cat(id=1)
        one.add(first)
        cats.put(first, getattr(cats, key), value, "a")
        one.commit()
        two.add(cats.cat(id=2, **{key: value}))
        two.flush()
        one.connection().exec_driver_sql("SET LOCAL lock_timeout = 20")
        one.delete(first)
        with pytest.raises(Exception, match="lock timeout"):
            one.flush()
        one.rollback()
        two.commit()
        one.delete(first)
        one.commit()
    assert cats.stored() == ["a"]


def test_nothing_is_handed_over_that_was_not_stored(small: Cats, sqlite: Engine) -> None:
    """Whoever fails to store rolls its files back, and the object names what it did."""
    small.add(sqlite, 1, "a")
    with Session(sqlite) as session:
        cat = get(session, small.cat, 1)
        with pytest.raises(AlreadyExistsError):
            small.fill(cat, "a")
        session.commit()
        assert get(session, small.cat, 1).photo == "a"
    assert small.stored() == ["a"]
