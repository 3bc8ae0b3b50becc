"""The form field: tokens of direct uploads, and files of ordinary posts."""

import io
import re
import subprocess
import sys
from typing import Any

import pytest
from flask import render_template_string, request
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFProtect
from sent_files import picture
from upload_site import MakeSite, Site
from wtforms import StringField
from wtforms.validators import InputRequired

from flask_s3_upload import ClaimError, DirectUploadField


class Form(FlaskForm):  # type: ignore[misc]
    title = StringField(validators=[InputRequired()])
    photo = DirectUploadField("Photo", to="photos/")


class Thing:
    photo: Any = None


PAGE = (
    "<form method=post enctype=multipart/form-data>{{ form.photo }}{{ form.photo.errors }}</form>"
)


@pytest.fixture
def shop(make_site: MakeSite) -> Site:
    """A site with a form of a title and a photo."""
    site = make_site(WTF_CSRF_ENABLED=False)
    site.app.extensions["things"] = things = []

    @site.app.route("/thing", methods=["GET", "POST"])
    def view() -> str:
        form = Form()
        if form.validate_on_submit():
            thing = Thing()
            form.photo.populate_obj(thing, "photo")
            things.append(thing.photo)
            return "stored"
        return render_template_string(PAGE, form=form)

    return site


def tokens(page: str) -> list[str]:
    return re.findall(r'type="hidden" value="([^"]+)"', page)


def test_the_form_carries_a_token(shop: Site) -> None:
    """A form with the token of a direct upload gives a StoredFile."""
    answer = shop.client.post("/thing", data={"title": "Tom", "photo": shop.upload(picture())})
    assert answer.text == "stored"
    (photo,) = shop.app.extensions["things"]
    assert (photo["name"], photo["content_type"]) == ("photos/cat.png", "image/png")
    assert shop.read("photos/cat.png") == picture()


def test_an_ordinary_post_works_too(shop: Site) -> None:
    """Without JavaScript the same input posts the file itself, under the same rules."""
    data = {"title": "Tom", "photo": (io.BytesIO(picture()), "Tom.png")}
    assert shop.client.post("/thing", data=data).text == "stored"
    assert shop.read("photos/Tom.png") == picture()
    data = {"title": "Tom", "photo": (io.BytesIO(b"<script>"), "Tom.png")}
    page = shop.client.post("/thing", data=data).text
    assert "This file is an HTML page. Choose a picture." in page


@pytest.mark.parametrize("direct", [True, False])
def test_the_upload_survives_another_field_s_error(shop: Site, direct: bool) -> None:
    """Shown again because the title is missing, the form still has the upload, be it direct or
    posted, and it is stored in the end."""
    photo = shop.upload(picture()) if direct else (io.BytesIO(picture()), "cat.png")
    page = shop.client.post("/thing", data={"title": "", "photo": photo}).text
    (token,) = tokens(page)
    assert 'data-filename="cat.png"' in page
    assert shop.names("photos/") == []
    page = shop.client.post("/thing", data={"title": "", "photo": token}).text
    assert tokens(page) == [token]
    assert shop.client.post("/thing", data={"title": "Tom", "photo": token}).text == "stored"
    assert shop.names("photos/") == ["photos/cat.png"]


def test_a_bad_token_is_an_error_and_is_not_shown_again(shop: Site) -> None:
    """A changed, foreign or used token is shown as an error; the form is shown without it."""
    stranger = Site(shop.app, shop.uploads, shop.storage)
    used = shop.upload(picture())
    shop.client.post("/thing", data={"title": "Tom", "photo": used})
    for token, message in [
        ("changed", "not valid"),
        (stranger.upload(picture()), "somebody else"),
        (used, "used already"),
    ]:
        page = shop.client.post("/thing", data={"title": "Tom", "photo": token}).text
        assert message in page
        assert tokens(page) == []


def test_wtforms_translates_what_a_field_says(shop: Site) -> None:
    """A message without values goes through the form's translations, as those of WTForms do."""
    german = {"This upload is not valid: choose the file again.": "Bitte noch einmal wählen."}

    class Catalog:
        def gettext(self, text: str) -> str:
            return german.get(text, text)

    class GermanForm(Form):
        class Meta(Form.Meta):  # type: ignore[misc,name-defined]
            def get_translations(self, form: Any) -> Catalog:
                return Catalog()

    with shop.app.test_request_context(method="POST", data={"photo": "changed"}):
        form = GermanForm()
        form.validate()
        assert form.photo.errors == [*german.values()]


def test_wrong_bytes_are_an_error_of_the_field(shop: Site) -> None:
    """HTML that was sent directly as a picture is refused by the form."""
    token = shop.upload(b"<!doctype html>", "cat.jpg", type="image/jpeg")
    page = shop.client.post("/thing", data={"title": "Tom", "photo": token}).text
    assert "This file is an HTML page. Choose a picture." in page
    assert shop.names("photos/") == []


def test_without_a_file_the_old_one_stays(shop: Site) -> None:
    """A form without a new file changes nothing of the object."""
    data = {"title": "Tom", "photo": (io.BytesIO(), "")}
    assert shop.client.post("/thing", data=data).text == "stored"
    assert shop.app.extensions["things"] == [None]


def test_a_required_field(make_site: MakeSite) -> None:
    """InputRequired asks for a file, and is content with a token; the browser asks, too, as long as
    there is none."""
    site = make_site(WTF_CSRF_ENABLED=False)

    class Strict(FlaskForm):  # type: ignore[misc]
        photo = DirectUploadField(validators=[InputRequired("Choose a picture.")])

    @site.app.post("/")
    def view() -> list[str]:
        form = Strict()
        form.validate()
        return [*map(str, form.photo.errors), str(form.photo)]

    error, html = site.client.post("/").get_json()
    assert error == "Choose a picture."
    assert re.search("<div[^>]* data-required ", html)
    assert re.search("<input[^>]* required ", html)
    (html,) = site.client.post("/", data={"photo": site.upload(picture())}).get_json()
    assert re.search("<div[^>]* data-required ", html)
    assert not re.search("<input[^>]* required ", html)


def test_many_files(make_site: MakeSite) -> None:
    """With multiple=True all tokens are stored, in their order and each once; else the last one
    chosen counts.
    """
    site = make_site(WTF_CSRF_ENABLED=False)

    class Many(FlaskForm):  # type: ignore[misc]
        photos = DirectUploadField(multiple=True, to="many/")
        photo = DirectUploadField(to="one/")

    @site.app.post("/")
    def view() -> dict[str, Any]:
        form = Many()
        assert form.validate(), form.errors
        last = form.photo.store()
        return {
            "many": [stored.name for stored in form.photos.store_all()],
            "one": last and last.name,
            "again": form.photo.store(),
        }

    def upload(name: str) -> str:
        return site.upload(picture(), name)

    data = {
        "photos": [first := upload("a.png"), upload("b.png"), first],
        "photo": [upload("c.png"), upload("d.png")],
    }
    assert site.client.post("/", data=data).get_json() == {
        "many": ["many/a.png", "many/b.png"],
        "one": "one/d.png",
        "again": None,
    }


@pytest.mark.parametrize("direct", [True, False])
def test_of_several_files_the_refused_one_is_named(make_site: MakeSite, direct: bool) -> None:
    """Where several files may be chosen, the error says which one it is about, be they direct or
    posted; the others stay with the form."""
    site = make_site(WTF_CSRF_ENABLED=False)

    class Many(FlaskForm):  # type: ignore[misc]
        photos = DirectUploadField(multiple=True)

    @site.app.post("/")
    def view() -> str:
        form = Many()
        form.validate()
        return render_template_string("{{ form.photos }}{{ form.photos.errors[0] }}", form=form)

    files = {"good.png": picture(), "bad.png": b"<!doctype html>"}
    photos = [
        site.upload(data, name) if direct else (io.BytesIO(data), name)
        for name, data in files.items()
    ]
    page = site.client.post("/", data={"photos": photos}).text
    assert page.endswith("bad.png: This file is an HTML page. Choose a picture.")
    assert len(tokens(page)) == 1


def test_one_file_that_cannot_be_stored(make_site: MakeSite) -> None:
    """If one of a form's files was claimed by a second click, none of this form's is stored; shown
    again, the form says why and still has the others."""
    site = make_site(WTF_CSRF_ENABLED=False)

    class Many(FlaskForm):  # type: ignore[misc]
        photos = DirectUploadField(multiple=True, to="many/")

    @site.app.post("/")
    def view() -> str:
        form = Many()
        assert form.validate()
        if "second click" in request.form:
            site.uploads.claim(form.photos.data[-1], "other/")
        try:
            return f"{len(form.photos.store_all())} stored"
        except ClaimError:
            assert not form.validate()
            return render_template_string("{{ form.photos }}{{ form.photos.errors }}", form=form)

    sent = [site.upload(picture(), f"{name}.png") for name in "abc"]
    page = site.client.post("/", data={"photos": sent, "second click": "1"}).text
    assert "used already" in page
    assert tokens(page) == sent[:2]
    assert site.names("many/") == []
    assert site.client.post("/", data={"photos": tokens(page)}).text == "2 stored"


def test_what_is_rendered(make_site: MakeSite) -> None:
    """The input has a name and works by itself; the element around it says for the module where to
    sign and for what; what could be markup is escaped."""
    site = make_site(WTF_CSRF_ENABLED=False)

    class Other(FlaskForm):  # type: ignore[misc]
        photo = DirectUploadField(multiple=True)

    with site.app.test_request_context():
        form = Other()
        form.photo.data = ['"><script>']
        html = str(form.photo(class_="wide", required=True))
    assert '<input accept="image/*" class="wide" id="photo" multiple name="photo" required' in html
    assert 'type="file"' in html
    assert 'data-url="/uploads/-/"' in html
    assert 'data-purpose="file"' in html
    assert "<script>" not in html


def test_flask_wtf_s_protection_covers_the_form(make_site: MakeSite) -> None:
    """With CSRFProtect the form is refused without its token; the field changes nothing there."""
    site = make_site()
    CSRFProtect(site.app)

    @site.app.post("/thing")
    def view() -> str:
        return "stored"

    assert site.client.post("/thing", data={"photo": "x"}).status_code == 400


def test_without_wtforms_the_rest_works() -> None:
    """An app without WTForms imports the package; the field's error says what to install."""
    script = """
import sys
sys.modules["wtforms"] = None
import flask_s3_upload
try:
    flask_s3_upload.DirectUploadField("Photo")
except flask_s3_upload.ConfigError as error:
    print(error)
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert "pip install 'flask-s3-upload[wtf]'" in ran.stdout, ran.stderr
