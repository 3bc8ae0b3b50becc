"""The direct upload's answers to what cannot be: JSON with words for whoever uploads."""

from typing import Any

import pytest
from flask import Response, abort
from upload_site import PICTURES, MakeSite, Site
from werkzeug.exceptions import HTTPException, ServiceUnavailable, TooManyRequests

from s3_saver import AccessDeniedError, S3SaverError, StorageUnavailableError
from untrusted_files import Rules

QUESTION = {"filename": "a.png", "size": 10, "type": "image/png"}


def refuse(upload: Any) -> bool:
    return False


def limit(upload: Any) -> bool:
    raise TooManyRequests("5 per 1 minute", retry_after=60)


def fail(upload: Any) -> bool:
    raise RuntimeError("secret")


def refuse_by_storage(upload: Any) -> bool:
    raise AccessDeniedError("secret")


def be_away(upload: Any) -> bool:
    raise StorageUnavailableError("secret")


def say(upload: Any) -> bool:
    abort(403, "Confirm your address first.")


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """A site whose own pages of errors are HTML, and which has purposes that refuse."""
    site = make_site(PROPAGATE_EXCEPTIONS=False)
    for hook in (refuse, limit, fail, refuse_by_storage, be_away, say):
        site.uploads.allow_direct(hook.__name__, rules=PICTURES, authorize=hook)
    site.uploads.allow_direct("tiny", rules=Rules(max_bytes=5), authorize=lambda upload: True)
    for error in (400, 403, 404, 429, 500, HTTPException, S3SaverError):
        site.app.register_error_handler(error, lambda error: ("<h1>Oops</h1>", 418))
    return site


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"purpose": "refuse"}, 403, "You may not upload this file."),
        ({"purpose": "say"}, 403, "Confirm your address first."),
        ({"purpose": "limit"}, 429, "Too many requests: try again later. 5 per 1 minute"),
        ({"purpose": "fail"}, 500, "Something went wrong on the server: try again later."),
        (
            {"purpose": "refuse_by_storage"},
            500,
            "Something went wrong on the server: try again later.",
        ),
        ({"purpose": "be_away"}, 503, ServiceUnavailable.description),
        ({"purpose": "tiny"}, 422, "This file is 10 bytes; the limit is 5 bytes."),
        ({"purpose": "none"}, 422, "Uploads of this kind are not accepted here."),
        ({"size": "many"}, 400, "'size' must be a whole number, 0 to 53687091200000."),
    ],
)
def test_a_refusal_is_json_with_words(
    site: Site, body: dict[str, str], status: int, words: str
) -> None:
    """Whatever refuses a question, the answer is JSON that the module shows, also where the app
    has pages of its own for errors; headers of the refusal stay."""
    answer = site.client.post("/uploads/-/sign", json={**QUESTION, **body})
    assert answer.status_code == status
    assert answer.get_json()["error"] == words
    assert answer.headers.get("Retry-After") == ("60" if status == 429 else None)


def test_another_site_s_question(site: Site) -> None:
    """A cross-site question is refused in JSON, too, and so is a question that is no JSON."""
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = site.client.post("/uploads/-/sign", json=QUESTION, headers=headers)
    assert answer.get_json()["error"] == "This request comes from another site."
    answer = site.client.post("/uploads/-/sign", data=QUESTION)
    assert (answer.status_code, answer.is_json) == (415, True)
    answer = site.client.post("/uploads/-/sign", data="{", content_type="application/json")
    assert (answer.status_code, answer.is_json) == (400, True)
    answer = site.client.post("/uploads/-/sign", json={"filename": "x" * 100_000})
    assert (answer.status_code, answer.is_json) == (413, True)


def test_bytes_that_are_refused(make_local: MakeSite) -> None:
    """The app's own upload route, where a script sends bytes, answers in JSON as well."""
    site = make_local()
    answer = site.client.put("/uploads/-/receive/nonsense", data=b"x")
    assert (answer.status_code, answer.get_json()["kind"]) == (403, "InvalidTokenError")
    answer = site.client.put("/uploads/-/receive/nonsense")
    assert (answer.status_code, answer.is_json) == (411, True)


def test_an_answer_of_the_app_s_own(site: Site) -> None:
    """A hook that aborts with a whole response has it sent as it is."""

    def respond(upload: Any) -> bool:
        abort(Response("mine", 403))

    site.uploads.allow_direct("own", rules=PICTURES, authorize=respond)
    answer = site.client.post("/uploads/-/sign", json={**QUESTION, "purpose": "own"})
    assert (answer.status_code, answer.text) == (403, "mine")


def test_pages_for_people_are_the_app_s(site: Site) -> None:
    """A file that is not there gets the app's own page."""
    answer = site.get("/uploads/nothing.png")
    assert (answer.status_code, answer.text) == (418, "<h1>Oops</h1>")
