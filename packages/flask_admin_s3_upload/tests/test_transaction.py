"""Nothing is lost and nothing is left over, whatever becomes of the transaction."""

import io
import multiprocessing
import os
import threading
from typing import Any

import pytest
from admin_site import AdminSite, MakeSite
from flask import g
from pictures import picture
from places import DiskPlace, Place
from sqlalchemy import JSON, event, text
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import Form

from flask_admin_s3_upload import (
    S3FileUploadField,
    S3ImageUploadField,
    S3MultipleFileUploadField,
)
from s3_saver import FileInfo, FileTransaction, StorageUnavailableError
from s3_saver.testing import MemoryStorage

TRACKED = {"storage_type_field": "storage_type", "bucket_name_field": "bucket_name"}


def test_a_failed_commit_of_an_edit_keeps_the_old_file(make_site: MakeSite, place: Place) -> None:
    """The new file is removed; the old one is there and still named by the row."""
    site = make_site(S3FileUploadField, place.options)
    site.new(file=("old.txt", b"old"))
    repair = site.fail_commits()

    response = site.edit(file=("new.txt", b"new"))
    repair()

    assert response.status_code == 200
    assert "the database is gone" in response.text
    assert site.value() == "old.txt"
    assert [name for name in place.names() if not name.startswith(".pending/")] == ["old.txt"]
    assert place.read("old.txt") == b"old"


def test_a_failed_commit_of_a_new_row_removes_its_file(make_site: MakeSite, place: Place) -> None:
    """No row, no file (but for the chosen one, put aside for the next try)."""
    site = make_site(S3FileUploadField, place.options)
    repair = site.fail_commits()

    site.new(file=("new.txt", b"new"))
    repair()

    assert site.row() is None
    assert [name for name in place.names() if not name.startswith(".pending/")] == []


def test_a_failed_flush_removes_the_file(make_site: MakeSite, place: Place) -> None:
    """A title that is taken (IntegrityError) rolls the file back, too."""
    site = make_site(S3FileUploadField, place.options)
    site.insert(title="taken")

    assert site.new("taken", ("new.txt", b"new")).status_code == 200

    assert [name for name in place.names() if not name.startswith(".pending/")] == []


def test_a_file_replaced_by_one_of_its_name_is_whole_until_the_commit(
    make_site: MakeSite, place: Place
) -> None:
    """When the commit fails the old content is still there; when it passes, the new one."""
    site = make_site(S3FileUploadField, place.options)
    site.new(file=("same.txt", b"old"))
    repair = site.fail_commits()

    site.edit(file=("same.txt", b"new"))
    assert place.read("same.txt") == b"old"

    repair()
    site.edit(file=("same.txt", b"new"))
    assert site.value() == "same.txt"
    assert place.read("same.txt") == b"new"


def test_the_delete_box_deletes_after_the_commit_only(make_site: MakeSite, place: Place) -> None:
    """With a failing database the file stays; without, it goes."""
    site = make_site(S3FileUploadField, {**place.options, **TRACKED})
    site.new(file=("old.txt", b"old"))
    repair = site.fail_commits()
    site.edit(extra={"_file-delete": "on"})
    repair()
    assert (site.value(), place.names()) == ("old.txt", ["old.txt"])

    site.edit(extra={"_file-delete": "on"})

    row = site.row()
    assert (row.file, row.storage_type, row.bucket_name) == (None, "", "")
    assert place.names() == []


def test_a_deleted_row_takes_its_file_and_thumbnail_along(
    make_site: MakeSite, place: Place
) -> None:
    """After the commit, and not if that fails."""
    options = {**place.options, "thumbnail_size": (2, 2, True)}
    site = make_site(S3ImageUploadField, options)
    site.new(file=("cat.png", picture()))
    assert place.names() == ["cat.png", "cat_thumb.png"]
    repair = site.fail_commits()
    site.delete()
    repair()
    assert place.names() == ["cat.png", "cat_thumb.png"]

    site.delete()

    assert site.row() is None
    assert place.names() == []


def test_delete_with_row_can_be_turned_off(make_site: MakeSite, place: Place) -> None:
    """The row goes, the file stays."""
    site = make_site(S3FileUploadField, {**place.options, "delete_with_row": False})
    site.new(file=("kept.txt", b"kept"))

    site.delete()

    assert site.row() is None
    assert place.names() == ["kept.txt"]


def test_a_row_deleted_by_the_app_s_own_code_takes_its_file_along(
    make_site: MakeSite, place: Place
) -> None:
    """Any session of the app counts, not only the admin's requests."""
    site = make_site(S3FileUploadField, place.options)
    site.new(file=("a.txt", b"a"))

    with site.app.app_context():
        site.db.session.delete(site.db.session.get(site.Thing, 1))
        site.db.session.flush()
        assert place.names() == ["a.txt"]
        site.db.session.commit()

    assert place.names() == []


def test_a_failure_in_a_later_field_removes_what_was_stored(
    make_site: MakeSite, place: Place
) -> None:
    """On creation the object is in no session yet when the next field fails: the view's decides."""
    site = make_site(S3FileUploadField, place.options)

    class Failing(S3FileUploadField):
        def populate_obj(self, obj: Any, name: str) -> None:
            super().populate_obj(obj, name)
            raise RuntimeError("the next field failed")

    site.view._create_form_class.file.field_class = Failing

    response = site.new(file=("new.txt", b"new"))

    assert "the next field failed" in response.text
    assert [name for name in place.names() if not name.startswith(".pending/")] == []
    assert site.row() is None


def test_a_storage_that_fails_in_the_middle_leaves_nothing(
    make_site: MakeSite, disk: DiskPlace
) -> None:
    """The thumbnail cannot be stored: the picture before it is removed, the old one stays."""

    class Failing(MemoryStorage):
        def save(self, name: str, *args: Any, **kwargs: Any) -> Any:
            if "_thumb" in name and "new" in name:
                raise StorageUnavailableError("full", name=name)
            return super().save(name, *args, **kwargs)

    storage = Failing()
    site = make_site(S3ImageUploadField, {"storage": storage, "thumbnail_size": (2, 2, True)})
    site.new(file=("old.png", picture()))

    response = site.edit(file=("new.png", picture()))

    assert response.status_code == 200
    assert "full" in response.text
    assert site.value() == "old.png"
    names = [info.name for info in storage.find() if not info.name.startswith(".pending/")]
    assert names == ["old.png", "old_thumb.png"]


def test_a_file_that_cannot_be_deleted_is_told_of_and_the_row_stays_saved(
    make_site: MakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    """After the commit there is no way back: the log says what is left over."""

    class Sticky(MemoryStorage):
        def delete(self, *names: str | FileInfo) -> None:
            if "old.txt" in names:
                raise StorageUnavailableError("read-only", name="old.txt")
            super().delete(*names)

    storage = Sticky()
    site = make_site(S3FileUploadField, {"storage": storage})
    site.new(file=("old.txt", b"old"))

    assert site.edit(file=("new.txt", b"new")).status_code == 302

    assert site.value() == "new.txt"
    assert "1 files could not be deleted, 'old.txt' first: read-only" in caplog.text


# Sessions, savepoints


def test_a_rolled_back_savepoint_undoes_its_own_change_only(
    make_site: MakeSite, place: Place
) -> None:
    """What was stored within it goes, what was stored before stays."""
    site = make_site(S3FileUploadField, place.options)
    site.begin_explicitly()
    with site.app.test_request_context():
        session = site.db.session
        first, second = site.Thing(title="1"), site.Thing(title="2")
        populate(site, first, ("first.txt", b"1"))
        session.add(first)
        savepoint = session.begin_nested()
        populate(site, second, ("second.txt", b"2"))
        session.add(second)
        session.flush()
        savepoint.rollback()
        assert place.names() == ["first.txt"]
        session.commit()

    assert place.names() == ["first.txt"]


def test_a_released_savepoint_leaves_the_decision_to_its_transaction(
    make_site: MakeSite, place: Place
) -> None:
    """Its commit deletes nothing yet; the rollback around it undoes all."""
    site = make_site(S3FileUploadField, place.options)
    site.begin_explicitly()
    site.new(file=("old.txt", b"old"))
    with site.app.test_request_context():
        session = site.db.session
        thing = session.get(site.Thing, 1)
        with session.begin_nested():
            populate(site, thing, ("new.txt", b"new"))
        assert place.names() == ["new.txt", "old.txt"]
        session.rollback()

    assert place.names() == ["old.txt"]


def test_a_session_closed_without_a_commit_is_a_rollback(make_site: MakeSite, place: Place) -> None:
    """As when a request ends by an exception."""
    site = make_site(S3FileUploadField, place.options)
    with site.app.test_request_context():
        thing = site.Thing(title="1")
        site.db.session.add(thing)
        populate(site, thing, ("new.txt", b"new"))
        site.db.session.remove()

    assert place.names() == []


def test_a_flush_that_fails_and_a_session_that_goes_on(make_site: MakeSite, place: Place) -> None:
    """After the rollback the same session stores again, and only that stays."""
    site = make_site(S3FileUploadField, place.options)
    site.insert(title="taken")
    with site.app.test_request_context():
        session = site.db.session
        thing = site.Thing(title="taken")
        session.add(thing)
        populate(site, thing, ("one.txt", b"1"))
        with pytest.raises(Exception, match="UNIQUE"):
            session.flush()
        session.rollback()
        assert place.names() == []

        other = site.Thing(title="free")
        session.add(other)
        populate(site, other, ("two.txt", b"2"))
        session.commit()

    assert place.names() == ["two.txt"]


def test_sessions_keep_nothing_of_what_is_over(make_site: MakeSite, disk: DiskPlace) -> None:
    """A session that is used for long holds no ledgers, and no listeners are added to it."""
    site = make_site(S3FileUploadField, disk.options)
    with site.app.test_request_context():
        session = site.db.session()
        before = len(session.dispatch.after_transaction_end)
        for number in range(3):
            thing = site.Thing(title=str(number))
            session.add(thing)
            populate(site, thing, (f"{number}.txt", b""))
            session.commit()
        assert not any(session.info.values())
        assert len(session.dispatch.after_transaction_end) == before


def test_an_object_that_is_added_later_brings_its_files_into_that_session(
    make_site: MakeSite, place: Place
) -> None:
    """A form outside the admin fills an object before any session knows it."""
    site = make_site(S3FileUploadField, place.options)
    with site.app.test_request_context():
        thing = site.Thing(title="1")
        populate(site, thing, ("new.txt", b"new"))
        site.db.session.add(thing)
        site.db.session.rollback()

    assert place.names() == []


def test_filling_an_object_twice_leaves_the_last_file(make_site: MakeSite, place: Place) -> None:
    """Flushed in between or not, the first of two files in one transaction is deleted."""
    site = make_site(S3FileUploadField, place.options)
    site.new(file=("old.txt", b"old"))
    with site.app.test_request_context():
        thing: Any = site.db.session.get(site.Thing, 1)
        populate(site, thing, ("a.txt", b"a"))
        populate(site, thing, ("b.txt", b"b"))
        site.db.session.flush()
        populate(site, thing, ("c.txt", b"c"))
        site.db.session.commit()

    assert (site.value(), place.names()) == ("c.txt", ["c.txt"])


def test_a_name_that_the_app_puts_back_keeps_its_file(make_site: MakeSite, place: Place) -> None:
    """What the row names at the commit is never deleted."""
    site = make_site(S3FileUploadField, place.options)
    site.new(file=("old.txt", b"old"))
    with site.app.test_request_context():
        thing: Any = site.db.session.get(site.Thing, 1)
        populate(site, thing, ("new.txt", b"new"))
        thing.file = "old.txt"
        site.db.session.commit()

    assert "old.txt" in place.names()


def test_a_new_object_in_a_view_follows_the_view_s_session(
    make_site: MakeSite, place: Place
) -> None:
    """Also if that has no transaction yet: its rollback removes the file of an object that no
    session knows.
    """
    site = make_site(S3FileUploadField, place.options)
    with site.app.test_request_context():
        g._admin_view = site.view
        assert not site.db.session().in_transaction()
        populate(site, site.Thing(title="1"), ("new.txt", b"new"))
        assert place.names() == ["new.txt"]
        site.db.session.rollback()

    assert place.names() == []


def test_a_rollback_leaves_what_another_has_put_in_the_file_s_place(
    make_site: MakeSite, place: Place
) -> None:
    """Two save under one free name: the second gets it at its commit, and keeps it."""
    site = make_site(S3FileUploadField, place.options)
    with site.app.test_request_context():
        thing = site.Thing(title="1")
        site.db.session.add(thing)
        populate(site, thing, ("a.txt", b"first"))
        site.db.session.flush()
        place.write("a.txt", b"second")
        site.db.session.rollback()

    assert place.read("a.txt") == b"second"


def test_a_rollback_leaves_the_same_file_that_another_row_names(
    make_site: MakeSite, place: Place
) -> None:
    """A form is sent twice at once: one of the two commits, the other's title is taken. On S3
    their files are alike, but the database does.
    """
    site = make_site(S3FileUploadField, {**place.options, "allow_overwrite": True})
    with site.app.test_request_context():
        thing = site.Thing(title="one")
        populate(site, thing, ("a.txt", b"the same"))
        assert _another_client(site).new(file=("a.txt", b"the same")).status_code == 302
        site.db.session.add(thing)
        with pytest.raises(IntegrityError):
            site.db.session.commit()
        site.db.session.rollback()

    assert (site.value(), place.read("a.txt")) == ("a.txt", b"the same")


def test_a_row_that_names_the_file_in_the_last_moment_keeps_it(
    make_site: MakeSite, place: Place
) -> None:
    """It is committed between the search for others that share the file, and the deletion."""
    site = make_site(S3FileUploadField, place.options)
    site.new(file=("a.txt", b"a"))
    with site.app.app_context():
        engine = site.db.engine

    def insert(connection: Any) -> None:
        connection.exec_driver_sql("INSERT INTO thing (title, file) VALUES ('two', 'a.txt')")

    event.listen(engine, "commit", insert, once=True)
    site.edit(file=("b.txt", b"b"))

    assert (site.value(1), site.value(2)) == ("b.txt", "a.txt")
    assert place.names() == ["a.txt", "b.txt"]


@pytest.mark.parametrize("answers_later", [True, False])
def test_a_commit_whose_answer_is_lost_keeps_what_the_row_names(
    make_site: MakeSite, place: Place, answers_later: bool
) -> None:
    """The row is saved, but the connection breaks before that is known: the database is asked, and
    where it does not answer both files stay.
    """
    site = make_site(S3FileUploadField, place.options)
    site.new(file=("old.txt", b"old"))
    with site.app.app_context():
        engine = site.db.engine

    def lose_the_answer(connection: Any) -> None:
        connection.connection.commit()
        if not answers_later:
            event.listen(engine, "before_cursor_execute", be_down)
        raise OSError("the connection is lost")

    def be_down(*args: Any) -> None:
        raise OperationalError("", {}, OSError("down"))

    with site.app.test_request_context():
        thing: Any = site.db.session.get(site.Thing, 1)
        populate(site, thing, ("new.txt", b"new"))
        event.listen(engine, "commit", lose_the_answer)
        with pytest.raises(OSError, match="lost"):
            site.db.session.commit()
        site.db.session.rollback()
    event.remove(engine, "commit", lose_the_answer)
    if not answers_later:
        event.remove(engine, "before_cursor_execute", be_down)

    assert site.value() == "new.txt"
    assert place.names() == (["new.txt"] if answers_later else ["new.txt", "old.txt"])


def test_a_database_that_cannot_be_asked_changes_nothing(
    make_site: MakeSite, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """The file of a row that was not saved goes all the same, and the log says why nobody asked."""
    site = make_site(S3FileUploadField, place.options)
    with site.app.test_request_context():
        thing = site.Thing(title="one")
        site.db.session.add(thing)
        populate(site, thing, ("a.txt", b"a"))
        site.db.session.execute(text("DROP TABLE thing"))
        site.db.session.rollback()
        site.db.drop_all()
        site.db.session.add(thing)
        populate(site, thing, ("b.txt", b"b"))
        site.db.session.rollback()

    assert place.names() == []
    assert "not asked whether a row names 'b.txt'" in caplog.text


def test_a_list_that_the_app_puts_back_keeps_its_files(make_site: MakeSite, place: Place) -> None:
    """As above, where the table cannot be searched for names."""
    site = make_site(S3MultipleFileUploadField, place.options, column=JSON)
    site.new(file=[("a.txt", b"a"), ("b.txt", b"b")])
    with site.app.test_request_context():
        thing: Any = site.db.session.get(site.Thing, 1)
        form = site.view._edit_form_class(MultiDict({"_file-remove": "a.txt"}), obj=thing)
        form.file.populate_obj(thing, "file")
        assert thing.file == ["b.txt"]
        thing.file = ["b.txt", "a.txt"]
        site.db.session.commit()

    assert place.names() == ["a.txt", "b.txt"]


def populate(site: AdminSite, obj: Any, upload: tuple[str, bytes]) -> None:
    """What a form's populate_obj does, for one field."""
    field = site.view._edit_form_class(obj=obj).file
    field.data = FileStorage(io.BytesIO(upload[1]), upload[0])
    field.populate_obj(obj, "file")


# Shared files


def test_a_file_that_another_row_uses_stays(make_site: MakeSite, place: Place) -> None:
    """Replacing it in one row, or deleting that row, leaves it to the other (FA#451)."""
    site = make_site(S3FileUploadField, {**place.options, **TRACKED})
    site.new("one", ("shared.txt", b"x"))
    place_of_it = {"storage_type": place.storage_type, "bucket_name": place.bucket_name}
    site.insert(title="two", file="shared.txt", **place_of_it)
    site.insert(title="three", file="shared.txt", **place_of_it)

    site.edit("one", ("own.txt", b"own"), id=1)
    assert place.names() == ["own.txt", "shared.txt"]
    site.delete(2)
    assert place.names() == ["own.txt", "shared.txt"]
    site.delete(3)
    assert place.names() == ["own.txt"]


def test_a_shared_picture_keeps_its_thumbnail(make_site: MakeSite, place: Place) -> None:
    """Rows name the picture alone, but both are shared."""
    options = {**place.options, "thumbnail_size": (2, 2, True)}
    site = make_site(S3ImageUploadField, options)
    site.new("one", ("shared.png", picture()))
    site.insert(title="two", file="shared.png")

    site.delete(1)
    assert place.names() == ["shared.png", "shared_thumb.png"]
    site.delete(2)
    assert place.names() == []


def test_the_hook_is_asked_for_pictures_and_not_for_thumbnails(
    make_site: MakeSite, place: Place
) -> None:
    """Once each, by the name that the row says."""
    asked = []

    def is_shared(obj: Any, filename: str) -> bool:
        asked.append(filename)
        return True

    options = {**place.options, "thumbnail_size": (2, 2, True), "is_shared": is_shared}
    site = make_site(S3ImageUploadField, options)
    site.new(file=("logo.png", picture()))

    site.delete()

    assert asked == ["logo.png"]
    assert place.names() == ["logo.png", "logo_thumb.png"]


def test_the_hook_decides_who_shares(make_site: MakeSite, place: Place) -> None:
    """is_shared gets the object and the file's name; True keeps the file."""
    asked = []

    def is_shared(obj: Any, filename: str) -> bool:
        asked.append((obj.title, filename))
        return filename.startswith("logo")

    site = make_site(S3FileUploadField, {**place.options, "is_shared": is_shared})
    site.new(file=("logo.txt", b"x"))

    site.edit(file=("other.txt", b"y"))
    site.edit(file=("third.txt", b"z"))

    assert asked == [("one", "logo.txt"), ("one", "other.txt")]
    assert place.names() == ["logo.txt", "third.txt"]


# Two at once


def test_two_requests_that_replace_one_row_leave_one_file(
    make_site: MakeSite, place: Place
) -> None:
    """Both read the old name, both store: after both commits one file is there, the row's."""
    site = make_site(S3FileUploadField, {**place.options, **TRACKED})
    site.new(file=("old.txt", b"old"))
    both_have_read = threading.Barrier(2)
    site.view.on_model_change = lambda form, model, created: both_have_read.wait(10)
    answers: list[int] = []

    def replace(name: str) -> None:
        answers.append(_another_client(site).edit(file=(name, b"new")).status_code)

    threads = [threading.Thread(target=replace, args=(f"{n}.txt",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == [302, 302]
    assert place.names() == [site.value()]


def _another_client(site: AdminSite) -> AdminSite:
    return AdminSite(site.app, site.db, site.Thing, site.view)


def test_a_request_that_deletes_a_row_takes_the_file_that_another_just_put_there(
    make_site: MakeSite, place: Place
) -> None:
    """What the deleting session knew of the row is old: the database is asked."""
    site = make_site(S3FileUploadField, place.options)
    site.new(file=("old.txt", b"old"))
    with site.app.app_context():
        thing: Any = site.db.session.get(site.Thing, 1)
        assert thing.file == "old.txt"
        other = _another_client(site)
        assert other.edit(file=("new.txt", b"new")).status_code == 302
        site.db.session.delete(thing)
        site.db.session.commit()

    assert place.names() == []


def test_many_requests_that_replace_one_row_leave_one_file(
    make_site: MakeSite, place: Place
) -> None:
    """Eight threads in a row of their own speed, on a database in WAL mode."""
    site = make_site(S3FileUploadField, place.options)
    with site.app.app_context(), site.db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    site.new(file=("old.txt", b"old"))

    def replace(number: int) -> None:
        client = _another_client(site)
        for turn in range(3):
            client.edit(file=(f"{number}-{turn}.txt", b"new"))

    threads = [threading.Thread(target=replace, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    names = [name for name in place.names() if not name.startswith(".pending/")]
    assert names == [site.value()]


# A killed process


def test_a_process_killed_before_the_commit_leaves_an_orphan_at_worst(
    make_site: MakeSite, disk: DiskPlace
) -> None:
    """The row and its old file are whole, even where the new file has the same name; the command
    ``admin-uploads prune --dry-run`` lists what is left.
    """
    site = make_site(S3FileUploadField, disk.options)
    site.new(file=("same.txt", b"old"))

    def die(form: Any, model: Any, created: bool) -> None:
        os._exit(9)

    def post_and_die(name: str) -> None:
        site.view.on_model_change = die
        site.edit(file=(name, b"new"))

    for name in ("same.txt", "new.txt"):
        process = multiprocessing.get_context("fork").Process(target=post_and_die, args=(name,))
        process.start()
        process.join()
        assert process.exitcode == 9

    assert site.value() == "same.txt"
    assert disk.read("same.txt") == b"old"
    orphans = [name for name in disk.names() if name != "same.txt"]
    assert len(orphans) == 2
    for name in orphans:
        os.utime(disk.folder / name, (0, 0))
    listed = site.flask("admin-uploads", "prune", "--dry-run")
    assert all(name in listed for name in orphans)
    assert "same.txt" not in [line.rpartition("/")[2] for line in listed.splitlines()]


# Other models


class Plain:
    """A model of no library that has sessions."""

    def __init__(self, file: str | None = None) -> None:
        self.file = file


def plain_form(storage: Any, **options: Any) -> Any:
    class PlainForm(Form):
        file = S3FileUploadField(storage=storage, **options)

    return PlainForm()


def fill(form: Any, obj: Any, name: str, content: bytes = b"") -> None:
    form.file.data = FileStorage(io.BytesIO(content), name)
    form.file.populate_obj(obj, "file")


def test_without_a_session_the_old_file_goes_once_the_new_is_stored() -> None:
    """The default for models that are not SQLAlchemy's."""
    storage = MemoryStorage()
    obj = Plain()
    fill(plain_form(storage), obj, "a.txt")
    fill(plain_form(storage), obj, "b.txt")

    assert obj.file == "b.txt"
    assert [info.name for info in storage.find()] == ["b.txt"]


def test_a_file_transaction_keeps_old_files_to_its_end() -> None:
    """The hook for other models: the old file goes when the block ends."""
    storage = MemoryStorage()
    obj = Plain()
    fill(plain_form(storage), obj, "a.txt")

    with FileTransaction():
        fill(plain_form(storage), obj, "b.txt")
        assert [info.name for info in storage.find()] == ["a.txt", "b.txt"]

    assert [info.name for info in storage.find()] == ["b.txt"]


@pytest.mark.parametrize("way", ["raise", "ask"])
def test_a_file_transaction_undoes_what_failed(way: str) -> None:
    """By an exception, or by a call."""
    storage = MemoryStorage()
    obj = Plain()
    fill(plain_form(storage), obj, "a.txt")

    def change() -> None:
        with FileTransaction() as files:
            fill(plain_form(storage), obj, "b.txt")
            if way == "ask":
                files.rollback()
            else:
                raise ZeroDivisionError

    if way == "ask":
        change()
    else:
        with pytest.raises(ZeroDivisionError):
            change()

    assert [info.name for info in storage.find()] == ["a.txt"]
