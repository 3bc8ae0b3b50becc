"""What a visitor is answered whose direct upload cannot be claimed."""

from collections.abc import Iterator

import pytest
from flask import Flask, request
from gallery import Gallery, make_gallery
from sent_files import picture
from werkzeug.exceptions import HTTPException

from flask_s3_upload import AlreadyClaimedError, ClaimError, Uploads, UploadsError

USED = "This upload was used already: choose the file again."


@pytest.fixture(params=["make_local", "make_s3"], ids=["disk", "s3"])
def gallery(request: pytest.FixtureRequest) -> Iterator[Gallery]:
    """A gallery on each kind of storage."""
    made = make_gallery(request.getfixturevalue(request.param))
    yield made
    with made.site.app.app_context():
        made.db.engine.dispose()


def test_of_two_submits_one_is_a_conflict(gallery: Gallery) -> None:
    """Both have accepted the token; who commits second is answered 409, and stores nothing."""

    @gallery.site.app.post("/save")
    def save() -> str:
        token, purpose = request.form["token"], "picture"
        gallery.db.session.add(
            gallery.picture(image=gallery.uploads.accept(token, purpose=purpose))
        )
        gallery.uploads.claim(token, "other/", purpose=purpose)  # the other submit is faster
        gallery.db.session.commit()
        return "saved"

    answer = gallery.site.client.post("/save", data={"token": gallery.upload(picture())})
    assert answer.status_code == 409
    assert USED in answer.text
    assert gallery.names() == ["other/cat.png"]


def app_with_stores() -> Flask:
    app = Flask(__name__)
    app.secret_key = "not a secret"
    Uploads(app)
    Uploads(app, store="invoices")

    @app.get("/")
    def view() -> str:
        raise AlreadyClaimedError("<b>used</b>")

    return app


def test_the_message_is_escaped() -> None:
    """The default page is HTML, and the message is text in it."""
    answer = app_with_stores().test_client().get("/")
    assert (answer.status_code, answer.mimetype) == (409, "text/html")
    assert "&lt;b&gt;used" in answer.text


@pytest.mark.parametrize("kind", [AlreadyClaimedError, ClaimError, UploadsError])
def test_the_app_s_own_handler_goes_first(kind: type[UploadsError]) -> None:
    """Whether it is for this error, for all claims, or for all errors of the package."""
    app = app_with_stores()
    app.register_error_handler(kind, lambda error: (f"own: {error}", 410))
    answer = app.test_client().get("/")
    assert (answer.status_code, answer.text) == (410, "own: <b>used</b>")


def test_a_handler_from_before_stays() -> None:
    """One that was registered before the extension is not replaced."""
    app = Flask(__name__)
    app.secret_key = "not a secret"
    app.register_error_handler(ClaimError, lambda error: (str(error), 410))
    Uploads(app)

    @app.get("/")
    def view() -> str:
        raise ClaimError("used")

    assert app.test_client().get("/").status_code == 410


def test_the_app_s_page_for_errors_is_used() -> None:
    """A handler for all HTTP errors makes this page, too."""
    app = app_with_stores()
    app.register_error_handler(
        HTTPException, lambda error: ({"error": error.description}, error.code)
    )
    answer = app.test_client().get("/")
    assert (answer.status_code, answer.get_json()) == (409, {"error": "<b>used</b>"})
