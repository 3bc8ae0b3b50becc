"""Cross-site requests are kept out, with Flask-WTF and without."""

import pytest
from flask_wtf.csrf import CSRFProtect, generate_csrf
from sent_files import picture
from upload_site import MakeSite, Site

QUESTION = {"filename": "a.png", "size": 10, "type": "image/png"}


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, 403),
        ({"Origin": "http://localhost"}, 200),
        ({"Origin": "https://localhost"}, 200),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "http://localhost.evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({}, 200),
    ],
)
def test_only_pages_of_the_site_may_ask(site: Site, headers: dict[str, str], status: int) -> None:
    """A browser's question from another site's page is refused, by what browsers say of it."""
    answer = site.client.post("/uploads/-/sign", json=QUESTION, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_a_form_cannot_ask(site: Site, content_type: str) -> None:
    """What a form of another site could send without asking first is no question."""
    answer = site.client.post(
        "/uploads/-/sign", data='{"filename": "a.png", "size": 1}', content_type=content_type
    )
    assert answer.status_code == 415


@pytest.mark.parametrize("question", ["sign", "part", "parts", "complete", "cancel"])
def test_every_question_is_protected(site: Site, question: str) -> None:
    """None of the routes that a visitor's cookies are sent to answers another site."""
    answer = site.client.post(
        f"/uploads/-/{question}", json=QUESTION, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


@pytest.mark.parametrize("first", [True, False])
def test_with_flask_wtf(make_site: MakeSite, first: bool) -> None:
    """Where the app uses CSRFProtect, questions need its token, whichever was set up first; the
    bytes need none, as their URL is signed."""
    if first:
        site = make_site()
        CSRFProtect(site.app)
    else:
        site = make_site()
        site.app.before_request_funcs.setdefault(None, [])
        CSRFProtect().init_app(site.app)
    site.app.config["PROPAGATE_EXCEPTIONS"] = False

    @site.app.get("/token")
    def token() -> str:
        return str(generate_csrf())

    refused = site.client.post("/uploads/-/sign", json=QUESTION)
    assert refused.status_code == 400
    assert refused.get_json()["error"] == "The CSRF token is missing."
    headers = {"X-CSRFToken": site.client.get("/token").text}
    question = {**QUESTION, "size": len(picture())}
    answer = site.client.post("/uploads/-/sign", json=question, headers=headers)
    assert answer.status_code == 200
    assert site.send(answer.get_json(), picture()) == 204
