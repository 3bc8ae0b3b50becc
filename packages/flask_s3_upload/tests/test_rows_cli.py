"""The commands that go through rows, and files by their names; on disk and on S3."""

import io
import os
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask_sqlalchemy_lite import SQLAlchemy as LiteSQLAlchemy
from gallery import Gallery, make_gallery
from sent_files import picture, posted
from sqlalchemy import ForeignKey, create_engine, event, select
from sqlalchemy.ext.declarative import AbstractConcreteBase
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    mapped_column,
    with_loader_criteria,
)
from upload_site import MakeSite, Site, without_prefix

from flask_s3_upload import StoredFile, Uploads
from s3_saver import NotFoundError, UnsafeNameError
from sqlalchemy_s3_files import follow


def run(site: Site, *arguments: str, typed: str | None = None) -> Result:
    return site.app.test_cli_runner().invoke(args=["uploads", *arguments], input=typed)


def prune(site: Site, *arguments: str, typed: str | None = None) -> Result:
    # As if a moment had passed: clocks differ.
    return run(site, "prune", "--older-than", "0", *arguments, typed=typed)


def age(site: Site) -> None:
    """Let the files of a disk be a minute old; S3's have whole seconds, which are cut."""
    if not site.on_s3:
        then = time.time() - 60
        for name in site.names():
            os.utime(site.storage.path(name), (then, then))  # type: ignore[union-attr]


@without_prefix
def test_prune_deletes_what_no_row_names(make_site: MakeSite) -> None:
    """After it was shown and confirmed; what rows and pending uploads have stays."""
    gallery = make_gallery(make_site)
    site = gallery.site
    token = gallery.upload(picture())
    with site.visit():
        row = gallery.picture(image=posted(picture()), document=posted(b"d", "d.txt"))
        album = gallery.album(pages=[posted(picture())])
        gallery.db.session.add_all([row, album])
        gallery.db.session.commit()
        for name in ("pictures/lost.png", "pages/lost/1", "elsewhere/kept.png"):
            site.storage.save(name, io.BytesIO(b"x"))
    before = site.names()
    age(site)
    result = prune(site, "--dry-run")
    assert result.output == (
        "would delete pages/lost/1\nwould delete pictures/lost.png\n2 to delete\n"
    )
    assert prune(site, typed="n\n").exit_code == 1
    assert run(site, "prune", "--yes").output == "0 deleted\n"  # all are younger than a day
    assert sorted(site.names()) == sorted(before)
    result = prune(site, typed="y\n")
    assert result.output.endswith("deleted pages/lost/1\ndeleted pictures/lost.png\n2 deleted\n")
    assert "Delete these 2? [y/N]: y" in result.output
    assert sorted({*before} - {*site.names()}) == ["pages/lost/1", "pictures/lost.png"]
    assert prune(site, "--yes").output == "0 deleted\n"
    with site.visit():
        gallery.db.session.add(gallery.picture(image=token))
        gallery.db.session.commit()


def test_prune_leaves_what_registered_models_name(make_local: MakeSite) -> None:
    """Their objects may have files in the folders of columns."""
    gallery = make_gallery(make_local)
    with gallery.site.visit():
        stored = gallery.uploads.save(posted(picture()), "pictures/")

        class Other:
            file = stored.to_dict()

    gallery.uploads.register_model("others", lambda: [Other()], "file", commit=print)
    age(gallery.site)
    assert prune(gallery.site, "--yes").output == "0 deleted\n"


def test_prune_tells_listeners(make_local: MakeSite) -> None:
    """So that thumbnails go as well."""
    gallery = make_gallery(make_local)
    gallery.site.storage.save("pictures/lost.png", io.BytesIO(b"x"))
    age(gallery.site)
    heard: list[str] = []
    with gallery.site.app.app_context():
        gallery.uploads.storages.on_deleted(lambda name, *_: heard.append(name))
    prune(gallery.site, "--yes")
    assert heard == ["pictures/lost.png"]


def test_without_columns_prune_says_what_to_do(make_local: MakeSite) -> None:
    """As does migrate."""
    site = make_local(UPLOADS_S3_BUCKET_NAME="media", UPLOADS_USE_S3=False, UPLOADS_S3_REGION="x")
    for command in (["prune"], ["migrate", "--to", "s3"]):
        result = run(site, *command)
        assert result.exit_code == 1
        assert "declare columns by uploads.column" in result.output


def test_without_flask_sqlalchemy_a_session_is_registered(make_local: MakeSite) -> None:
    """Until then the command says which call is missing."""
    site = make_local()

    class Base(DeclarativeBase):
        pass

    class Thing(Base):
        __tablename__ = "thing"
        id: Mapped[int] = mapped_column(primary_key=True)
        file: Mapped[StoredFile | None] = site.uploads.column("things/")

    engine = create_engine(f"sqlite:///{site.app.instance_path}/rows.db")
    Base.metadata.create_all(engine)
    result = prune(site)
    assert result.exit_code == 1
    assert "call uploads.register_session(lambda: Session(engine))" in result.output
    with pytest.raises(TypeError, match="find_session must be a function"):
        site.uploads.register_session(Session(engine))  # type: ignore[arg-type]
    site.uploads.register_session(lambda: Session(engine))
    with site.app.app_context(), Session(engine) as session:
        session.add(Thing(file=posted(b"x", "x.txt")))
        session.commit()
        site.storage.save("things/lost", io.BytesIO(b"x"))
    age(site)
    assert prune(site, "--yes").output == "deleted things/lost\n1 deleted\n"
    engine.dispose()


def test_flask_sqlalchemy_lite_has_a_session(make_local: MakeSite) -> None:
    """By which rows are found, without a call."""
    site = make_local(SQLALCHEMY_ENGINES={"default": "sqlite://"})

    class Base(DeclarativeBase):
        pass

    class Thing(Base):
        __tablename__ = "thing"
        id: Mapped[int] = mapped_column(primary_key=True)
        file: Mapped[StoredFile | None] = site.uploads.column("things/")

    db = LiteSQLAlchemy(site.app)
    with site.app.app_context():
        Base.metadata.create_all(db.engine)
        db.session.add(Thing(file=posted(b"x", "x.txt")))
        db.session.commit()
        site.storage.save("things/lost", io.BytesIO(b"x"))
    age(site)
    assert prune(site, "--yes").output == "deleted things/lost\n1 deleted\n"
    with site.app.app_context():
        db.engine.dispose()


def test_each_store_is_pruned_by_itself(make_local: MakeSite) -> None:
    """Columns of other stores, and of other apps' Uploads, are none of its business."""
    gallery = make_gallery(make_local)
    site = gallery.site
    invoices = Uploads(store="invoices")
    invoices.init_app(site.app)
    lost = Uploads()  # an app that was never made

    class Invoice(gallery.db.Model):  # type: ignore[name-defined,misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        file: Mapped[StoredFile | None] = invoices.column("pictures/")

    class Lost(DeclarativeBase):
        pass

    class Thing(Lost):
        __tablename__ = "thing"
        id: Mapped[int] = mapped_column(primary_key=True)
        file: Mapped[StoredFile | None] = lost.column("pictures/")

    with site.visit():
        gallery.db.create_all()
        gallery.db.session.add(Invoice(file=posted(b"i", "i.txt")))
        gallery.db.session.add(gallery.picture(image=posted(picture())))
        gallery.db.session.commit()
        folder: Any = invoices.storages.current
        disk: Any = site.storage
        name = gallery.row(Invoice).file.name
        for storage in (disk, folder):
            storage.save("pictures/lost", io.BytesIO(b"x"))
            for info in storage.find():
                os.utime(storage.path(info.name), (1, 1))
    assert prune(site, "--dry-run").output == (
        "store '':\nwould delete pictures/lost\n1 to delete\n"
        "store 'invoices':\nwould delete pictures/lost\n1 to delete\n"
    )
    result = prune(site, "--store", "invoices", "--yes")
    assert result.output == "deleted pictures/lost\n1 deleted\n"
    assert [info.name for info in folder.find()] == [name]
    assert "pictures/lost" in site.names()


def make_both(make_s3: MakeSite) -> tuple[Gallery, Any, Any]:
    """A gallery on disk that has a bucket; its row; and a followed row."""
    gallery = make_gallery(make_s3, UPLOADS_USE_S3=False)

    class Post(gallery.db.Model):  # type: ignore[name-defined,misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        image: Mapped[str | None]
        storage_type: Mapped[str | None]
        bucket_name: Mapped[str | None]

    class Special(gallery.picture):  # type: ignore[name-defined,misc]
        id: Mapped[int] = mapped_column(ForeignKey("picture.id"), primary_key=True)
        extra: Mapped[StoredFile | None] = gallery.uploads.column("extra/")

    follow(
        Post,
        gallery.uploads.storages,
        "posts/",
        name="image",
        storage_type="storage_type",
        bucket_name="bucket_name",
    )
    with gallery.site.visit():
        gallery.db.create_all()
    return gallery, Post, Special


def bucket_of(gallery: Gallery) -> Any:
    name = gallery.site.app.config["UPLOADS_S3_BUCKET_NAME"]
    return gallery.uploads.storages.find("s3", name)


def test_migrate_finds_columns_by_itself(make_s3: MakeSite) -> None:
    """Those of uploads.column, lists, inherited and followed ones, there and back; originals go
    with each row's commit.
    """
    gallery, post, special = make_both(make_s3)
    site, session = gallery.site, gallery.db.session
    with site.visit():
        rows = [
            gallery.picture(image=posted(picture()), document=posted(b"<p>", "d.html")),
            gallery.picture(),
            gallery.album(pages=[posted(picture(), f"{n}.png") for n in range(2)]),
            post(image=posted(picture(), "post.png")),
            special(image=posted(picture()), extra=posted(b"e", "e.txt")),
        ]
        session.add_all(rows)
        session.commit()
        before = sorted(site.names())
        bucket = bucket_of(gallery)
    assert len(before) == 7
    result = run(site, "migrate", "--to", "s3", "--dry-run")
    lines = result.output.splitlines()
    assert sorted(line.rpartition(": ")[2] for line in lines[:-1]) == before
    assert (result.exit_code, lines[-1]) == (0, "7 to move to s3")
    assert (sorted(site.names()), list(bucket.find())) == (before, [])
    result = run(site, "migrate", "--to", "s3")
    assert (result.exit_code, "7 moved to s3, 0 failed" in result.output) == (0, True)
    assert site.names() == []
    assert sorted(info.name for info in bucket.find()) == before
    with site.visit():
        row = session.get(gallery.picture, 1)
        assert row.image.storage_type == "s3"
        assert (row.document.filename, row.document.content_type) == ("d.html", "text/html")
        with row.image.open() as file:
            assert file.read() == picture()
        moved = gallery.row(post)
        names = {row.document.name: "attachment", row.image.name: None, moved.image: None}
        for name, disposition in names.items():
            head = bucket.client.head_object(Bucket=bucket.bucket_name, Key=bucket.key(name))
            assert head.get("ContentDisposition") == disposition
        assert (moved.storage_type, moved.bucket_name) == ("s3", bucket.bucket_name)
    assert run(site, "migrate", "--to", "s3", "--dry-run").output == "0 to move to s3\n"
    assert "0 moved to s3, 0 failed" in run(site, "migrate", "--to", "s3").output
    result = run(site, "migrate", "--to", "local")
    assert "7 moved to local, 0 failed" in result.output
    assert sorted(site.names()) == before
    assert list(bucket.find()) == []


def test_migrate_goes_on_after_a_failure(make_s3: MakeSite) -> None:
    """A row whose files cannot all be moved keeps them all; the others move, and it moves later."""
    gallery, post, _ = make_both(make_s3)
    site, session = gallery.site, gallery.db.session
    with site.visit():
        session.add(gallery.album(pages=[posted(picture(), f"{n}.png") for n in range(2)]))
        session.add(post(image=posted(picture(), "post.png")))
        session.commit()
        name = gallery.row(gallery.album).pages[1].name
        bucket = bucket_of(gallery)
        bucket.save(name, io.BytesIO(b"another"))
    result = run(site, "migrate", "--to", "s3")
    assert (result.exit_code, "1 moved to s3, 1 failed" in result.output) == (1, True)
    assert name in result.output
    with site.visit():
        assert [page.storage_type for page in gallery.row(gallery.album).pages] == ["", ""]
        assert len(site.names()) == 2
        bucket.delete(name)
    assert "2 moved to s3, 0 failed" in run(site, "migrate", "--to", "s3").output
    assert site.names() == []


def test_a_stored_file_is_found_by_its_name(site: Site) -> None:
    """uploads.get returns it, bound; pending uploads are not found."""
    site.upload(picture())
    (pending,) = site.names()
    with site.app.test_request_context():
        stored = site.uploads.save(posted(picture()), "a/")
        found = site.uploads.get("a/cat.png")
        assert found.location == stored.location
        assert (found.size, found.content_type) == (len(picture()), "image/png")
        assert found.url == stored.url
        assert site.uploads.exists("a/cat.png")
        for name in ("a/dog.png", "a/", pending, "-/x"):
            if not name.endswith("/"):
                assert not site.uploads.exists(name)
                with pytest.raises(NotFoundError, match=name):
                    site.uploads.get(name)
        with pytest.raises(UnsafeNameError):
            site.uploads.get("../x")


def test_after_a_switch_older_files_are_found(make_s3: MakeSite, tmp_path: Path) -> None:
    """First where new files go, then where they went before."""
    site = make_s3()
    with site.app.test_request_context():
        disk: Any = site.uploads.storages.find("")
        disk.save("a.txt", io.BytesIO(b"old"))
        assert site.uploads.get("a.txt").storage_type == ""
        site.uploads.save(posted(b"new", "a.txt"))
        assert site.uploads.get("a.txt").storage_type == "s3"


def test_migrate_moves_rows_that_the_app_hides(make_s3: MakeSite) -> None:
    """A listener that leaves out what was deleted softly: such a row can be taken back."""
    gallery, _, special = make_both(make_s3)
    site, session = gallery.site, gallery.db.session

    def hide(execution: ORMExecuteState) -> None:
        if execution.is_select and not execution.is_column_load:
            hiding = with_loader_criteria(gallery.picture, lambda cls: cls.id < 0)
            execution.statement = execution.statement.options(hiding)

    event.listen(session, "do_orm_execute", hide)
    with site.visit():
        session.add(gallery.picture(image=posted(picture())))
        session.add(special(image=posted(picture()), extra=posted(b"e", "e.txt")))
        session.commit()
        assert session.scalars(select(gallery.picture)).all() == []
    assert prune(site, "--dry-run").output == "0 to delete\n"
    assert "3 moved to s3, 0 failed" in run(site, "migrate", "--to", "s3").output
    assert site.names() == []


def test_migrate_moves_rows_of_concrete_classes(make_s3: MakeSite) -> None:
    """Each has a table of its own, and keys that others have, too."""
    gallery = make_gallery(make_s3, UPLOADS_USE_S3=False)
    column = gallery.uploads.column

    class Base(AbstractConcreteBase, gallery.db.Model):  # type: ignore[name-defined,misc]
        strict_attrs = True
        id: Mapped[int] = mapped_column(primary_key=True)
        file: Mapped[StoredFile | None] = column("concrete/")

    class One(Base):
        __mapper_args__ = {"polymorphic_identity": "one", "concrete": True}  # noqa: RUF012

    class Two(Base):
        extra: Mapped[StoredFile | None] = column("extra/")
        __mapper_args__ = {"polymorphic_identity": "two", "concrete": True}  # noqa: RUF012

    with gallery.site.visit():
        gallery.db.create_all()
        rows = [One(file=posted(b"1")), Two(file=posted(b"2"), extra=posted(b"3"))]
        gallery.db.session.add_all(rows)
        gallery.db.session.commit()
    assert prune(gallery.site, "--dry-run").output == "0 to delete\n"
    assert "3 moved to s3, 0 failed" in run(gallery.site, "migrate", "--to", "s3").output
    assert gallery.site.names() == []
