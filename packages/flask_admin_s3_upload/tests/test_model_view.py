"""FileModelView: a view over a model with columns of stored files needs nothing more."""

import io
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from admin_site import FLASK_ADMIN_2, AdminSite, MakeSite, Page, session_of
from flask import Flask
from flask_admin import Admin  # type: ignore[import-untyped]
from flask_admin.form import SecureForm  # type: ignore[import-untyped]
from flask_babel import Babel  # type: ignore[import-untyped]
from flask_sqlalchemy import SQLAlchemy
from jinja2 import FileSystemBytecodeCache
from pictures import picture
from places import DiskPlace, Place, S3Place
from werkzeug.datastructures import FileStorage

from flask_admin_s3_upload import FileModelView, S3FileUploadField
from s3_saver import PrefixRegistry, Storages
from sqlalchemy_s3_files import FileType, new_file
from untrusted_files import PICTURES

MakeView = Callable[..., AdminSite]


@pytest.fixture
def make_view(tmp_path: Path, templates: FileSystemBytecodeCache) -> Iterator[MakeView]:
    """Makes an app with a view of one model, whose column ``file`` holds files."""
    made: list[AdminSite] = []

    def make(storages: Storages, **options: Any) -> AdminSite:
        own = {name: options.pop(name) for name in ("info", "nullable") if name in options}
        view_attributes = options.pop("view_attributes", {})
        admin_options = options.pop("admin_options", {})
        to = options.pop("to", "things/")
        prepare = options.pop("prepare", lambda app: None)
        app = Flask("site", static_folder=str(tmp_path / "static"))
        app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{tmp_path}/{len(made)}.db"
        app.config["SECRET_KEY"] = "for tests"
        app.jinja_env.bytecode_cache = templates
        Babel(app)
        prepare(app)
        db = SQLAlchemy(app)

        class Thing(db.Model):  # type: ignore[name-defined,misc]
            id = db.Column(db.Integer, primary_key=True)
            title = db.Column(db.String(10), nullable=False, unique=True)
            file = db.Column(FileType(storages, to, **options), **own)

        view = type("ThingView", (FileModelView,), view_attributes)(
            Thing, session_of(db), endpoint="thing"
        )
        Admin(app, **admin_options).add_view(view)
        with app.app_context():
            db.create_all()
        site = AdminSite(app, db, Thing, view)
        made.append(site)
        return site

    yield make
    for site in made:
        site.close()


@pytest.fixture
def storages(place: Place, tmp_path: Path) -> Storages:
    if isinstance(place, S3Place):
        return Storages(
            storage_type="s3",
            bucket_name=place.bucket_name,
            prefix="static/uploads",
            endpoint_url=place.server.endpoint_url,
            region=place.server.region,
            access_key_id=place.server.access_key_id,
            access_key_secret=place.server.access_key_secret,
        )
    return Storages(tmp_path / "static" / "uploads")


def test_a_file_is_stored_replaced_and_deleted(
    make_view: MakeView, storages: Storages, place: Place
) -> None:
    """The form of a column needs no options: its field stores, replaces, deletes on request, and
    the file goes with the row.
    """
    site = make_view(storages)

    assert site.new(file=("cat.png", picture())).status_code == 302
    first = site.value()
    assert (place.names(), first.filename) == ([first.name], "cat.png")

    assert site.edit("two").status_code == 302  # no file was chosen
    assert site.value().name == first.name

    assert site.edit(file=("dog.png", picture(color="blue"))).status_code == 302
    assert place.names() == [site.value().name] != [first.name]

    assert site.edit(extra={"_file-delete": "on"}).status_code == 302
    assert (site.value(), place.names()) == (None, [])

    site.edit(file=("dog.png", picture()))
    site.delete()
    assert place.names() == []


def test_what_breaks_a_rule_is_a_form_error(
    make_view: MakeView, storages: Storages, place: Place
) -> None:
    """The column's own rules are asked by the form, and nothing is stored."""
    site = make_view(storages, rules=PICTURES)

    response = site.new(file=("a.txt", b"no picture"))

    assert response.status_code == 200
    assert "This file" in response.text
    assert place.names() == []


def test_a_list_is_added_to_reordered_and_removed_from(
    make_view: MakeView, storages: Storages, place: Place
) -> None:
    """A column with many files has positions and a box for each."""
    site = make_view(storages, multiple=True)
    site.new(file=[("a.png", picture()), ("b.png", picture()), ("c.png", picture())])
    a, b, c = (file.name for file in site.value())
    page = site.form()
    assert page.inputs("_file-item") == [a, b, c]

    site.edit(
        file=("d.png", picture()),
        extra={
            "_file-item": [a, b, c],
            "_file-position": ["3", "2", "1"],
            "_file-remove": b,
        },
    )

    assert [file.filename for file in site.value()] == ["c.png", "a.png", "d.png"]
    assert place.names() == sorted(file.name for file in site.value())
    assert site.list().html.count("<img") == 3


def test_a_list_may_be_empty(make_view: MakeView, tmp_path: Path) -> None:
    """Also in a column that is not nullable; whoever asks for a file gets one."""
    from wtforms.validators import InputRequired

    free = make_view(Storages(tmp_path / "files"), multiple=True, nullable=False)
    assert free.new().status_code == 302
    assert free.value() == []

    asking = {"form_args": {"file": {"validators": [InputRequired()]}}}
    site = make_view(
        Storages(tmp_path / "files"), multiple=True, nullable=False, view_attributes=asking
    )
    assert "This field is required." in site.new().text


def test_previews_are_behind_the_login(
    make_view: MakeView, storages: Storages, tmp_path: Path
) -> None:
    """Form and list show the picture by a signed URL, which only those open who may open the view;
    nothing else can be fetched by it.
    """
    allowed = [True]
    site = make_view(storages, view_attributes={"is_accessible": lambda _: allowed[0]})
    site.new(file=("cat.png", picture()))

    for page in (site.form(), site.list()):
        (url,) = page.pictures
        response = site.client.get(url, buffered=True)
        assert (response.status_code, response.data) == (200, picture())
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "private" in response.headers["Cache-Control"]

    start, signature = url.rsplit(".", 1)
    assert site.client.get(f"{start}.{signature[::-1]}").status_code == 404
    allowed[0] = False
    assert site.client.get(url).status_code == 403


def test_an_app_s_own_check_stands_before_previews(make_view: MakeView, tmp_path: Path) -> None:
    """As before all pages of a view: many apps override Flask-Admin's _handle_view."""
    allowed = [True]

    def check(view: Any, name: str, **kwargs: Any) -> Any:
        return None if allowed[0] else ("please sign in", 401)

    site = make_view(Storages(tmp_path / "files"), view_attributes={"_handle_view": check})
    site.new(file=("cat.png", picture()))
    (url,) = site.form().pictures
    assert site.client.get(url, buffered=True).status_code == 200

    allowed[0] = False
    assert site.client.get(url).status_code == 401


def test_a_chosen_file_survives_an_error_elsewhere_and_can_be_dropped(
    make_view: MakeView, storages: Storages, place: Place
) -> None:
    """It is shown by its name, and stored with the next form, unless its box is ticked."""
    site = make_view(storages)

    page = Page.of(site.new("", ("cat.png", picture())))
    (token,) = page.inputs("_file-pending")
    assert "Kept:" in page.html
    assert "cat.png" in page.html
    assert site.client.get(page.pictures[0], buffered=True).data == picture()
    assert len(place.names()) == 1

    assert site.new("one", extra={"_file-pending": token}).status_code == 302
    assert place.names() == [site.value().name]
    assert site.value().filename == "cat.png"

    page = Page.of(site.edit("", ("dog.png", picture())))
    (token,) = page.inputs("_file-pending")
    site.edit("one", extra={"_file-pending": token, "_file-drop": token})
    assert site.value().filename == "cat.png"


def test_a_forged_token_is_refused(make_view: MakeView, tmp_path: Path) -> None:
    """The form says that the file is gone."""
    site = make_view(Storages(tmp_path / "files"))

    assert "is gone" in site.new("one", extra={"_file-pending": "forged"}).text


def test_a_required_file(make_view: MakeView, tmp_path: Path) -> None:
    """A column that is not nullable asks for a file once, and has no box to delete it."""
    site = make_view(Storages(tmp_path / "files"), nullable=False)

    assert "This field is required." in site.new().text
    site.new(file=("a.png", picture()))
    assert site.form().find("input", name="_file-delete") == []
    assert site.edit("two", extra={"_file-delete": "on"}).status_code == 302
    assert site.value().filename == "a.png"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_file_required_passes_on_an_edit(make_view: MakeView, tmp_path: Path) -> None:
    """Flask-WTF's validator asks for a file only where none is stored."""
    from flask_wtf.file import FileAllowed, FileRequired

    validators = [FileRequired(), FileAllowed(["png"])]
    site = make_view(
        Storages(tmp_path / "files"),
        nullable=False,
        view_attributes={"form_args": {"file": {"validators": validators}}},
    )

    assert "This field is required." in site.new().text
    assert site.new(file=("a.png", picture())).status_code == 302
    assert site.edit("two").status_code == 302
    assert site.edit("two", file=("a.txt", b"a")).status_code == 200


def test_a_failing_storage_is_one_line_and_words(
    make_view: MakeView, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The editor reads that it is not their fault; the form is shown again, and no row is there."""
    storages = Storages(tmp_path / "files")
    site = make_view(storages)
    (tmp_path / "files").write_text("a file where the folder should be")

    with caplog.at_level(logging.WARNING, logger="flask_admin_s3_upload"):
        response = site.new(file=("a.png", picture()))

    assert "The file could not be stored: try again later." in response.text
    lines = [one for one in caplog.records if "was not saved" in one.message]
    assert len(lines) == 1
    assert not lines[0].exc_info
    assert site.row() is None


def test_an_unknown_place_is_a_name_and_one_line(
    make_view: MakeView, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """List and form open; the file is shown by its name, and the log says what is wrong."""
    site = make_view(Storages(tmp_path / "files"))
    data = '{"name": "things/a.png", "storage_type": "ftp"}'
    with site.app.app_context():
        for number in (1, 2):
            site.db.session.execute(
                site.db.text(f"INSERT INTO thing (title, file) VALUES ('{number}', :data)"),
                {"data": data},
            )
        site.db.session.commit()

    page = site.list()

    assert page.pictures == []
    assert page.html.count("a.png") == 2
    assert len([one for one in caplog.records if "shown without" in one.message]) == 1
    assert "a.png" in site.form().html


def test_the_app_s_thumbnails_are_used(make_view: MakeView, tmp_path: Path) -> None:
    """Where the app has a filter of that name, lists and forms show what it makes."""
    site = make_view(Storages(tmp_path / "files"))
    site.app.jinja_env.filters["thumbnail"] = lambda file, size: f"/small/{size}/{file.filename}"
    site.new(file=("cat.png", picture()))

    assert site.list().pictures == ["/small/100x100/cat.png"]
    assert site.form().pictures == ["/small/200x200/cat.png"]


def test_a_failing_thumbnail_breaks_no_page(make_view: MakeView, tmp_path: Path) -> None:
    """The picture itself is shown then."""
    site = make_view(Storages(tmp_path / "files"))
    site.app.jinja_env.filters["thumbnail"] = lambda file, size: 1 / 0
    site.new(file=("cat.png", picture()))

    (url,) = site.list().pictures
    assert site.client.get(url, buffered=True).data == picture()


def test_the_focal_point_is_kept_with_the_picture(make_view: MakeView, tmp_path: Path) -> None:
    """Two numbers of the form become metadata, without another file; empty ones take it away."""
    site = make_view(Storages(tmp_path / "files"))
    site.new(file=("cat.png", picture()))
    before = site.value()

    site.edit(extra={"_file-focus-x": "30", "_file-focus-y": "12.5"})

    assert site.value().metadata["focus"] == [30, 12.5]
    assert site.value().location == before.location
    with site.value().open() as file:
        assert file.read() == picture()
    page = site.form()
    assert page.inputs("_file-focus-x") == ["30"]
    (script,) = [tag.attributes["src"] for tag in page.find("script") if "focus" in str(tag)]
    assert "text/javascript" in site.client.get(script, buffered=True).content_type

    site.edit(extra={"_file-focus-x": "", "_file-focus-y": ""})
    assert "focus" not in site.value().metadata

    refused = site.edit(extra={"_file-focus-x": "300", "_file-focus-y": "1"})
    assert "from 0 to 100" in refused.text


class StandIn:
    """What takes direct uploads, kept in a dict: ``column.info["direct_uploads"]``."""

    def __init__(self) -> None:
        self.uploads: dict[str, tuple[bytes, str]] = {}

    def attributes(self) -> dict[str, str]:
        return {"class": "direct-upload", "data-direct-upload": "", "data-url": "/sign/"}

    def accept_attribute(self) -> str:
        return "image/png"

    def module_url(self) -> str:
        return "/direct-upload.js"

    def hold(self, file: FileStorage) -> str:
        token = f"token-{len(self.uploads)}"
        self.uploads[token] = file.stream.read(), file.filename or ""
        return token

    def filename(self, token: str) -> str:
        if token not in self.uploads:
            raise ValueError("This upload is not known.")
        return self.uploads[token][1]

    def accept(self, value: Any, attribute: str) -> Any:
        if not isinstance(value, str):
            return value
        self.filename(value)
        content, name = self.uploads[value]
        return new_file(io.BytesIO(content), name)


def test_the_browser_can_send_a_file_by_itself(make_view: MakeView, tmp_path: Path) -> None:
    """The form has the element that the column's direct uploads take over, with the file input as
    it is without script, and takes their tokens.
    """
    direct = StandIn()
    site = make_view(
        Storages(tmp_path / "files"), accept=direct.accept, info={"direct_uploads": direct}
    )
    direct.uploads["sent"] = picture(), "sent.png"

    page = Page.of(site.client.get("/admin/thing/new/"))
    (box,) = page.find("div", **{"class": "direct-upload"})
    assert box.attributes.items() >= {"data-url": "/sign/", "data-name": "file"}.items()
    (file,) = page.find("input", type="file")
    assert (file.attributes["name"], file.attributes["accept"]) == ("file", "image/png")
    assert page.find("script", src="/direct-upload.js", type="module")

    data = {"title": "one", "file": "sent"}
    assert site.client.post("/admin/thing/new/", data=data).status_code == 302
    assert site.value().filename == "sent.png"

    data = {"title": "one", "file": "forged"}
    refused = site.client.post("/admin/thing/edit/?id=1", data=data).text
    assert "is not known" in refused
    if FLASK_ADMIN_2:  # without it Bootstrap hides the words
        assert 'class="direct-upload is-invalid"' in refused


def test_a_posted_file_is_held_by_the_direct_uploads(make_view: MakeView, tmp_path: Path) -> None:
    """Without script the file comes with the form; shown again, the form has its token."""
    direct = StandIn()
    site = make_view(
        Storages(tmp_path / "files"),
        accept=direct.accept,
        info={"direct_uploads": direct},
        multiple=True,
    )

    page = Page.of(site.new("", [("a.png", picture()), ("b.png", picture())]))

    (a, b) = page.find("input", type="hidden", name="file")
    assert [one.attributes["data-filename"] for one in (a, b)] == ["a.png", "b.png"]
    data = {"title": "one", "file": [one.attributes["value"] for one in (b, a)]}
    assert site.client.post("/admin/thing/new/", data=data).status_code == 302
    assert [file.filename for file in site.value()] == ["b.png", "a.png"]


def test_nothing_is_kept_for_a_post_without_its_csrf_token(
    make_view: MakeView, storages: Storages, place: Place
) -> None:
    """Whoever posts a form that they have not had from here cannot fill the storage."""
    site = make_view(storages, view_attributes={"form_base_class": SecureForm})

    refused = site.new(file=("cat.png", picture()))
    assert refused.status_code == 200
    assert place.names() == []

    (token,) = Page.of(site.client.get("/admin/thing/new/")).inputs("csrf_token")
    page = Page.of(site.new("", ("cat.png", picture()), {"csrf_token": token}))
    assert len(page.inputs("_file-pending")) == 1


@pytest.mark.skipif(not FLASK_ADMIN_2, reason="Flask-Admin 1.6.1 knows no nonce")
def test_scripts_have_the_nonce_of_the_admin_s_own(make_view: MakeView, tmp_path: Path) -> None:
    """So that a Content-Security-Policy lets them run."""
    direct = StandIn()
    site = make_view(
        Storages(tmp_path / "files"),
        info={"direct_uploads": direct},
        admin_options={"csp_nonce_generator": lambda: "abc"},
    )
    site.new(file=("cat.png", picture()))

    scripts = site.form().find("script", type="module")
    assert [one.attributes["nonce"] for one in scripts] == ["abc", "abc"]


def test_sorting_by_a_file_is_not_offered(make_view: MakeView, tmp_path: Path) -> None:
    """No database orders JSON in a way that people could use."""
    site = make_view(Storages(tmp_path / "files"))

    assert "file" not in site.view._sortable_columns
    assert "title" in site.view._sortable_columns


def test_exports_have_names(make_view: MakeView, tmp_path: Path) -> None:
    """A CSV file holds the name under which a file is stored, and no HTML."""
    site = make_view(Storages(tmp_path / "files"), view_attributes={"can_export": True})
    site.new(file=("cat.png", picture()))

    assert site.value().name in site.client.get("/admin/thing/export/csv/").text


def test_fields_over_strings_are_checked_with_the_model(tmp_path: Path) -> None:
    """When the view is made: an attribute that the model lacks is refused by its name."""
    app = Flask("site")
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    db = SQLAlchemy(app)

    class Thing(db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        photo = db.Column(db.String(255))

    class ThingView(FileModelView):
        form_overrides = {"photo": S3FileUploadField}  # noqa: RUF012
        form_args = {  # noqa: RUF012
            "photo": {"base_path": str(tmp_path), "storage_type_field": "photo_storage"}
        }

    with app.app_context(), pytest.raises(ValueError, match="'photo_storage'"):
        ThingView(Thing, session_of(db))


def test_inline_models_have_their_files(tmp_path: Path) -> None:
    """Their fields, previews and rules are those of their own column."""
    app = Flask("site")
    app.config.update(SECRET_KEY="x", SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/a.db")
    Babel(app)
    db = SQLAlchemy(app)
    covers, pages = Storages(tmp_path / "covers"), Storages(tmp_path / "pages")

    class Album(db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        image = db.Column(FileType(covers))
        pages = db.relationship("Leaf", backref="album", cascade="all, delete-orphan")

    class Leaf(db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        album_id = db.Column(db.ForeignKey("album.id"))
        image = db.Column(FileType(pages, rules=PICTURES))

    class AlbumView(FileModelView):
        inline_models = (Leaf,)

    class LeafView(FileModelView):
        column_list = ("image", "album.image")

    with app.app_context():
        admin = Admin(app)
        admin.add_view(AlbumView(Album, session_of(db)))
        admin.add_view(LeafView(Leaf, session_of(db)))
        db.create_all()
    client = app.test_client()
    cover, page = picture(color="red"), picture(color="blue")

    def post(url: str, name: str, content: bytes) -> Any:
        data = {
            "image": (io.BytesIO(cover), "cover.png"),
            "pages-0-id": "",
            "pages-0-image": (io.BytesIO(content), name),
        }
        return client.post(url, data=data)

    assert "This file" in post("/admin/album/new/", "a.txt", b"no picture").text
    assert post("/admin/album/new/", "page.png", page).status_code == 302
    for url in ("/admin/album/edit/?id=1", "/admin/leaf/"):
        shown = Page.of(client.get(url))
        bodies = [client.get(one, buffered=True).data for one in shown.pictures]
        assert sorted(bodies) == sorted([cover, page])

    client.post("/admin/album/delete/", data={"id": "1"})
    assert not [path for path in (tmp_path / "pages").rglob("*") if path.is_file()]
    with app.app_context():
        db.engine.dispose()


def test_uploads_that_nobody_claims_are_pruned(
    make_view: MakeView, storages: Storages, place: Place
) -> None:
    """What rows name is not looked at: sqlalchemy_s3_files does that."""
    site = make_view(storages)
    site.new("one", ("a.png", picture()))
    site.new("", ("b.png", picture()))
    place.write("things/orphan.png", b"x")
    (kept,) = (name for name in place.names() if name.startswith(".pending/"))

    listed = site.flask("admin-uploads", "prune", "--dry-run", "--older-than", "0")

    assert kept in listed
    assert "things/" not in listed


def test_files_of_columns_are_no_orphans_of_other_fields(tmp_path: Path) -> None:
    """A field over strings that keeps its files in the same folder does not claim them."""
    app = Flask("site")
    app.config.update(SECRET_KEY="x", SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/a.db")
    db = SQLAlchemy(app)
    storages = Storages(tmp_path / "files")

    class Thing(db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        file = db.Column(FileType(storages, "things/"))
        pages = db.Column(FileType(storages, "pages/", multiple=True))
        name = db.Column(db.String(255))

    class ThingView(FileModelView):
        form_overrides = {"name": S3FileUploadField}  # noqa: RUF012
        form_args = {"name": {"base_path": str(tmp_path / "files")}}  # noqa: RUF012

    site = AdminSite(app, db, Thing, None)
    with app.app_context():
        Admin(app).add_view(ThingView(Thing, session_of(db)))
        db.create_all()
    site.insert(
        file=new_file(io.BytesIO(b"1"), "a.txt"), pages=[new_file(io.BytesIO(b"2"), "b.txt")]
    )
    (tmp_path / "files" / "orphan.txt").write_bytes(b"3")

    listed = site.flask("admin-uploads", "prune", "--dry-run", "--older-than", "0")

    assert "orphan.txt" in listed
    assert "1 files that no row names" in listed
    site.close()


def found_in_registry(site: AdminSite, place: Place, name: str) -> str:
    """Who has announced the place of a file in the storages of these tests."""
    with site.app.app_context():
        registry = PrefixRegistry.of(site.app.extensions)
    if isinstance(place, S3Place):
        found = registry.find_key(place.bucket_name, f"static/uploads/{name}")
    else:
        assert isinstance(place, DiskPlace)
        found = registry.find_path(place.folder / name)
    return found.owner if found else ""


def test_where_a_column_keeps_files_is_announced(
    make_view: MakeView, storages: Storages, place: Place
) -> None:
    """So that no push takes files of plain storages, which nobody else looks after, nor uploads
    that wait for their form.
    """
    site = make_view(storages)

    assert found_in_registry(site, place, "things/cat.png") == "flask_admin_s3_upload"
    assert found_in_registry(site, place, ".pending/cat.png") == "flask_admin_s3_upload"
    assert found_in_registry(site, place, "css/style.css") == ""


def test_what_somebody_else_has_announced_is_not_announced_again(
    make_view: MakeView, storages: Storages, place: Place, caplog: pytest.LogCaptureFixture
) -> None:
    """And no warning: a column is in the storages that it was made with."""
    owner = "flask_s3_upload.avatars"

    def announce(app: Flask) -> None:
        registry = PrefixRegistry.of(app.extensions)
        if isinstance(place, S3Place):
            where = {"storage_type": "s3", "bucket_name": place.bucket_name}
            registry.announce(owner, **where, prefix="static/uploads")
        else:
            assert isinstance(place, DiskPlace)
            registry.announce(owner, folder=place.folder)

    site = make_view(storages, prepare=announce)

    assert found_in_registry(site, place, "things/cat.png") == owner
    assert {one.owner for one in PrefixRegistry.of(site.app.extensions)} == {owner}
    assert caplog.records == []


def test_a_column_at_the_root_of_a_bucket_is_not_announced(make_view: MakeView) -> None:
    """All that is in the bucket would be, the site's own assets too."""
    site = make_view(Storages(storage_type="s3", bucket_name="media", region="us-east-1"), to="")

    with site.app.app_context():
        assert list(PrefixRegistry.of(site.app.extensions)) == []


def test_models_that_inherit(tmp_path: Path) -> None:
    """A list of the parent's rows shows their children's files, and properties over these; what
    the parent's other rows name is no orphan.
    """
    app = Flask("site")
    app.config.update(SECRET_KEY="x", SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path}/a.db")
    Babel(app)
    db = SQLAlchemy(app)
    files = Storages(tmp_path / "files")

    class Animal(db.Model):  # type: ignore[name-defined,misc]
        id = db.Column(db.Integer, primary_key=True)
        kind = db.Column(db.String(10))
        photo = db.Column(db.String(255))
        __mapper_args__ = {"polymorphic_on": kind, "polymorphic_identity": ""}  # noqa: RUF012

        @property
        def shown(self) -> Any:
            return getattr(self, "tag", None)

    class Dog(Animal):
        tag = db.Column(FileType(files, "tags/"))
        __mapper_args__ = {"polymorphic_identity": "dog"}  # noqa: RUF012

    class AnimalView(FileModelView):
        column_list = ("tag", "shown")
        form_columns = ()

    class DogView(FileModelView):
        form_columns = ("photo", "tag")
        form_overrides = {"photo": S3FileUploadField}  # noqa: RUF012
        form_args = {"photo": {"base_path": str(tmp_path / "photos")}}  # noqa: RUF012

    with app.app_context():
        admin = Admin(app)
        admin.add_view(AnimalView(Animal, session_of(db)))
        admin.add_view(DogView(Dog, session_of(db)))
        db.create_all()
        (tmp_path / "photos").mkdir()
        (tmp_path / "photos" / "cat.txt").write_bytes(b"cat")
        db.session.add(Animal(photo="cat.txt"))
        db.session.commit()
    client = app.test_client()
    data = {"photo": (io.BytesIO(b"d"), "d.txt"), "tag": (io.BytesIO(picture()), "t.png")}
    assert client.post("/admin/dog/new/", data=data).status_code == 302

    shown = Page.of(client.get("/admin/animal/"))
    assert [client.get(one, buffered=True).data for one in shown.pictures] == [picture()] * 2
    site = AdminSite(app, db, Dog, None)
    listed = site.flask("admin-uploads", "prune", "--dry-run", "--older-than", "0")
    assert "0 files that no row names" in listed
    site.close()


def test_columns_of_models_without_a_view_name_files_too(
    make_site: MakeSite, disk: DiskPlace
) -> None:
    """Files of a model that no view shows, in the folder of another one's field."""
    site = make_site(S3FileUploadField, disk.options)

    class Other(site.db.Model):  # type: ignore[name-defined,misc]
        id = site.db.Column(site.db.Integer, primary_key=True)
        file = site.db.Column(FileType(Storages(disk.folder), "others/"))

    with site.app.app_context():
        site.db.create_all()
        site.db.session.add(Other(file=new_file(io.BytesIO(b"1"), "a.txt")))
        site.db.session.commit()
    listed = site.flask("admin-uploads", "prune", "--dry-run", "--older-than", "0")
    assert "0 files that no row names" in listed
