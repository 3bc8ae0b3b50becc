"""Whatever strangers send, the answer is no 500."""

import json
from typing import Any

import pytest
from sent_files import picture
from upload_site import MakeSite, Site

from flask_s3_upload.direct._csrf import is_same_host
from untrusted_files import Rules

SURROGATE = "\ud800"


@pytest.fixture(params=["disk", "s3", "s3 by PUT"])
def site(request: pytest.FixtureRequest, make_local: MakeSite, on_s3: dict[str, Any]) -> Site:
    settings = on_s3 if "s3" in request.param else {}
    method = {"UPLOADS_S3_DIRECT_METHOD": "PUT"} if "PUT" in request.param else {}
    site = make_local(**settings, **method, PROPAGATE_EXCEPTIONS=False)
    rules = Rules(max_bytes=10**12)
    site.uploads.allow_direct("any", rules=rules, authorize=lambda upload: True)
    return site


BODIES = [
    b"",
    b"{",
    b"null",
    b'"text"',
    b"[]",
    b"NaN",
    b"\xff\xfe{}",
    b'{"filename": "\\ud800"}',
    b"[" * 30_000,
    b'{"a":' * 10_000,
    b"[" * 70_000,
    b'{"size": ' + b"9" * 5_000 + b"}",
]


@pytest.mark.parametrize("question", ["sign", "part", "parts", "complete", "cancel"])
def test_what_is_no_question(site: Site, question: str) -> None:
    """A body that is no JSON, no object, nested without end or too long is a 4xx in JSON."""
    for body in BODIES:
        answer = site.client.post(
            f"/uploads/-/{question}", data=body, content_type="application/json"
        )
        assert answer.status_code in (400, 413), (body[:20], answer.text)
        assert answer.get_json()["error"]


VALUES: list[Any] = [
    None,
    True,
    -1,
    0.5,
    10**15,
    10**400,
    float("inf"),
    [],
    {"a": 1},
    "",
    "x" * 5_000,
    "a\0b",
    "a\nb",
    SURROGATE,
    "../../etc/passwd",
    "\u202e",
]


@pytest.mark.parametrize("key", ["filename", "size", "type", "purpose", "parts", "token", "part"])
def test_odd_values(site: Site, key: str) -> None:
    """Any value in any place is answered, or refused in JSON."""

    def ask(question: str, **body: Any) -> tuple[int, bool]:
        answer = site.client.post(
            f"/uploads/-/{question}", data=json.dumps(body), content_type="application/json"
        )
        return answer.status_code, answer.is_json

    as_usual = {"filename": "a.bin", "size": 10, "type": "image/png", "purpose": "any"}
    token = site.sign(picture(), purpose="any")["token"]
    for value in VALUES:
        status, is_json = ask("sign", **{**as_usual, key: value})
        assert (status in (200, 400, 422), is_json) == (True, True), (value, status)
        for question in ("part", "parts", "complete", "cancel"):
            asked = {"token": token, "purpose": "any", "part": 1, key: value}
            status, is_json = ask(question, **asked)
            assert (status in (200, 400, 403, 422), is_json) == (True, True), (value, status)


@pytest.mark.parametrize(
    "believed", ["jpg", "text", "a\tb/c", "a/b\n", "a/\u2028", "/", "text/日", "a/b c", "x" * 5_000]
)
def test_odd_types(site: Site, believed: str) -> None:
    """A type that is none counts as not known."""
    answer = site.sign(picture(), "a.unknown", type=believed, purpose="any")
    kind = {**answer["headers"], **answer["fields"]}["Content-Type"]
    assert kind == "application/octet-stream"
    assert site.send(answer, picture()) in (200, 204)


@pytest.mark.parametrize(
    "origin", ["http://[", "http://[::1", "http://a:b", "null", "a", "://", "http://a:99999"]
)
def test_odd_origins(site: Site, origin: str) -> None:
    """What is no origin is another one."""
    answer = site.client.post("/uploads/-/sign", json={}, headers={"Origin": origin})
    assert (answer.status_code, answer.is_json) == (403, True)


@pytest.mark.parametrize(
    "path",
    [
        "x" * 5_000,
        "a/" * 2_000 + "b",
        "%00",
        "%ff%fe",
        "%ed%a0%80",
        "a.png?signature=%ed%a0%80",
        "-/stored/x/y",
        "-/stored/%ff/y",
        "-/stored/a.b/%00",
        "-/receive/%ff",
    ],
    ids=lambda path: path[:12],
)
def test_odd_paths(make_local: MakeSite, path: str) -> None:
    """A path that nothing can have is refused, be files private or public."""
    for private in (True, False):
        site = make_local(UPLOADS_PRIVATE=private, PROPAGATE_EXCEPTIONS=False)
        for method in ("GET", "PUT"):
            answer = site.client.open(f"/uploads/{path}", method=method, buffered=True)
            assert 400 <= answer.status_code < 500, answer.text


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("https://example.com", "example.com", True),
        ("https://example.com", "example.com:443", True),
        ("http://example.com", "example.com:80", True),
        ("http://EXAMPLE.com", "example.COM", True),
        ("https://example.com:8443", "example.com:8443", True),
        ("http://[::1]:5000", "[::1]:5000", True),
        ("https://example.com:8443", "example.com", False),
        ("http://example.com", "example.com:443", False),
        ("http://example.com:81", "example.com:80", False),
        ("https://example.com.evil.test", "example.com", False),
        ("https://user@example.com", "example.org", False),
        ("ftp://example.com", "example.com", False),
        ("null", "null", False),
        ("https://", "", False),
    ],
)
def test_origins(origin: str, host: str, same: bool) -> None:
    """Origins are equal as RFC 6454 says: default ports and case make no difference."""
    assert is_same_host(origin, host) == same
