"""FileType: what can be assigned, and what it is in the database."""

import io
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, Unpack

import pytest
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from models import Models, add, contents, get, make_models, read, upload
from sqlalchemy import Engine, Index, inspect, select
from sqlalchemy.orm import Session

from s3_saver import (
    ArgumentError,
    ArgumentTypeError,
    FileTransaction,
    ObjectOptions,
    Storages,
    StoredFile,
)
from s3_saver.testing import MemoryStorage, S3Server
from sqlalchemy_s3_files import (
    UNCHANGED,
    CheckedFile,
    FileRules,
    FileType,
    NewFile,
    NotStoredError,
    find_models,
    new_file,
)


class FileStorage:
    """An upload, as Werkzeug has it."""

    def __init__(self, content: bytes = b"", filename: str | None = "") -> None:
        self.stream = io.BytesIO(content)
        self.filename = filename


class UploadFile:
    """An upload, as Starlette has it."""

    def __init__(self, file: IO[bytes], filename: str) -> None:
        self.file = file
        self.filename = filename

    async def read(self) -> bytes:
        return b""


@dataclass
class Checked:
    name: str
    content_type: str
    size: int
    width: int | None
    height: int | None


class TooBigError(Exception):
    """What these rules raise."""


class Rules:
    """Rules as untrusted_files has them."""

    asked = 0

    def check(self, file: IO[bytes], filename: str | None) -> Checked:
        self.asked += 1
        content = file.read()
        file.seek(0)
        if len(content) > 4:
            raise TooBigError("This file is 5 bytes; the limit is 4 bytes.")
        return Checked(f"clean-{filename}", "image/x-test", len(content), 3, 2)


def stored(models: Models, engine: Engine, value: Any) -> StoredFile:
    """What a column makes of a value."""
    with Session(engine) as session:
        thing = models.thing(image=value)
        session.add(thing)
        session.commit()
        image: StoredFile = thing.image
        return image


def test_what_frameworks_hand_over_is_taken(small: Models, sqlite: Engine, tmp_path: Path) -> None:
    """Uploads of Werkzeug and Starlette, streams, open files, and pipes that cannot be rewound."""
    path = tmp_path / "on disk.txt"
    path.write_bytes(b"disk")
    reader, writer = os.pipe()
    os.write(writer, b"pipe")
    os.close(writer)
    with (
        path.open("rb") as opened,
        os.fdopen(reader, "rb") as pipe,
        tempfile.SpooledTemporaryFile() as spooled,
    ):
        spooled.write(b"s")
        values = [
            (FileStorage(b"w", "w.PNG"), b"w", "w.PNG", ".png"),
            (FileStorage(b"w", None), b"w", "", ""),
            (FileStorage(b"", "empty.txt"), b"", "empty.txt", ".txt"),
            (UploadFile(spooled, "s.tar.gz"), b"s", "s.tar.gz", ".gz"),
            (io.BytesIO(b"stream"), b"stream", "", ""),
            (opened, b"disk", "on disk.txt", ".txt"),
            (new_file(opened), b"disk", "on disk.txt", ".txt"),
            (pipe, b"pipe", "", ""),
            (new_file(io.BytesIO(b"n"), "../../x.a/b"), b"n", "../../x.a/b", ""),
            (new_file(io.BytesIO(b"n"), "n.sh ; rm"), b"n", "n.sh ; rm", ""),
        ]
        for value, content, filename, ending in values:
            file = stored(small, sqlite, value)
            assert (read(file), file.filename) == (content, filename)
            name, extension = os.path.splitext(file.name)
            assert (len(name), extension) == (len("things/") + 16, ending)


def test_an_empty_upload_leaves_the_value(small: Models, sqlite: Engine) -> None:
    """Loaded or not, in a new object and in an old one; only None deletes."""
    key = add(sqlite, small.thing, image=upload(b"old"))
    with Session(sqlite) as session:
        thing = get(session, small.thing, key)
        nothing = new_file(io.BytesIO(), "")
        for empty in ("", FileStorage(), FileStorage(filename=None), io.BytesIO(), nothing):
            thing.image = empty
            assert read(thing.image) == b"old"
            session.commit()
            thing.image = empty  # it is expired
            session.commit()
            assert read(thing.image) == b"old"
            assert small.thing(image=empty).image is None
    assert contents(small.storages) == [b"old"]


@pytest.mark.parametrize("value", ["cat.jpg", b"bytes", 3, io.StringIO("text"), object()], ids=repr)
def test_what_is_no_file_is_refused(small: Models, value: Any) -> None:
    """In words, when it is assigned."""
    with pytest.raises(ArgumentTypeError, match=r"Thing.image must be a file: .*, got .*BytesIO$"):
        small.thing(image=value)


def test_a_closed_stream_is_refused_by_the_flush(small: Models, sqlite: Engine) -> None:
    """A view's stream is gone when the session is committed later."""
    with Session(sqlite) as session:
        stream = io.BytesIO(b"x")
        session.add(small.thing(image=stream))
        stream.close()
        with pytest.raises(ArgumentError, match="open until the flush that stores it"):
            session.commit()


def test_rules_are_asked_once_at_assignment(memory: Storages, sqlite: Engine) -> None:
    """What they raise comes out of it, and the value stays; what they find is kept."""
    rules = Rules()
    models = make_models(memory, rules=rules)
    models.base.metadata.create_all(sqlite)
    with Session(sqlite) as session:
        thing = models.thing(image=upload(b"1234", "a.png"))
        with pytest.raises(TooBigError):
            thing.image = upload(b"12345")
        session.merge(thing)
        session.commit()
        assert rules.asked == 2
        image = session.scalars(select(models.thing)).one().image
        assert (image.content_type, image.size) == ("image/x-test", 4)
        assert image.metadata == {"width": 3, "height": 2}
        session.add(models.thing(image=image))  # its copy is not asked about
        session.commit()
        assert rules.asked == 2


def test_accept_knows_what_a_framework_hands_over(memory: Storages, sqlite: Engine) -> None:
    """It is asked with the value and the attribute, but for None, files and nothing."""
    asked: list[tuple[Any, str]] = []

    def accept(value: Any, name: str) -> Any:
        asked.append((value, name))
        return {"token": io.BytesIO(b"by token"), "nothing": None}.get(value, value)

    models = make_models(memory, accept=accept)
    models.base.metadata.create_all(sqlite)
    with Session(sqlite) as session:
        thing = models.thing(image="token")
        session.add(thing)
        session.commit()
        assert read(thing.image) == b"by token"
        for value in ("nothing", "", upload(b"file"), None):
            thing.image = value
        session.commit()
        assert thing.image is None
    assert asked == [("token", "Thing.image"), ("nothing", "Thing.image")]


@dataclass
class Held:
    """An upload that waits in the storages, as direct uploads do."""

    file: StoredFile

    def open(self) -> BinaryIO:
        return self.file.open()

    def check(self, rules: FileRules, filename: str, /) -> CheckedFile:
        with self.open() as stream:
            return rules.check(stream, filename)

    def store(
        self,
        files: FileTransaction,
        storages: Storages,
        file: StoredFile,
        /,
        **options: Unpack[ObjectOptions],
    ) -> StoredFile:
        info = storages.current.copy(self.file.name, file.name, overwrite=False)
        files.delete(self.file)
        return files.add(storages.stored(info, filename=file.filename, metadata=file.metadata))


def held(storages: Storages, content: bytes = b"held") -> NewFile:
    file = storages.save("pending/x.png", io.BytesIO(content), filename="me.png")
    return NewFile.made(Held(file), size=file.size, filename=file.filename)


def test_a_content_of_one_s_own_is_stored_its_way(models: Models, engine: Engine) -> None:
    """A rollback leaves it where it waits, a commit takes it along."""
    new = held(models.storages)
    with Session(engine) as session:
        session.add(models.thing(image=new))
        session.flush()
        assert contents(models.storages) == [b"held", b"held"]
        session.rollback()
        assert [info.name for info in models.storages.current.find()] == ["pending/x.png"]
        thing = models.thing(image=new)
        session.add(thing)
        session.commit()
        assert contents(models.storages) == [b"held"]
        assert thing.image.name.startswith("things/")
        assert (thing.image.filename, read(thing.image)) == ("me.png", b"held")


def test_the_rules_check_a_content_of_one_s_own(memory: Storages) -> None:
    """When it is assigned, as they check a stream."""
    models = make_models(memory, rules=Rules())
    assert models.thing(image=held(memory, b"1234")).image.content_type == "image/x-test"
    with pytest.raises(TooBigError):
        models.thing(image=held(memory, b"12345"))


def test_a_value_can_be_taken_before_it_is_assigned(memory: Storages, sqlite: Engine) -> None:
    """As by a form: rules are asked once, and a value that is refused is not assigned."""
    rules = Rules()
    models = make_models(memory, rules=rules)
    models.base.metadata.create_all(sqlite)
    kind: FileType = models.thing.image.type
    key = add(sqlite, models.thing, image=upload(b"old"))
    with Session(sqlite) as session:
        thing = get(session, models.thing, key)
        with pytest.raises(TooBigError):
            kind.take(upload(b"12345"), "Thing.image")
        taken = kind.take(FileStorage(b"1234", "a.png"), "Thing.image")
        assert isinstance(taken, NewFile)
        assert (taken.metadata, contents(memory)) == ({"width": 3, "height": 2}, [b"old"])
        thing.image = taken
        session.commit()
        assert thing.image.name == taken.name
        assert rules.asked == 3
        for unchanged in (kind.take("", "Thing.image"), kind.take(new_file(io.BytesIO(), ""), "")):
            assert unchanged is UNCHANGED
            thing.image = unchanged
        assert read(thing.image) == b"1234"
        thing.image = kind.take(None, "Thing.image")
        session.commit()
        assert contents(memory) == []


def test_a_list_can_be_taken_before_it_is_assigned(small: Models, sqlite: Engine) -> None:
    """None is an empty one; of uploads that are all empty, nothing is assigned."""
    kind: FileType = small.thing.pages.type
    thing = small.thing(pages=[upload(b"1")])
    thing.pages = kind.take_all([*thing.pages, upload(b"2")], "Thing.pages")
    for unchanged in ([FileStorage()], UNCHANGED, [UNCHANGED, ""]):
        thing.pages = kind.take_all(unchanged, "Thing.pages")
        assert kind.take_all(unchanged, "Thing.pages") is UNCHANGED
    with Session(sqlite) as session:
        session.add(thing)
        session.commit()
        assert contents(small.storages) == [b"1", b"2"]
        thing.pages = kind.take_all(None, "Thing.pages")
        session.commit()
    assert contents(small.storages) == []


def test_options_say_how_a_file_is_kept_on_s3(
    sqlite: Engine, s3_server: S3Server, s3_bucket: str
) -> None:
    """By the content type of a new file, and of a copy that comes from elsewhere."""
    storages = Storages(storage=s3_server.storage(s3_bucket))
    models = make_models(storages, options=lambda kind: {"cache_control": f"max-age={len(kind)}"})
    models.base.metadata.create_all(sqlite)
    elsewhere = Storages(storage=MemoryStorage()).save("a.gif", io.BytesIO(b"GIF"))
    for value in (upload(b"png", "a.png"), NewFile.of(elsewhere)):
        image = stored(models, sqlite, value)
        storage: Any = storages.current
        head = storage.client.head_object(Bucket=s3_bucket, Key=image.name)
        assert head["CacheControl"] == f"max-age={len(value.content_type)}"


def test_a_proxy_finds_the_storages_later(memory: Storages, sqlite: Engine) -> None:
    """As Werkzeug's does, which has no app yet when a column is made."""

    class Proxy:
        found: Storages | None = None

        @property
        def __class__(self) -> Any:
            if self.found is None:
                return Proxy
            return Storages

        @__class__.setter
        def __class__(self, _: Any) -> None: ...

        __hash__ = None  # type: ignore[assignment]

        def __call__(self) -> None:
            raise AssertionError("a proxy's call is that of what it stands for")

        def __eq__(self, other: object) -> bool:
            return other is self.found

        def __getattr__(self, name: str) -> Any:
            return getattr(self.found, name)

    proxy: Any = Proxy()
    models = make_models(proxy)
    models.base.metadata.create_all(sqlite)
    proxy.found = memory
    assert read(stored(models, sqlite, upload(b"1234"))) == b"1234"
    assert models.thing in find_models(memory)


def test_files_move_to_another_storage(
    sqlite: Engine, tmp_path: Path, s3_server: S3Server, s3_bucket: str
) -> None:
    """After a switch, what is on disk is found, replaced and moved; a rollback leaves it there."""
    disk = Storages(tmp_path / "files")
    models = make_models(disk)
    models.base.metadata.create_all(sqlite)
    key = add(sqlite, models.thing, image=upload(b"i", "i.png"), pages=[upload(b"p")])
    bucket = s3_server.storage(s3_bucket)
    both = Storages(tmp_path / "files", storage=bucket)
    models = make_models(both)
    with Session(sqlite) as session:
        thing = get(session, models.thing, key)
        assert read(thing.image) == b"i"
        for end in (session.rollback, session.commit):
            assert len(contents(disk)) == 2
            thing.image = NewFile.of(thing.image)
            thing.pages = [upload(b"new")]
            session.flush()
            end()
        assert contents(disk) == []
        assert contents(both) == [b"i", b"new"]
        assert thing.image.location == ("s3", s3_bucket, thing.image.name)
        assert (thing.image.filename, read(thing.image)) == ("i.png", b"i")


def test_a_file_of_another_store_is_copied(sqlite: Engine) -> None:
    """Also where rows may share files: those storages know nothing of the other's."""
    avatars = Storages(storage=MemoryStorage(), store="avatars")
    invoices = Storages(storage=MemoryStorage(), store="invoices")
    avatar = avatars.save("tom.jpg", io.BytesIO(b"tom"))
    models = make_models(invoices)
    models.base.metadata.create_all(sqlite)
    with Session(sqlite) as session:
        rows = [models.thing(image=avatar), models.shared(image=avatar), models.post(image=avatar)]
        session.add_all(rows)
        session.commit()
        files = [rows[0].image, rows[1].image, models.followed.get(rows[2])]
        assert [(file.store, read(file)) for file in files] == [("invoices", b"tom")] * 3
        for row in rows:
            session.delete(row)
        session.commit()
    assert (contents(avatars), contents(invoices)) == ([b"tom"], [])


def test_a_column_without_storages_only_reads(sqlite: Engine) -> None:
    """As a migration's: assigning a file is refused in words."""
    models = make_models(Storages())
    kind = FileType()
    assert kind.process_result_value({"name": "a.jpg"}, sqlite.dialect) == StoredFile("a.jpg")
    with pytest.raises(ArgumentError, match="storages must be passed to FileType, got None"):
        kind.take(upload(), "Thing.image")
    assert models.thing(image=None).image is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"storages": "files"}, "storages must be a Storages, or a function that returns it"),
        ({"to": "../x"}, "name '../x' is not safe"),
        ({"to": 3}, "to must be a folder such as 'things/', got 3"),
        ({"rules": 3}, r"rules must be an object with check\(stream, filename\), got 3"),
        ({"accept": 3}, "accept must be a function of a value and a name, got 3"),
        ({"options": 3}, "options must be a function of a content type, got 3"),
    ],
)
def test_wrong_options_are_refused(options: dict[str, Any], words: str) -> None:
    """When the column is made."""
    with pytest.raises(ArgumentError, match=words):
        FileType(**options)


@pytest.mark.parametrize(
    "data",
    [
        {"name": "a.jpg"},
        StoredFile("a.jpg", 3, "image/png", "s3", "media", "A", "x").to_dict(),
        StoredFile("a.jpg", metadata={"width": 3}).to_dict(),
        StoredFile("a.jpg").to_dict() | {"of a later version": [1]},
        StoredFile("a.jpg").to_dict() | {"bucket_name": None, "metadata": None},
    ],
)
def test_what_is_loaded_is_what_from_dict_makes(memory: Storages, data: dict[str, Any]) -> None:
    """Whatever keys there are, bound to the column's storages."""
    file = FileType(memory).process_result_value(dict(data), None)  # type: ignore[arg-type]
    assert file == StoredFile.from_dict(data)
    assert file.to_dict() == StoredFile.from_dict(data).to_dict()
    assert file.storages is memory
    assert hash(file) == hash(StoredFile.from_dict(data))
    with pytest.raises(TypeError, match="read-only"):
        file.metadata["x"] = 1


@pytest.mark.parametrize("data", [{}, {"name": ""}, StoredFile("").to_dict(), 3, {"name": 3}])
def test_json_that_is_no_file_is_refused(memory: Storages, data: Any) -> None:
    """When the row is loaded."""
    with pytest.raises(ArgumentError):
        FileType(memory).process_result_value(data, None)  # type: ignore[arg-type]


def test_alembic_finds_and_writes_the_column(models: Models, engine: Engine) -> None:
    """Autogenerate sees no difference to a table that is there, and writes one that is not."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        script = produce_migrations(context, models.base.metadata)
        assert script.upgrade_ops is not None
        assert script.upgrade_ops.is_empty()
    models.base.metadata.drop_all(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        script = produce_migrations(context, models.base.metadata)
        assert script.upgrade_ops is not None
        code = render_python_code(script.upgrade_ops)
    assert "sa.Column('image', sqlalchemy_s3_files.FileType(), nullable=True)" in code
    assert "sa.Column('pages', sqlalchemy_s3_files.FileType(multiple=True), nullable=" in code


def test_it_is_json_and_jsonb(models: Models, engine: Engine) -> None:
    """NULL for None; on PostgreSQL it can be indexed and searched as JSONB."""
    add(engine, models.thing, image=None)
    add(engine, models.thing, image=upload())
    columns = inspect(engine).get_columns("thing")
    (kind,) = (column["type"] for column in columns if column["name"] == "image")
    assert repr(kind)[:5] == ("JSONB" if engine.dialect.name == "postgresql" else "JSON(")
    Index("image_name", models.thing.image["name"].as_string()).create(engine)
    with Session(engine) as session:
        assert len(session.scalars(select(models.thing).filter_by(image=None)).all()) == 1


def test_statements_are_cached_for_each_storages(sqlite: Engine) -> None:
    """Two models of one table bind their files to their own storages."""
    first, second = (make_models(Storages("/nowhere")) for _ in range(2))
    first.base.metadata.create_all(sqlite)
    with Session(sqlite) as session:
        session.connection().exec_driver_sql(
            "INSERT INTO shared VALUES (1, '{\"name\": \"a.jpg\"}', '[]')"
        )
        for models in (first, second):
            assert get(session, models.shared, 1).image.storages is models.storages


def test_a_file_that_is_not_stored_is_no_file_yet(small: Models) -> None:
    """It compares by its value, and cannot be sent to another process."""
    new = small.thing(image=upload()).image
    assert new == StoredFile(new.name, 3, filename="cat.jpg")
    assert new != StoredFile(new.name, 4, filename="cat.jpg")
    assert new != 3
    assert not new.is_stored
    with pytest.raises(NotStoredError):
        new.__reduce_ex__(4)
