"""The plan: what is compared, and what makes a release."""

from datetime import UTC, datetime
from typing import Any

from flask import Flask

from flask_s3_static import FlaskS3
from flask_s3_static.bucket._index import Index
from flask_s3_static.pushing._files import File
from flask_s3_static.pushing._plan import Item, changes_release, index_after, make_items, make_plan
from flask_s3_static.serving._state import state_of

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def items(*files: File, **config: Any) -> list[Item]:
    app = Flask("site")
    app.config.update(FLASKS3_BUCKET_NAME="bucket", **config)
    FlaskS3(app)
    return make_items(files, state_of(app).settings)


def file(path: str, digest: str = "0" * 64, **options: Any) -> File:
    return File(path, path, digest, 1, **options)


def pushed(index: Index, wanted: list[Item], **options: Any) -> Index:
    plan = make_plan(wanted, index)
    done = [item.key for item in plan.uploads]
    options = {"done": done, "failed": [], "is_complete": True, "partial": False, **options}
    return index_after(index, plan, now=NOW, **options)


def test_requests_are_shared() -> None:
    """Files of one kind share one request, so that 100,000 of them take little memory."""
    wanted = items(*(file(f"{number}.js") for number in range(10)), file("a.css"))
    assert len({id(item.request) for item in wanted}) == 2


def test_kinds() -> None:
    """Type, rules that match, and a hashed name: each of these distinguishes kinds of files."""
    headers = {"a": {"Cache-Control": "some"}, r"\.js$": {"Content-Language": "en"}}
    wanted = items(
        *(file(path) for path in ["a.js", "b.js", "b.JS", "a.css", "c.js"]),
        file("d.123.js", plain_path="d.js"),
        FLASKS3_FILEPATH_HEADERS=headers,
    )
    found = [
        tuple(item.request.parameters.get(name) for name in ("CacheControl", "ContentLanguage"))
        for item in wanted
    ]
    immutable = "public, max-age=31536000, immutable"
    assert found[:2] == [("some", "en"), (None, "en")]
    assert found[2:] == [(None, None), ("some", None), (None, "en"), (immutable, "en")]
    assert wanted[2].request.parameters["ContentType"] == "text/javascript; charset=utf-8"


def test_precedence() -> None:
    """Headers for some files win over those for all, and a hashed file's own over both."""
    wanted = items(
        file("a.js"),
        file("a.css"),
        file("b.123.css", plain_path="b.css"),
        FLASKS3_HEADERS={"Cache-Control": "all", "Content-Type": "text/x"},
        FLASKS3_FILEPATH_HEADERS={r"^/\w\.css$": {"Cache-Control": "some"}},
    )
    found = [item.request.parameters["CacheControl"] for item in wanted]
    assert found == ["all", "some", "public, max-age=31536000, immutable"]
    assert wanted[0].request.parameters["ContentType"] == "text/x"


def test_headers_of_hashed_names() -> None:
    """A hashed name has the headers, type and compression of the plain one, and is immutable."""
    rules = {r"^/license$": {"Content-Type": "text/plain", "X-Of": "me", "Cache-Control": "no"}}
    plain, hashed = items(
        file("license"),
        file("license.0123456789abcdef", plain_path="license"),
        FLASKS3_FILEPATH_HEADERS=rules,
        FLASKS3_GZIP=True,
    )
    immutable = {"CacheControl": "public, max-age=31536000, immutable"}
    assert hashed.request.parameters == {**plain.request.parameters, **immutable}
    assert plain.request.parameters["Metadata"] == {"x-of": "me"}
    assert hashed.request.encoding == plain.request.encoding == "gzip"
    assert hashed.key == "license.0123456789abcdef"


def test_content_encoding_of_the_user() -> None:
    """A file that the settings say is encoded already is not encoded again."""
    headers = {r"\.js$": {"Content-Encoding": "gzip"}}
    (item,) = items(file("a.js"), FLASKS3_GZIP=True, FLASKS3_FILEPATH_HEADERS=headers)
    assert item.request.encoding == ""


def test_switching_compression_changes_headers() -> None:
    """Switching compression on is a change of headers for what it is for."""
    index = pushed(Index(), items(file("a.js"), file("a.png")))
    plan = make_plan(items(file("a.js"), file("a.png"), FLASKS3_GZIP=True), index)
    assert [item.key for item in plan.headers_changed] == ["a.js"]
    assert [item.key for item in plan.same] == ["a.png"]


def test_releases() -> None:
    """A push that changes what the app has is a release; one that changes nothing is none."""
    wanted = items(file("a"), file("b"))
    first = pushed(Index(), wanted)
    assert (first.latest, first.current_keys()) == (1, {"a", "b"})
    assert not changes_release(make_plan(wanted, first), first)
    second = pushed(first, items(file("a")))
    assert (second.latest, second.current_keys()) == (2, {"a"})
    assert second.objects["b"].release == 1
    assert changes_release(make_plan(wanted, second), second)


def test_partial_releases() -> None:
    """A push of some files keeps the others in the release."""
    first = pushed(Index(), items(file("a"), file("b")))
    second = pushed(first, items(file("a", "1" * 64)), partial=True)
    assert second.current_keys() == {"a", "b"}


def test_incomplete() -> None:
    """A push that did not end is no release: what is done is noted, what failed forgotten."""
    first = pushed(Index(), items(file("a"), file("b")))
    changed = items(file("a", "1" * 64), file("b", "1" * 64), file("c"))
    index = pushed(first, changed, done=["a"], failed=["b"], is_complete=False)
    assert sorted(index.objects) == ["a"]
    assert index.objects["a"].digest == "1" * 32
    assert index.latest == 1
