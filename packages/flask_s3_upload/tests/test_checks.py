"""Wrong arguments are errors where they are passed, with name, value and fix."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask
from sent_files import picture
from upload_site import MakeSite, Site
from werkzeug.datastructures import FileStorage
from wtforms import Form

from flask_s3_upload import ConfigError, DirectUploadField, StoredFile, Uploads
from untrusted_files import Rules

RULES = Rules(max_bytes=5)


@pytest.fixture
def site(make_local: MakeSite) -> Site:
    return make_local()


def form(**options: Any) -> Form:
    made: type[Form] = type("MyForm", (Form,), {"photo": DirectUploadField(**options)})
    return made()


def closed() -> io.BytesIO:
    file = io.BytesIO()
    file.close()
    return file


@pytest.mark.parametrize(
    ("file", "message"),
    [
        (None, "got None: does the form have enctype='multipart/form-data'"),
        (b"bytes", "got bytes: wrap the bytes in io.BytesIO"),
        ("cat.png", "got str: open it"),
        (Path("cat.png"), "got PosixPath: open it"),
        (io.StringIO("text"), "file must be binary"),
        (FileStorage(io.StringIO("text"), "a.txt"), "file must be binary"),  # type: ignore[arg-type]
        (closed(), "file must be open"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_what_is_no_file(site: Site, file: Any, message: str) -> None:
    """Whatever is no binary stream is refused with how to make it one, and nothing is stored."""
    with site.app.test_request_context():
        for store in (site.uploads.save, site.uploads.hold):
            with pytest.raises((TypeError, ValueError), match=re.escape(message)):
                store(file)
    assert site.names() == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda u: u.save(io.BytesIO(), to=5), "to must be a str: a folder .*, got 5"),
        (lambda u: u.save(io.BytesIO(), rules=5), "rules must be Rules.*, got 5"),
        (lambda u: u.save(io.BytesIO(), rules=None), "rules must be Rules.*, got None"),
        (lambda u: u.claim(None), "token must be a str, .*, got None"),
        (lambda u: u.claim("token", 5), "to must be a str"),
        (lambda u: u.claim("token", purpose=5), "purpose must be a str .*, got 5"),
        (lambda u: u.claim_all("token"), "tokens must be a list .*, got 'token'"),
        (lambda u: u.claim("token", user=object()), "user must be the id of a user"),
        (lambda u: u.allow_direct("a", rules=5, authorize=len), "rules must be Rules"),
        (
            lambda u: u.allow_direct("a", rules=RULES, authorize=True),
            "authorize must be a function",
        ),
        (lambda u: u.allow_direct(5, rules=RULES, authorize=len), "purpose must be a str"),
        (lambda u: u.register_model("a", [1], "b", commit=print), "objects must be a function"),
        (lambda u: u.register_model("a", list, "b", commit=None), "commit must be a function"),
        (lambda u: u.register_model("a", list, 5, commit=print), "field must be the name"),
        (lambda u: Uploads(user=5), "user must be a function.*, got 5"),  # type: ignore[arg-type]
        (lambda u: Uploads(on_sent=5), "on_sent must be"),  # type: ignore[arg-type]
        (lambda u: Uploads(on_failed=5), "on_failed must be"),  # type: ignore[arg-type]
        (lambda u: Uploads("app"), "app must be a Flask app, got 'app'"),  # type: ignore[arg-type]
        (lambda u: form(purpose=5), "purpose must be a str"),
        (lambda u: form(to=5), "to must be a str"),
        (lambda u: StoredFile.from_dict(None), "data must be the dict .*, got None"),  # type: ignore[arg-type]
        (lambda u: StoredFile.from_dict(json.dumps({})), "data must be the dict"),  # type: ignore[arg-type]
    ],
)
def test_arguments_of_a_wrong_type(site: Site, call: Any, message: str) -> None:
    """A wrong argument is a TypeError with its name, what it must be and what it was."""
    with site.app.test_request_context(), pytest.raises(TypeError, match=message):
        call(site.uploads)


def test_an_app_gets_its_uploads_once(site: Site) -> None:
    """A second Uploads on one app is refused in words; the first goes on."""
    with pytest.raises(ConfigError, match="once"):
        Uploads(site.app)
    with pytest.raises(ConfigError, match="once"):
        site.uploads.init_app(site.app)
    assert site.claim(site.upload(picture())).size == len(picture())


@pytest.mark.parametrize("prefix", ["/static", "/static/", "/static/uploads"])
def test_the_static_files_have_their_own_urls(prefix: str) -> None:
    """Uploads below them would be hidden by the app's static route, or the other way round."""
    app = Flask("mine", static_folder="static")
    app.config.update(UPLOADS_URL_PREFIX=prefix)
    words = "UPLOADS_URL_PREFIX must be outside of the URLs of the app's static files"
    with pytest.raises(ConfigError, match=words):
        Uploads(app)
    without = Flask("mine", static_folder=None)
    without.config.update(UPLOADS_URL_PREFIX=prefix, SECRET_KEY="not a secret")
    Uploads(without)


def test_a_blueprint_of_the_extension_s_name() -> None:
    """An app that has a blueprint 'uploads' itself gets an error, and stays as it was."""
    app = Flask("mine")
    app.register_blueprint(Blueprint("uploads", "mine"))
    with pytest.raises(ConfigError, match="blueprint 'uploads' of its own"):
        Uploads(app)
    assert not app.extensions


def test_a_user_s_id_and_not_the_user(make_local: MakeSite) -> None:
    """A hook that gives the user in place of the id would bind tokens to an address in memory: that
    is an error; ids of any kind do."""
    who: Any = object()
    site = make_local(Uploads(user=lambda: who))
    with (
        site.app.test_request_context(),
        pytest.raises(TypeError, match=r"such as current_user.id"),
    ):
        site.uploads.user_id()
    who = 5
    token = site.upload(picture())
    assert site.claim(token, user="5").size == len(picture())
