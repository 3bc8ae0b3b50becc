"""What a flush, a commit and a rollback do to files."""

import io
import pickle
from contextlib import suppress
from typing import IO

import pytest
from models import Models, add, contents, get, make_models, read, upload
from sqlalchemy import Engine, event, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, make_transient

from s3_saver import FileInfo, NotFoundError, Storages, StorageUnavailableError
from s3_saver.testing import MemoryStorage
from sqlalchemy_s3_files import NewFile, NotStoredError


def test_a_file_is_stored_by_the_flush(models: Models, engine: Engine) -> None:
    """Assigned, it has its name and can be read; flushed, it is stored; committed, it is loaded."""
    with Session(engine) as session:
        thing = models.thing(image=upload(b"one", "Cat.JPG"))
        assert contents(models.storages) == []
        name = thing.image.name
        assert name.startswith("things/")
        assert name.endswith(".jpg")
        assert read(thing.image) == b"one"
        session.add(thing)
        session.flush()
        assert contents(models.storages) == [b"one"]
        session.commit()
        assert (thing.image.name, thing.image.size, thing.image.filename) == (name, 3, "Cat.JPG")
        assert read(thing.image) == b"one"
        assert not isinstance(thing.image, NewFile)


def test_a_replaced_file_goes_after_the_commit(models: Models, engine: Engine) -> None:
    """Until then both are there."""
    key = add(engine, models.thing, image=upload(b"old"))
    with Session(engine) as session:
        thing = get(session, models.thing, key)
        thing.image = upload(b"new")
        session.flush()
        assert contents(models.storages) == [b"new", b"old"]
        session.commit()
        assert contents(models.storages) == [b"new"]
        assert read(thing.image) == b"new"


def test_none_deletes_the_file(models: Models, engine: Engine) -> None:
    """After the commit; in the database there is NULL then."""
    key = add(engine, models.thing, image=upload(b"old"))
    with Session(engine) as session:
        get(session, models.thing, key).image = None
        session.flush()
        assert contents(models.storages) == [b"old"]
        session.commit()
        assert contents(models.storages) == []
        assert session.scalars(select(models.thing).where(models.thing.image.is_(None))).one()


def test_a_deleted_row_takes_its_files_along(models: Models, engine: Engine) -> None:
    """All that its columns name."""
    key = add(engine, models.thing, image=upload(b"old"), pages=[upload(b"1"), upload(b"2")])
    with Session(engine) as session:
        session.delete(get(session, models.thing, key))
        session.flush()
        assert contents(models.storages) == [b"1", b"2", b"old"]
        session.commit()
        assert contents(models.storages) == []


def test_a_rollback_deletes_what_is_new(models: Models, engine: Engine) -> None:
    """The old file and the old row stay."""
    key = add(engine, models.thing, image=upload(b"old"))
    with Session(engine) as session:
        thing = get(session, models.thing, key)
        thing.image = upload(b"new")
        session.add(models.thing(image=upload(b"other")))
        session.flush()
        session.rollback()
        assert contents(models.storages) == [b"old"]
        assert read(thing.image) == b"old"


def test_a_session_that_is_closed_rolls_back(small: Models, sqlite: Engine) -> None:
    """So does an exception that leaves its block."""
    with suppress(KeyError), Session(sqlite) as session:
        session.add(small.thing(image=upload()))
        session.flush()
        raise KeyError
    assert contents(small.storages) == []


def test_a_failed_commit_leaves_the_old_file(models: Models, engine: Engine) -> None:
    """The flush of the commit breaks a constraint: the row and its file are as before."""
    add(engine, models.thing, name="taken")
    key = add(engine, models.thing, name="mine", image=upload(b"old"))
    with Session(engine) as session:
        thing = get(session, models.thing, key)
        thing.image, thing.name = upload(b"new"), "taken"
        with pytest.raises(IntegrityError):
            session.commit()
        session.rollback()
        assert contents(models.storages) == [b"old"]
        assert read(thing.image) == b"old"


def test_after_a_rollback_the_same_value_is_stored_again(small: Models, sqlite: Engine) -> None:
    """What was new is a transient object then; added again, its row names a file that is there."""
    with Session(sqlite) as session:
        thing = small.thing(image=upload(b"one"))
        session.add(thing)
        session.flush()
        session.rollback()
        assert contents(small.storages) == []
        session.add(thing)
        session.commit()
        assert read(thing.image) == b"one"


class FullStorage(MemoryStorage):
    """Takes some files, then no more."""

    room = 1

    def save(
        self,
        name: str,
        file: IO[bytes],
        *,
        overwrite: bool = True,
        content_type: str | None = None,
    ) -> FileInfo:
        if not self.room:
            raise StorageUnavailableError("the storage is full", name=name)
        self.room -= 1
        return super().save(name, file, overwrite=overwrite, content_type=content_type)


def test_a_failing_storage_fails_the_flush_and_leaves_nothing(sqlite: Engine) -> None:
    """The first of two files is deleted again, no row is written, and one may try again."""
    storage = FullStorage()
    small = make_models(Storages(storage=storage))
    small.base.metadata.create_all(sqlite)
    with Session(sqlite) as session:
        session.add_all([small.thing(image=upload(b"1")), small.thing(image=upload(b"2"))])
        with pytest.raises(StorageUnavailableError):
            session.commit()
        assert contents(small.storages) == []
        storage.room = 2
        session.commit()
        assert contents(small.storages) == [b"1", b"2"]


def test_a_savepoint_s_commit_deletes_nothing(models: Models, engine: Engine) -> None:
    """The old file goes with the outermost commit."""
    key = add(engine, models.thing, image=upload(b"old"))
    with Session(engine) as session:
        with session.begin_nested():
            get(session, models.thing, key).image = upload(b"new")
        assert contents(models.storages) == [b"new", b"old"]
        session.commit()
        assert contents(models.storages) == [b"new"]


def test_a_savepoint_s_rollback_deletes_what_is_new_in_it(models: Models, engine: Engine) -> None:
    """What was saved before it, and what it meant to delete, stays."""
    key = add(engine, models.thing, image=upload(b"old"))
    with Session(engine) as session:
        session.add(models.thing(image=upload(b"before")))
        session.flush()
        nested = session.begin_nested()
        get(session, models.thing, key).image = upload(b"new")
        session.flush()
        nested.rollback()
        assert contents(models.storages) == [b"before", b"old"]
        session.commit()
        assert contents(models.storages) == [b"before", b"old"]


def test_a_committed_savepoint_is_rolled_back_by_the_outer_one(
    small: Models, sqlite: Engine
) -> None:
    """Three deep."""
    key = add(sqlite, small.thing, image=upload(b"old"))
    with Session(sqlite) as session:
        outer = session.begin_nested()
        with session.begin_nested():
            get(session, small.thing, key).image = upload(b"new")
        outer.rollback()
        session.commit()
        assert contents(small.storages) == [b"old"]


def test_two_replacements_in_one_transaction_leave_the_last(models: Models, engine: Engine) -> None:
    """What was stored in between goes in any case."""
    key = add(engine, models.thing, image=upload(b"old"))
    for end, left in [("rollback", [b"old"]), ("commit", [b"second"])]:
        with Session(engine) as session:
            thing = get(session, models.thing, key)
            thing.image = upload(b"first")
            session.flush()
            thing.image = upload(b"second")
            session.flush()
            getattr(session, end)()
        assert contents(models.storages) == left


def test_a_query_s_autoflush_stores(small: Models, sqlite: Engine) -> None:
    """As any flush does, once."""
    with Session(sqlite) as session:
        session.add(small.thing(image=upload()))
        assert session.scalars(select(small.thing)).one().image.size == 3
        session.commit()
    assert contents(small.storages) == [b"new"]


def test_merge_stores_once(models: Models, engine: Engine) -> None:
    """It assigns the same value a second time, to the object of the session."""
    key = add(engine, models.thing, image=upload(b"old"), pages=[upload(b"1")])
    with Session(engine) as session:
        thing = models.thing(id=key, image=upload(b"new"), pages=[upload(b"2")])
        session.merge(thing)
        session.merge(thing)
        session.commit()
    assert contents(models.storages) == [b"2", b"new"]


def test_merging_what_is_unchanged_changes_nothing(models: Models, engine: Engine) -> None:
    """A detached object brings its own file, which is not copied."""
    key = add(engine, models.thing, image=upload(b"old"))
    with Session(engine) as session:
        thing = get(session, models.thing, key)
    name = thing.image.name
    thing.name = "new"
    with Session(engine) as session:
        merged = session.merge(thing)
        session.commit()
        assert merged.image.name == name
    assert contents(models.storages) == [b"old"]


def test_an_expunged_object_stores_nothing(small: Models, sqlite: Engine) -> None:
    """Before the flush; after it, its row is committed without it, with the file."""
    with Session(sqlite) as session:
        before, after = small.thing(image=upload(b"1")), small.thing(image=upload(b"2"))
        session.add_all([before, after])
        session.expunge(before)
        session.flush()
        session.expunge(after)
        session.commit()
    assert contents(small.storages) == [b"2"]


def test_a_detached_object_is_stored_where_it_is_added(small: Models, sqlite: Engine) -> None:
    """What was assigned to it outside of any session follows."""
    key = add(sqlite, small.thing, image=upload(b"old"))
    with Session(sqlite) as session:
        thing = get(session, small.thing, key)
    thing.image = upload(b"new")
    with Session(sqlite) as session:
        session.add(thing)
        session.commit()
        assert contents(small.storages) == [b"new"]


def test_an_object_moves_between_sessions(small: Models, sqlite: Engine) -> None:
    """The session that flushes it is the one that decides."""
    thing = small.thing(image=upload())
    with Session(sqlite) as first, Session(sqlite) as second:
        first.add(thing)
        first.expunge(thing)
        second.add(thing)
        second.commit()
        first.rollback()
        assert contents(small.storages) == [b"new"]


def test_a_file_outlives_a_pickle(storages: Storages) -> None:
    """Its value does; what is not stored is refused in words."""
    file = storages.save("a.txt", io.BytesIO(b"x"))
    assert pickle.loads(pickle.dumps(file)) == file
    with pytest.raises(NotStoredError, match=r"'cat.jpg' is not stored, .*: commit first"):
        pickle.dumps(upload())


def test_making_a_deleted_object_new_again_fails_in_words(small: Models, sqlite: Engine) -> None:
    """Its file is gone with its row; no row is written that names it."""
    key = add(sqlite, small.thing, image=upload())
    with Session(sqlite) as session:
        thing = get(session, small.thing, key)
        session.delete(thing)
        session.commit()
        make_transient(thing)
        session.add(thing)
        with pytest.raises(NotFoundError):
            session.commit()


def test_cascades_take_files_along(models: Models, engine: Engine) -> None:
    """A deleted parent's children, and orphans that only the flush finds."""
    things = [models.thing(image=upload(b"%d" % number)) for number in range(4)]
    key = add(engine, models.shelf, things=things)
    with Session(engine) as session:
        shelf = get(session, models.shelf, key)
        shelf.things.remove(next(one for one in shelf.things if read(one.image) == b"2"))
        session.commit()
        assert contents(models.storages) == [b"0", b"1", b"3"]
        session.delete(shelf)
        session.commit()
        assert contents(models.storages) == []


def test_an_orphan_that_was_changed_leaves_nothing(models: Models, engine: Engine) -> None:
    """Neither its old files, nor what the flush has stored for it before it found the orphan."""
    things = [models.thing(image=upload(b"%d" % n), pages=[upload(b"p")]) for n in range(2)]
    key = add(engine, models.shelf, things=things)
    with Session(engine) as session:
        shelf = get(session, models.shelf, key)
        for thing in list(shelf.things):
            thing.image = upload(b"new")
            shelf.things.remove(thing)
        session.flush()
        assert session.scalars(select(models.thing)).all() == []
        session.rollback()
        assert contents(models.storages) == [b"0", b"1", b"p", b"p"]
        for thing in list(shelf.things):
            thing.image = upload(b"new")
            shelf.things.remove(thing)
        session.commit()
        assert contents(models.storages) == []


def test_a_key_of_another_type(small: Models, sqlite: Engine) -> None:
    """As of a URL: the database takes '5' for 5."""
    with Session(sqlite) as session:
        thing = small.thing(id="5", image=upload(b"old"))
        session.add(thing)
        session.commit()
        thing.image = upload(b"new")
        session.commit()
    assert contents(small.storages) == [b"new"]


def test_another_row_s_file_is_copied(models: Models, engine: Engine) -> None:
    """So each row has its own, and deleting one leaves the other."""
    key = add(engine, models.thing, image=upload(b"one", "a.png"), pages=[upload(b"page")])
    with Session(engine) as session:
        first = get(session, models.thing, key)
        second = models.thing(image=first.image, pages=first.pages)
        session.add(second)
        session.commit()
        assert first.image.name != second.image.name
        assert second.image.name.endswith(".png")
        assert contents(models.storages) == [b"one", b"one", b"page", b"page"]
        session.delete(first)
        session.commit()
        assert (read(second.image), read(second.pages[0])) == (b"one", b"page")
        session.delete(second)
        session.commit()
        assert contents(models.storages) == []


def test_one_upload_for_two_rows_is_two_files(small: Models, sqlite: Engine) -> None:
    """By one stream, and by what the first row has made of it."""
    with Session(sqlite) as session:
        one = upload(b"x")
        first, second = small.thing(image=one), small.thing(image=one)
        third = small.thing(image=first.image)
        session.add_all([first, second, third])
        session.commit()
        assert len({first.image.name, second.image.name, third.image.name}) == 3
        assert contents(small.storages) == [b"x"] * 3


def test_the_old_value_set_back_keeps_its_file(small: Models, sqlite: Engine) -> None:
    """Before the flush nothing has happened; after it, it is a copy."""
    key = add(sqlite, small.thing, image=upload(b"old"))
    with Session(sqlite) as session:
        thing = get(session, small.thing, key)
        old = thing.image
        thing.image = None
        thing.image = old
        session.commit()
        assert thing.image == old
        thing.image = upload(b"new")
        session.flush()
        thing.image = old
        session.commit()
        assert read(thing.image) == b"old"
        assert contents(small.storages) == [b"old"]


def test_more_is_said_of_a_row_s_own_file(small: Models, sqlite: Engine) -> None:
    """A changed value in the same place is no other file."""
    key = add(sqlite, small.thing, image=upload(b"old"))
    with Session(sqlite) as session:
        thing = get(session, small.thing, key)
        thing.image = thing.image.replace(metadata={"alt": "a cat"})
        session.commit()
        assert thing.image.metadata == {"alt": "a cat"}
    assert contents(small.storages) == [b"old"]


def test_a_shared_file_goes_with_its_last_row(models: Models, engine: Engine) -> None:
    """Shared columns keep what is assigned, and ask the table before they delete."""
    file = models.storages.save("shared/logo.png", io.BytesIO(b"logo"))
    page = models.storages.save("shared/é page.png", io.BytesIO(b"page"))
    for _ in range(2):
        add(engine, models.shared, image=file, pages=[page])
    with Session(engine) as session:
        first, second = session.scalars(select(models.shared))
        assert first.image == second.image == file
        first.image = None
        first.pages.clear()
        session.commit()
        assert contents(models.storages) == [b"logo", b"page"]
        session.delete(second)
        session.commit()
        assert contents(models.storages) == []


def test_a_file_is_found_by_its_value(models: Models, engine: Engine) -> None:
    """A column compares with a stored file, and its parts can be searched."""
    key = add(engine, models.thing, image=upload(b"one"))
    add(engine, models.thing, image=upload(b"two"))
    with Session(engine) as session:
        file = get(session, models.thing, key).image
        image = models.thing.image
        assert session.scalars(select(models.thing.id).where(image == file)).all() == [key]
        assert len(session.scalars(select(models.thing.id).where(image != file)).all()) == 1
        big = image["size"].as_integer() > 2
        assert len(session.scalars(select(models.thing.id).where(big)).all()) == 2


def test_an_object_that_is_made_new_again_has_a_copy(models: Models, engine: Engine) -> None:
    """So are rows cloned: by make_transient, without their primary keys."""
    with Session(engine, expire_on_commit=False) as session:
        thing = models.thing(image=upload(b"one"), pages=[upload(b"two")])
        session.add(thing)
        session.commit()
        key = thing.id
        session.expunge(thing)
        make_transient(thing)
        thing.id = None
        session.add(thing)
        session.commit()
        assert contents(models.storages) == [b"one", b"one", b"two", b"two"]
        session.delete(get(session, models.thing, key))
        session.commit()
        assert (read(thing.image), read(thing.pages[0])) == (b"one", b"two")
    assert contents(models.storages) == [b"one", b"two"]


def test_a_flush_that_a_later_listener_stops_can_go_on(small: Models, sqlite: Engine) -> None:
    """Without a rollback: what was stored is stored once, and a rollback deletes it."""
    with Session(sqlite) as session:
        session.add(small.thing(image=upload(b"one")))

        def stop(*_: object) -> None:
            raise ZeroDivisionError

        event.listen(session, "before_flush", stop)
        with pytest.raises(ZeroDivisionError):
            session.flush()
        event.remove(session, "before_flush", stop)
        session.flush()
        assert contents(small.storages) == [b"one"]
        session.rollback()
        assert contents(small.storages) == []


def test_a_deleted_row_that_a_new_object_takes_over(models: Models, engine: Engine) -> None:
    """SQLAlchemy makes that an UPDATE: what the new object does not say, the row still names."""
    key = add(engine, models.thing, image=upload(b"1"), pages=[upload(b"2")])
    with Session(engine) as session:
        session.delete(get(session, models.thing, key))
        session.add(models.thing(id=key, name="new"))
        session.commit()
        thing = get(session, models.thing, key)
        assert read(thing.image) == b"1"
        assert contents(models.storages) == [b"1"]
        session.delete(thing)
        session.add(models.thing(id=key, image=upload(b"3")))
        session.commit()
        assert contents(models.storages) == [b"3"]
        session.delete(get(session, models.thing, key))
        session.add(models.thing(id=key, image=None))
        session.commit()
        assert contents(models.storages) == []
