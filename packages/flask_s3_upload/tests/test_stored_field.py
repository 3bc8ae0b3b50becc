"""The form field over a column: WTForms', Flask-WTF's, with and without direct uploads."""

import html
import io
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import wtforms
from flask import render_template_string, request
from flask_wtf import FlaskForm
from flask_wtf.file import FileAllowed, FileRequired, FileSize
from gallery import Gallery, make_gallery
from sent_files import picture, posted
from sqlalchemy.orm import Mapped, mapped_column
from upload_site import PICTURES, MakeSite, without_prefix
from werkzeug.datastructures import CombinedMultiDict, MultiDict
from wtforms import StringField
from wtforms.validators import DataRequired, InputRequired

from flask_s3_upload import ConfigError, DirectUploadField, StoredFile, StoredFileField, Uploads
from s3_saver import ArgumentError, ArgumentTypeError

PAGE = "<form>{% for field in form %}{{ field }}{{ field.errors }}{% endfor %}</form>"


def add_form(gallery: Gallery, model: Any, form: Any, **fields: Any) -> None:
    """Let /edit show and take a form over the first row of a model, which it makes if need be."""

    class Form(form):  # type: ignore[misc]
        pass

    for name, field in fields.items():
        setattr(Form, name, field)

    @gallery.site.app.route("/edit", methods=["GET", "POST"])
    def edit() -> str:
        row = gallery.db.session.get(model, 1) or model()
        if issubclass(Form, FlaskForm):
            made = Form(obj=row)
            is_valid = made.validate_on_submit()
        else:
            made = Form(CombinedMultiDict([request.form, request.files]), obj=row)
            is_valid = request.method == "POST" and made.validate()
        if not is_valid:
            return render_template_string(PAGE, form=made)
        made.populate_obj(row)
        gallery.db.session.add(row)
        gallery.db.session.commit()
        return "saved"


@pytest.fixture(params=[FlaskForm, wtforms.Form], ids=["Flask-WTF", "WTForms"])
def form_class(request: pytest.FixtureRequest) -> Any:
    """What forms are made of."""
    return request.param


@pytest.fixture(params=["make_local", "make_s3"], ids=["disk", "s3"])
def gallery(request: pytest.FixtureRequest) -> Iterator[Gallery]:
    """A gallery on each kind of storage."""
    made = make_gallery(request.getfixturevalue(request.param))
    yield made
    with made.site.app.app_context():
        made.db.engine.dispose()


def post(gallery: Gallery, **data: Any) -> str:
    return gallery.site.client.post("/edit", data=data).text


def show(gallery: Gallery) -> str:
    return gallery.site.client.get("/edit").text


def preview_by(gallery: Gallery, thumbnail: Any) -> str:
    """The src of the picture that a form shows, where the app has this filter."""
    gallery.site.app.add_template_filter(thumbnail, "thumbnail")
    add_form(
        gallery, gallery.picture, FlaskForm, image=StoredFileField(column=gallery.picture.image)
    )
    post(gallery, image=file(picture(), "cat.png"))
    (src,) = re.findall('<img [^>]*src="([^"]*)"', show(gallery))
    return html.unescape(src)


def file(content: bytes = b"", filename: str = "") -> tuple[io.BytesIO, str]:
    """What a form has of a file; by default, of none."""
    return io.BytesIO(content), filename


def hidden(page: str) -> list[str]:
    return re.findall(r'type="hidden" value="([^"]+)"', page)


@pytest.fixture
def pictures(gallery: Gallery, form_class: Any) -> Gallery:
    """A form over a picture: a title, and an image."""
    column = gallery.picture.image
    add_form(
        gallery,
        gallery.picture,
        form_class,
        title=StringField(validators=[InputRequired()]),
        image=StoredFileField("Picture", column=column),
    )
    return gallery


def test_a_posted_file_is_stored_replaced_and_deleted(pictures: Gallery) -> None:
    """populate_obj assigns it, and the commit does the rest; an empty input leaves it."""
    app = pictures.site.app
    assert post(pictures, title="Tom", image=file(picture(), "Tom.png")) == "saved"
    with app.app_context():
        first = pictures.row().image
        assert (first.filename, pictures.names()) == ("Tom.png", [first.name])
    assert post(pictures, title="Kit", image=file()) == "saved"
    assert post(pictures, title="Kit", image="") == "saved"
    assert post(pictures, title="Kit") == "saved"
    assert pictures.names() == [first.name]
    assert post(pictures, title="Kit", image=file(picture("GIF"), "Kit.gif")) == "saved"
    with app.app_context():
        second = pictures.row().image
    assert pictures.names() == [second.name]
    # A page that shows an older file does not delete a newer one.
    assert post(pictures, title="Kit", **{"image-delete": first.name}) == "saved"
    assert pictures.names() == [second.name]
    assert post(pictures, title="Kit", **{"image-delete": second.name}) == "saved"
    assert pictures.names() == []
    with app.app_context():
        assert pictures.row().image is None


def test_a_direct_upload_is_stored(pictures: Gallery) -> None:
    """The form carries its token."""
    assert post(pictures, title="Tom", image=pictures.upload(picture(), "Tom.png")) == "saved"
    with pictures.site.app.app_context():
        assert pictures.row().image.filename == "Tom.png"
        assert pictures.names() == [pictures.row().image.name]


@pytest.mark.parametrize("direct", [True, False], ids=["direct", "posted"])
def test_the_file_survives_another_field_s_error(pictures: Gallery, direct: bool) -> None:
    """Shown again, the form has its token, however the file came; nothing is stored for good."""
    image = pictures.upload(picture(), "Tom.png") if direct else file(picture(), "Tom.png")
    page = post(pictures, title="", image=image)
    (token,) = hidden(page)
    assert 'data-filename="Tom.png"' in page
    assert "<noscript><ul><li><bdi>Tom.png</bdi></li></ul></noscript>" in page
    page = post(pictures, title="", image=token)
    assert hidden(page) == [token]
    assert {name.partition("/")[0] for name in pictures.names()} == {"pending"}
    assert post(pictures, title="Tom", image=[token, file()]) == "saved"
    with pictures.site.app.app_context():
        assert pictures.names() == [pictures.row().image.name]


def test_the_column_s_rules_are_errors_of_the_field(pictures: Gallery) -> None:
    """In words, for what is posted as for tokens; what was refused is not offered again."""
    used = pictures.upload(picture())
    assert post(pictures, title="Tom", image=used) == "saved"
    before = pictures.names()
    for image, words in (
        (file(b"<!doctype html>", "Tom.png"), "This file is an HTML page. Choose a picture."),
        (pictures.upload(b"<!doctype html>"), "This file is an HTML page. Choose a picture."),
        (used, "This upload was used already"),
        ("changed", "This upload is not valid"),
    ):
        page = html.unescape(post(pictures, title="Tom", image=image))
        assert words in page
        assert hidden(page) == []
        assert "cat.png</bdi></a>" in page  # the stored one is still shown
    assert [name for name in pictures.names() if name in before] == before


def test_the_page_shows_what_is_stored(pictures: Gallery) -> None:
    """A link, its name, a small preview, a box to delete it; a new row has none of these."""
    page = show(pictures)
    assert "<img" not in page
    assert "checkbox" not in page
    assert post(pictures, title="Tom", image=file(picture(), "a & <c>.png")) == "saved"
    page = show(pictures)
    with pictures.site.visit():
        image = pictures.row().image
        url = html.escape(image.url)
    preview = f'<img alt="" height="64" loading="lazy" src="{url}">'
    link = f'<a href="{url}"><bdi>a &amp; &lt;c&gt;.png</bdi></a>'
    assert f'<a href="{url}" tabindex="-1" aria-hidden="true">{preview}</a> {link} <label>' in page
    assert f'name="image-delete" type="checkbox" value="{image.name}"' in page
    assert page.count("<img") == 1
    box = re.search("<div[^>]*direct-upload[^>]*>", page)
    assert box
    for attribute in ('data-name="image"', 'data-purpose="picture"', 'data-url="/uploads/-/"'):
        assert attribute in box[0]
    assert re.search('<input accept="image/[^"]*" id="image" name="image" type="file">', page)


@pytest.mark.parametrize("validator", [DataRequired, InputRequired, FileRequired])
@without_prefix
def test_a_required_file_may_be_there_already(
    make_site: MakeSite, form_class: Any, validator: Any
) -> None:
    """Each of the three asks for one in a new row, and passes on an edit of a row that has one,
    which cannot be deleted, only replaced.
    """
    gallery = make_gallery(make_site)
    image = StoredFileField(
        validators=[validator("Choose a picture.")], column=gallery.picture.image
    )
    add_form(gallery, gallery.picture, form_class, image=image)
    page = show(gallery)
    assert re.search("<input[^>]* required ", page)
    assert re.search("<div[^>]* data-required ", page)
    assert "Choose a picture." in post(gallery, image=file())
    assert "Choose a picture." in post(gallery)
    assert post(gallery, image=gallery.upload(picture())) == "saved"
    page = show(gallery)
    assert " required" not in page
    assert "checkbox" not in page
    assert post(gallery, image=file()) == "saved"
    assert post(gallery, image=file(picture("GIF"), "a.gif")) == "saved"
    with gallery.site.app.app_context():
        name = gallery.row().image.name
    assert "Choose a picture." in post(gallery, **{"image-delete": name})
    assert gallery.names() == [name]


def test_many_files(gallery: Gallery, form_class: Any) -> None:
    """New ones come after those that are there; each can be deleted."""
    pages = StoredFileField(column=gallery.album.pages)
    add_form(gallery, gallery.album, form_class, pages=pages)
    assert " multiple " in show(gallery)
    token = gallery.upload(picture(), "1.png")
    assert post(gallery, pages=[token, file(picture("GIF"), "2.gif"), token]) == "saved"
    page = post(gallery, pages=[file(b"<p>", "3.png"), file(picture(), "4.png")])
    assert "3.png: This file is" in page
    (held,) = hidden(page)
    with gallery.site.app.app_context():
        first, second = (one.name for one in gallery.row(gallery.album).pages)
    boxes = re.findall(r'type="checkbox" value="([^"]+)"', page)
    assert boxes == [first, second]
    assert post(gallery, pages=[held], **{"pages-delete": [first]}) == "saved"
    with gallery.site.app.app_context():
        row = gallery.row(gallery.album)
        assert [one.filename for one in row.pages] == ["2.gif", "4.png"]
        assert sorted(gallery.names()) == sorted(one.name for one in row.pages)
    assert post(gallery, pages=file()) == "saved"
    with gallery.site.app.app_context():
        assert len(gallery.row(gallery.album).pages) == 2


def test_a_column_without_direct_uploads(gallery: Gallery, form_class: Any) -> None:
    """The input stands alone, and a text in place of a file is an error."""
    document = StoredFileField(column=gallery.picture.document)
    title = StringField(validators=[InputRequired()])
    add_form(gallery, gallery.picture, form_class, document=document, title=title)
    assert "data-direct-upload" not in show(gallery)
    assert "This is not a file" in post(gallery, title="A", document="text")
    assert hidden(post(gallery, title="", document=file(b"a", "a.txt"))) == []
    assert post(gallery, title="A", document=file(b"a", "a.html")) == "saved"
    page = show(gallery)
    assert "a.html</bdi></a>" in page
    assert "<img" not in page


@without_prefix
def test_the_data_can_be_assigned(make_site: MakeSite) -> None:
    """By hand, as populate_obj does it: validated or not, with the row's file or without."""
    gallery = make_gallery(make_site)

    class Form(wtforms.Form):
        image = StoredFileField(column=gallery.picture.image)

    token = gallery.upload(picture())
    with gallery.site.visit():
        row = gallery.picture()
        gallery.db.session.add(row)
        for form in (Form(CombinedMultiDict([])), Form()):
            assert form.image.data == ""
            row.image = form.image.data
            assert row.image is None
        form = Form(posted_as("image", token), obj=row)
        assert form.validate()
        row.image = form.image.data
        gallery.db.session.commit()
        name = row.image.name
        assert form.image().count("<li>") == 1  # shown again after the commit
        assert hidden(form.image()) == []
        form = Form(posted_as("image", ""), obj=row)
        assert form.validate()
        assert form.image.data is row.image
        row.image = form.image.data
        gallery.db.session.commit()
        assert gallery.names() == [row.image.name] == [name]
        form = Form(
            CombinedMultiDict([posted_as("image", posted(picture("GIF"), "a.gif"))]), obj=row
        )
        form.populate_obj(row)
        gallery.db.session.commit()
        assert gallery.names() == [row.image.name] != [name]


def posted_as(name: str, *values: Any) -> Any:
    return MultiDict([(name, value) for value in values])


@without_prefix
def test_a_direct_upload_field_has_values_for_columns(make_site: MakeSite) -> None:
    """Its data can be assigned; populate_obj does it, and adds to a list."""
    gallery = make_gallery(make_site)

    class Form(wtforms.Form):
        image = DirectUploadField(purpose="picture", validators=[FileRequired()])
        pages = DirectUploadField(purpose="picture", multiple=True)

    tokens = [gallery.upload(picture()) for _ in range(4)]
    with gallery.site.visit():
        row, album = gallery.picture(), gallery.album(pages=[posted(picture(), "0.png")])
        gallery.db.session.add_all([row, album])
        assert not Form().validate()  # FileRequired
        row.image = Form().image.data
        assert row.image is None
        data = CombinedMultiDict([posted_as("image", tokens[0]), posted_as("pages", *tokens[1:3])])
        form = Form(data)
        assert form.validate(), form.errors
        assert (form.image.data, form.pages.data) == (tokens[0], tokens[1:3])
        row.image = form.image.data
        album.pages.extend(form.pages.data)
        gallery.db.session.commit()
        assert len(album.pages) == 3
        form = Form(posted_as("image", tokens[3]))
        form.image.populate_obj(row, "image")
        form.pages.populate_obj(album, "pages")
        gallery.db.session.commit()
        assert sorted(gallery.names()) == sorted(one.name for one in [row.image, *album.pages])


def test_fields_of_a_store_with_a_name(make_local: MakeSite) -> None:
    """Their elements ask that store's routes, and its tokens are taken."""
    gallery = make_gallery(make_local)
    app = gallery.site.app
    invoices = Uploads(store="invoices")
    invoices.init_app(app)
    invoices.allow_direct("bill", rules=PICTURES, authorize=lambda upload: True)

    class Invoice(gallery.db.Model):  # type: ignore[name-defined,misc]
        id: Mapped[int] = mapped_column(primary_key=True)
        bill: Mapped[StoredFile | None] = invoices.column("bills/", purpose="bill")

    class Form(wtforms.Form):
        bill = StoredFileField(column=Invoice.bill)
        direct = DirectUploadField(purpose="bill", store="invoices")

    with gallery.site.visit():
        gallery.db.create_all()
        token = invoices.hold(posted(picture(), "1.png"), purpose="bill")
        form = Form(CombinedMultiDict([posted_as("bill", token), posted_as("direct", token)]))
        assert form.validate()
        assert form.direct.data == token
        for field in (form.bill, form.direct):
            assert 'data-url="/uploads-invoices/-/"' in field()
        row: Any = Invoice()
        form.bill.populate_obj(row, "bill")
        gallery.db.session.add(row)
        gallery.db.session.commit()
        assert (row.bill.store, row.bill.filename) == ("invoices", "1.png")
        assert gallery.site.names() == []
        # Assigned to a column of another store, it is copied there.
        other = gallery.picture(image=row.bill)
        gallery.db.session.add(other)
        gallery.db.session.commit()
        assert (other.image.store, gallery.names()) == ("", [other.image.name])
        token = invoices.hold(posted(picture(), "1.png"), purpose="bill")
        gallery.db.session.add(gallery.picture(image=invoices.accept(token, purpose="bill")))
        with pytest.raises(ArgumentError, match="a direct upload into the store of its column"):
            gallery.db.session.commit()


def test_wrong_fields_are_refused(make_local: MakeSite) -> None:
    """A column that is none; validators that would let everything pass."""
    gallery = make_gallery(make_local)
    for column in (None, "image", gallery.picture.title, gallery.picture):
        with pytest.raises(
            ArgumentTypeError, match="column must be an attribute by uploads.column"
        ):
            make_field(column=column)
    for validator in (FileAllowed(["png"]), FileSize(10)):
        with pytest.raises(ConfigError, match=f"{type(validator).__name__} knows posted files"):
            make_field([validator], column=gallery.picture.image)


def make_field(validators: Any = (), *, column: Any) -> Any:
    class Form(wtforms.Form):
        image = StoredFileField(validators=validators, column=column)

    return Form().image


def test_a_file_of_another_bucket_is_shown_by_its_name(make_local: MakeSite) -> None:
    """It has no URL in this app, and the form is shown all the same."""
    gallery = make_gallery(make_local)
    with gallery.site.visit():
        row = gallery.picture(image=posted(picture()))
        gallery.db.session.add(row)
        gallery.db.session.commit()

        class Form(wtforms.Form):
            image = StoredFileField(column=gallery.picture.__table__.c.image)

        form = Form(image=row.image.replace(storage_type="s3", bucket_name="other"))
        assert "<li><bdi>cat.png</bdi> <label>" in form.image()


@pytest.mark.parametrize("module", ["wtforms", "sqlalchemy"])
def test_without_an_extra_the_error_says_how_to_get_it(module: str) -> None:
    """The rest of the package works without it."""
    script = f"""
import sys
sys.modules["{module}"] = None
from flask_s3_upload import StoredFileField
try:
    field = StoredFileField(column=None)
    import wtforms
    type("Form", (wtforms.Form,), {{"field": field}})()
except ValueError as error:
    sys.exit(str(error))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    extra = {"wtforms": "wtf", "sqlalchemy": "sqlalchemy"}[module]
    assert f"pip install 'flask-s3-upload[{extra}]'" in run.stderr


def test_the_preview_is_a_thumbnail(gallery: Gallery) -> None:
    """Of the app's filter of that name, so that the form does not load the whole picture."""
    src = preview_by(gallery, lambda image, size: f"/small/{size}/{image.name}")
    with gallery.site.visit():
        assert src == f"/small/x128/{gallery.row().image.name}"


@pytest.mark.parametrize("problem", ["empty", "raises"])
def test_without_a_thumbnail_the_preview_is_the_file(gallery: Gallery, problem: str) -> None:
    """A filter that has none, or fails, does not break the form."""
    src = preview_by(gallery, lambda image, size: "" if problem == "empty" else image.no_such)
    with gallery.site.visit():
        assert src == gallery.row().image.url
