"""Columns whose files follow their rows; on disk and on S3."""

import io
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from gallery import Gallery, add_models, make_gallery
from sent_files import picture, posted
from sqlalchemy import create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from upload_site import PICTURES, MakeSite, Site, without_prefix

from flask_s3_upload import (
    AlreadyClaimedError,
    ClaimError,
    ConfigError,
    InvalidTokenError,
    NotUploadedError,
    StoredFile,
    Uploads,
)
from s3_saver import ArgumentError, ArgumentTypeError
from s3_saver.testing import MemoryStorage
from sqlalchemy_s3_files import FileType, new_file
from untrusted_files import MissingLibraryError, RejectedError, Rules


@pytest.fixture(params=["make_local", "make_s3"], ids=["disk", "s3"])
def gallery(request: pytest.FixtureRequest) -> Iterator[Gallery]:
    """A gallery on each kind of storage."""
    made = make_gallery(request.getfixturevalue(request.param))
    yield made
    with made.site.app.app_context():
        made.db.engine.dispose()


def test_a_posted_file_follows_its_row(gallery: Gallery) -> None:
    """It is stored by the commit, replaced by the next one, and deleted with the row."""
    site, session = gallery.site, gallery.db.session
    with site.visit():
        row = gallery.picture(image=posted(picture(), "Tom.PNG"))
        session.add(row)
        assert site.names() == []
        session.commit()
        first = row.image
        assert first.name.startswith("pictures/")
        assert (first.filename, first.content_type) == ("Tom.PNG", "image/png")
        assert site.read(first.name) == picture()
        assert first.url.endswith(first.name)
    with site.visit():
        gallery.row().image = posted(picture("GIF"), "Kit.gif")
        session.commit()
        assert gallery.names() == [gallery.row().image.name]
        assert not first.exists()
    with site.visit():
        session.delete(gallery.row())
        session.commit()
        assert site.names() == []


def test_a_token_follows_its_row(gallery: Gallery) -> None:
    """A direct upload is claimed by the flush: it has its final name, and is pending no more."""
    token = gallery.upload(picture(), "Tom.png")
    with gallery.site.visit():
        row = gallery.picture(image=token)
        gallery.db.session.add(row)
        assert not row.image.is_stored
        gallery.db.session.commit()
        assert gallery.names() == [row.image.name]
        assert row.image.name.startswith("pictures/")
        assert (row.image.filename, row.image.content_type) == ("Tom.png", "image/png")
        assert row.image.size == len(picture())
        assert gallery.site.read(row.image.name) == picture()
        with pytest.raises(AlreadyClaimedError):
            gallery.picture(image=token)


def test_a_rollback_returns_the_token(gallery: Gallery) -> None:
    """The upload is pending as before, and the same token can be committed then."""
    token = gallery.upload(picture())
    pending = gallery.site.names()
    session = gallery.db.session
    with gallery.site.visit():
        row = gallery.picture(image=token)
        session.add(row)
        session.flush()
        assert len(gallery.site.names()) == 3  # pending, its mark, and the final name
        session.rollback()
        assert gallery.site.names() == pending
        session.add(row)  # the same object, once more
        session.flush()
        session.rollback()
    with gallery.site.visit():
        session.add(gallery.picture(image=token))
        session.commit()
        assert gallery.names() == [gallery.row().image.name]


def test_a_savepoint_returns_the_token(make_local: MakeSite) -> None:
    """When it is rolled back, and not when it is released."""
    gallery = make_gallery(make_local)
    token = gallery.upload(picture())
    with gallery.site.visit():
        for end in ("rollback", "commit"):
            savepoint = gallery.db.session.begin_nested()
            gallery.db.session.add(gallery.picture(image=token))
            gallery.db.session.flush()
            getattr(savepoint, end)()
        gallery.db.session.commit()
        assert gallery.names() == [gallery.row().image.name]


def test_of_two_requests_with_one_token_one_wins(gallery: Gallery) -> None:
    """The other one's flush fails, and nothing of it is stored; should the first be rolled back,
    the token can be used again.
    """
    token = gallery.upload(picture())
    with gallery.site.visit():
        first = Session(gallery.db.engine)
        second = Session(gallery.db.engine)
        rows = [gallery.picture(image=token) for _ in range(2)]
        first.add(rows[0])
        first.flush()
        second.add(rows[1])
        with pytest.raises(AlreadyClaimedError):
            second.flush()
        second.rollback()
        assert len(gallery.names()) == 2
        first.rollback()
        second.add(rows[1])
        second.commit()
        assert gallery.names() == [rows[1].image.name]
        first.close()
        second.close()


def test_a_token_twice_in_one_form_stores_nothing(gallery: Gallery) -> None:
    """The flush fails, and after the rollback the token holds still."""
    token, other = gallery.upload(picture()), gallery.upload(picture("GIF"), "a.gif")
    pending = gallery.site.names()
    with gallery.site.visit():
        gallery.db.session.add(gallery.album(pages=[other, token, token]))
        with pytest.raises(AlreadyClaimedError, match="used already"):
            gallery.db.session.commit()
        gallery.db.session.rollback()
        assert gallery.site.names() == pending
        gallery.db.session.add(gallery.album(pages=[other, token, posted(picture("BMP"), "a.bmp")]))
        gallery.db.session.commit()
        pages = gallery.row(gallery.album).pages
        assert [page.content_type for page in pages] == ["image/gif", "image/png", "image/bmp"]
        assert sorted(page.name for page in pages) == sorted(gallery.names())


def test_another_s_token_is_refused(gallery: Gallery) -> None:
    """Another visitor's, another purpose's, a changed one, and one that has no bytes yet."""
    stranger = Site(gallery.site.app, gallery.uploads, gallery.site.storage)
    wrong = {
        stranger.upload(picture(), purpose="picture"): InvalidTokenError,
        gallery.site.upload(picture()): InvalidTokenError,
        gallery.upload(picture()) + "x": InvalidTokenError,
        gallery.site.sign(picture(), purpose="picture")["token"]: NotUploadedError,
    }
    with gallery.site.visit():
        for token, error in wrong.items():
            with pytest.raises(error):
                gallery.picture(image=token)
        with pytest.raises(ArgumentTypeError, match=r"Picture.document must be a file: "):
            gallery.picture(document=gallery.upload(picture()))


def test_the_rules_of_the_purpose_are_those_of_the_column(gallery: Gallery) -> None:
    """For what was posted as for what was sent directly; they are asked at the assignment."""
    html = b"<!doctype html>"
    token = gallery.upload(html)
    with gallery.site.visit():
        for value in (posted(html), new_file(io.BytesIO(html), "a.png"), token):
            with pytest.raises(RejectedError, match="This file is an HTML page"):
                gallery.picture(image=value)


def test_bytes_that_change_after_the_assignment_are_not_stored(gallery: Gallery) -> None:
    """The browser's URL still works; the flush sees that the bytes are others."""
    answer = gallery.site.sign(picture(), purpose="picture")
    gallery.site.send(answer, picture())
    with gallery.site.visit():
        gallery.db.session.add(gallery.picture(image=answer["token"]))
        other = b"<!doctype html>".ljust(len(picture()))
        assert gallery.site.send(answer, other) in (200, 204)
        with pytest.raises((ClaimError, RejectedError)):
            gallery.db.session.commit()
        gallery.db.session.rollback()
        assert [name[:8] for name in gallery.site.names()] == ["pending/"]


def test_a_file_is_stored_as_what_it_was_when_it_was_accepted(gallery: Gallery) -> None:
    """Other bytes are refused even if the rules would take them: the row says what they are."""
    gallery.uploads.allow_direct(
        "any", rules=Rules(max_bytes=10_000), authorize=lambda upload: True
    )
    answer = gallery.site.sign(picture(), "a.bin", purpose="any")
    gallery.site.send(answer, picture())
    with gallery.site.visit():
        accepted = gallery.uploads.accept(answer["token"], purpose="any")
        gallery.db.session.add(gallery.picture(document=accepted))
        gallery.site.send(answer, b"<!doctype html>".ljust(len(picture())))
        with pytest.raises(NotUploadedError, match="This upload changed"):
            gallery.db.session.commit()
        gallery.db.session.rollback()
        assert [name[:8] for name in gallery.site.names()] == ["pending/"]


def test_an_empty_upload_changes_nothing(gallery: Gallery) -> None:
    """In whatever form it comes; only None deletes."""
    with gallery.site.visit():
        gallery.db.session.add(gallery.picture(image=posted(picture())))
        gallery.db.session.commit()
        row = gallery.row()
        name = row.image.name
        for value in (posted(b"", ""), "", io.BytesIO()):
            row.image = value
            row.image = gallery.uploads.accept(value)
            gallery.db.session.commit()
            assert gallery.names() == [row.image.name] == [name]
        row.image = gallery.uploads.accept(None)
        gallery.db.session.commit()
        assert gallery.site.names() == []


def test_accept_is_the_typed_way(gallery: Gallery) -> None:
    """Files of requests, streams, stored files and tokens become values that are not stored yet."""
    uploads = gallery.uploads
    token = gallery.upload(picture("GIF"), "direct.gif")
    with gallery.site.visit():
        stored = uploads.save(posted(picture()), "elsewhere/")
        values: list[tuple[Any, str]] = [
            (uploads.accept(posted(picture(), "posted.png")), "posted.png"),
            (uploads.accept(io.BytesIO(picture())), ""),
            (uploads.accept(stored), "cat.png"),
            (uploads.accept(token, purpose="picture"), "direct.gif"),
        ]
        before = gallery.site.names()
        for value, filename in values:
            assert isinstance(value, StoredFile)
            row = gallery.picture(document=value)
            assert gallery.site.names() == before
            gallery.db.session.add(row)
            gallery.db.session.commit()
            assert (row.document.filename, row.document.name[:10]) == (filename, "documents/")
            with row.document.open() as file:
                assert file.read() == picture("GIF" if filename == "direct.gif" else "PNG")
            before = gallery.site.names()
        assert stored.exists()  # it was copied
        with pytest.raises(InvalidTokenError):
            uploads.accept(token)  # its purpose is not the default one
        with pytest.raises(AlreadyClaimedError):
            uploads.accept(token, purpose="picture")
        with pytest.raises(ArgumentTypeError, match="must be a file"):
            uploads.accept(3)  # type: ignore[arg-type]


def test_the_column_s_own_rules_check_a_direct_upload_too(make_site: MakeSite) -> None:
    """Where they are others than those of its purpose."""
    site = make_site()

    class Base(DeclarativeBase):
        pass

    class Icon(Base):
        __tablename__ = "icon"
        id: Mapped[int] = mapped_column(primary_key=True)
        image: Mapped[StoredFile | None] = site.uploads.column(
            "icons/", rules=Rules(types=("image/gif",))
        )

    png, gif = site.upload(picture()), site.upload(picture("GIF"), "a.gif")
    with site.visit():
        icon = Icon(image=site.uploads.accept(gif))
        assert icon.image is not None
        assert icon.image.content_type == "image/gif"
        with pytest.raises(RejectedError):
            Icon(image=site.uploads.accept(png))


def test_what_could_run_script_is_a_download(make_s3: MakeSite) -> None:
    """On S3 the object says so, whichever way it came."""
    gallery = make_gallery(make_s3)
    storage: Any = gallery.site.storage
    with gallery.site.visit():
        for data, disposition in ((b"<!doctype html>", "attachment"), (picture(), None)):
            row = gallery.picture(document=posted(data, "page.html"))
            gallery.db.session.add(row)
            gallery.db.session.commit()
            key = storage.key(row.document.name)
            head = storage.client.head_object(Bucket=storage.bucket_name, Key=key)
            assert head.get("ContentDisposition") == disposition


@without_prefix
def test_plain_sqlalchemy_needs_no_extension(make_site: MakeSite) -> None:
    """A column is a mapped column of any declarative class, with mapped_column's own options."""
    site = make_site()

    class Base(DeclarativeBase):
        pass

    class Thing(Base):
        __tablename__ = "thing"
        id: Mapped[int] = mapped_column(primary_key=True)
        file: Mapped[StoredFile | None] = site.uploads.column(
            "things/", deferred=True, info={"own": 1}, purpose="file"
        )

    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    column = Thing.__table__.c.file
    assert isinstance(column.type, FileType)
    assert column.info["own"] == 1
    with site.app.app_context(), Session(engine) as session:
        thing = Thing(file=new_file(io.BytesIO(picture()), "cat.png"))
        session.add(thing)
        session.commit()
        assert site.names() == [thing.file.name if thing.file else ""]
    engine.dispose()


def test_the_column_says_how_to_upload_directly(gallery: Gallery) -> None:
    """column.info['direct_uploads'], for forms: what the page needs, and tokens."""
    direct = gallery.picture.__table__.c.image.info["direct_uploads"]
    assert "direct_uploads" not in gallery.picture.__table__.c.document.info
    token = gallery.upload(picture(), "Tom.png")
    with gallery.site.visit():
        assert direct.attributes() == {
            "class": "direct-upload",
            "data-direct-upload": "",
            "data-purpose": "picture",
            "data-url": "/uploads/-/",
        }
        assert direct.accept_attribute() == PICTURES.accept()
        assert direct.module_url() == "/uploads/-/direct-upload.js"
        assert direct.filename(token) == "Tom.png"
        with pytest.raises(ValueError, match="not valid"):
            direct.filename(token + "x")
        held = direct.hold(posted(picture("GIF"), "Kit.gif"))
        assert direct.filename(held) == "Kit.gif"
        with pytest.raises(RejectedError):
            direct.hold(posted(b"<p>", "Kit.gif"))
        gallery.db.session.add(gallery.picture(image=held))
        gallery.db.session.commit()
        assert gallery.row().image.filename == "Kit.gif"


def test_a_task_accepts_a_user_s_token(make_local: MakeSite) -> None:
    """It has no request, and says whose upload it must be."""
    gallery = make_gallery(make_local)
    with gallery.site.app.app_context():
        token = gallery.uploads.hold(posted(picture()), purpose="picture", user="ann")
        with pytest.raises(InvalidTokenError):
            gallery.uploads.accept(token, purpose="picture", user="bob")
        accepted = gallery.uploads.accept(token, purpose="picture", user="ann")
        gallery.db.session.add(gallery.picture(image=accepted))
        gallery.db.session.commit()
        assert gallery.names() == [gallery.row().image.name]


def test_any_storage_will_do(tmp_path: Path) -> None:
    """As MemoryStorage, in the tests of an app: a token is claimed, returned, and claimed again."""
    app = Flask("shop", instance_path=str(tmp_path))
    app.config.update(SECRET_KEY="not a secret", SQLALCHEMY_DATABASE_URI="sqlite://")
    storage = MemoryStorage()
    gallery = add_models(app, Uploads(app, storage=storage))
    with app.test_request_context():
        gallery.db.create_all()
        token = gallery.uploads.hold(posted(picture()), purpose="picture")
        for end in (gallery.db.session.rollback, gallery.db.session.commit):
            gallery.db.session.add(gallery.picture(image=token))
            gallery.db.session.flush()
            end()
        names = [info.name for info in storage.find() if not info.name.endswith(".claimed")]
        assert names == [gallery.row().image.name]
        gallery.db.session.delete(gallery.row())
        gallery.db.session.commit()
        assert not storage.exists(names[0])
        gallery.db.engine.dispose()


def test_wrong_columns_are_refused(make_local: MakeSite) -> None:
    """Rules next to a purpose; a purpose that is not allowed; the column of other Uploads."""
    site = make_local()
    with pytest.raises(ArgumentError, match="rules must be left out where purpose is passed"):
        site.uploads.column("a/", rules=Rules(), purpose="file")
    with pytest.raises(TypeError, match="purpose must be a str"):
        site.uploads.column("a/", purpose=3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="rules must be an object with check"):
        site.uploads.column("a/", rules=3)  # type: ignore[arg-type]

    class Base(DeclarativeBase):
        pass

    class Thing(Base):
        __tablename__ = "thing"
        id: Mapped[int] = mapped_column(primary_key=True)
        lost: Mapped[StoredFile | None] = site.uploads.column("things/", purpose="lost")
        other: Mapped[StoredFile | None] = Uploads().column("things/")

    with site.app.app_context():
        with pytest.raises(ConfigError, match="purpose 'lost' is not allowed"):
            Thing(lost=posted(picture()))
        with pytest.raises(ConfigError, match="call init_app of these"):
            Thing(other=posted(picture()))


@pytest.mark.parametrize("to", ["pending/", "pending", "pending/x/", "-/", "-"])
def test_folders_of_the_extension_are_refused(to: str) -> None:
    """A column's files are not kept where pending uploads are pruned, nor where nothing is served:
    it says so as save does."""
    with pytest.raises(ArgumentError, match="'pending/' and '-/' are the extension's own folders"):
        Uploads().column(to)


@pytest.mark.parametrize(
    ("option", "meant"),
    [("purpos", "purpose"), ("rule", "rules"), ("multiples", "multiple"), ("share", "shared")],
)
def test_a_misspelt_option_is_reported_with_the_one_that_was_meant(option: str, meant: str) -> None:
    """SQLAlchemy would speak of its own options."""
    with pytest.raises(TypeError, match=f"got '{option}': is it '{meant}'"):
        Uploads().column("a/", **{option: True})  # type: ignore[arg-type]


def test_a_token_in_a_script(gallery: Gallery) -> None:
    """Outside of a request there is no browser that it could belong to: the error says what a str
    is, and what to pass in its place."""
    words = "a str is the token of a direct upload"
    with gallery.site.app.app_context():
        with pytest.raises(ArgumentError, match=words):
            gallery.uploads.accept("cat.png", purpose="picture")
        with pytest.raises(ArgumentError, match=words):
            gallery.picture(image="cat.png")


def test_a_script_names_its_file(gallery: Gallery) -> None:
    """A stream has the name that it was passed with, and its type where the rules go by names."""
    with gallery.site.app.app_context():
        file = gallery.uploads.accept(io.BytesIO(b"a"), filename="notes.txt")
        row = gallery.picture(document=file)
        gallery.db.session.add(row)
        gallery.db.session.commit()
        assert (row.document.filename, row.document.content_type) == ("notes.txt", "text/plain")
        assert row.document.name.endswith(".txt")
        for value in (None, "token", row.document):
            with pytest.raises(ArgumentError, match="filename must be left out"):
                gallery.uploads.accept(value, filename="a.txt")


@pytest.mark.parametrize("to", ["", "/"])
def test_a_column_needs_a_folder(to: str) -> None:
    """The whole storage is nobody's folder: prune would delete all that no row names."""
    with pytest.raises(ArgumentError, match="to must be a folder such as 'pictures/'.*prune"):
        Uploads().column(to)


def test_names_that_only_begin_like_an_own_folder_are_taken() -> None:
    """'pending-orders/' and '-old/' are folders like any other."""
    for to in ("pending-orders/", "-old/"):
        kind: Any = Uploads().column(to).column.type
        assert kind.folder == to


@without_prefix
def test_a_purpose_that_nobody_allows_is_found_early(make_site: MakeSite) -> None:
    """The first request says so, whichever it is, and so does the check; until it is allowed."""
    site = make_site(TESTING=True, UPLOADS_DOMAIN="https://example.com")
    site.uploads.column("a/", purpose="nope")
    words = "purpose 'nope' is not allowed: call uploads.allow_direct('nope'"
    with pytest.raises(ConfigError, match=re.escape(words)):
        site.client.get("/")
    result = site.app.test_cli_runner().invoke(args=["uploads", "check"])
    assert result.exit_code == 1
    assert f"✗ purposes of columns\n    {words}" in result.output
    site.uploads.allow_direct("nope", rules=PICTURES, authorize=lambda upload: True)
    assert site.client.get("/").status_code == 404
    result = site.app.test_cli_runner().invoke(args=["uploads", "check"])
    assert "✓ purposes of columns" in result.output


def test_rules_for_pictures_need_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where Pillow is missing, the app does not wait for the first picture to say so."""
    monkeypatch.setitem(sys.modules, "PIL", None)
    rules = Rules(max_bytes=1000, is_picture=True)
    with pytest.raises(MissingLibraryError, match=r"rules for 'a' .*flask-s3-upload\[images\]"):
        Uploads().allow_direct("a", rules=rules, authorize=lambda upload: True)


def test_without_the_extra_the_error_says_how_to_get_it() -> None:
    """Without SQLAlchemy the rest works, and columns say what to install."""
    script = """
import sys
sys.modules["sqlalchemy"] = None
from flask_s3_upload import ConfigError, Uploads
for call in (lambda: Uploads().column("a/"), lambda: Uploads().accept(None)):
    try:
        call()
    except ConfigError as error:
        print(error)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    words = "needs SQLAlchemy: pip install 'flask-s3-upload[sqlalchemy]'"
    assert run.stdout == f"uploads.column {words}\nuploads.accept {words}\n", run.stderr
