import time
from hashlib import blake2b, sha256
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask, render_template_string
from image_files import ImageFile
from thumbnail_place import Place

from flask_thumbnails_s3 import ConfigError


def show(app: Flask, image: str = "a/b c.jpg", **options: Any) -> Any:
    with app.test_request_context():
        return app.jinja_env.filters["thumbnail"](image, "20x20", **options)


def test_story(place: Place, image_file: ImageFile) -> None:
    """The page gets at once a URL of the app's own; the browser's request makes the thumbnail and
    is led to its real URL; then the page gives that straight away.
    """
    place.save("a/b c.jpg", image_file())
    app = place.app(THUMBNAIL_MODE="lazy")
    url = show(app, crop="fit")
    assert url.startswith("/_thumbnails/new/a/b%20c_20x20_fit_85.jpg?expires=")
    assert (url.width, url.height) == (20, 20)
    assert not place.calls

    real = place.url("a/b%20c_20x20_fit_85.jpg")
    answer = app.test_client().get(url)
    assert (answer.status_code, answer.location) == (302, real)
    assert place.names() == ["a/b c_20x20_fit_85.jpg"]
    assert show(app, crop="fit") == real

    place.calls.clear()
    assert app.test_client().get(url).location == real
    assert not place.calls


def test_size_that_depends_on_the_image(disk: Place) -> None:
    """A width or height that depends on an image that nobody has looked at is None."""
    url = show(disk.app(THUMBNAIL_MODE="lazy"))
    assert url.width is url.height is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("20x20", "2000x2000"),
        ("b%20c", "other"),
        ("_85", "_84"),
        ("expires=", "expires=9"),
        ("signature=", "signature=x"),
        ("signature=", "sig="),
        ("expires=", "exp="),
        ("?", "?bucket=other-bucket&"),
    ],
)
def test_tampered(old: str, new: str, place: Place, image_file: ImageFile) -> None:
    """A URL that was tampered with is refused by 403 before anything is read or decoded: the route
    is no way to let the server resize what one likes (imgproxy#106).
    """
    place.save("a/b c.jpg", image_file())
    app = place.app(THUMBNAIL_MODE="lazy")
    url = show(app)
    assert old in url
    assert app.test_client().get(url.replace(old, new, 1)).status_code == 403
    assert not place.calls


def test_signature_of_another_purpose(disk: Place) -> None:
    """A signature that the app's key has made for something else is refused."""
    from itsdangerous import Signer, base64_encode

    app = disk.app(THUMBNAIL_MODE="lazy")
    parts = urlsplit(show(app))
    query = parse_qs(parts.query)
    value = f'[{query["expires"][0]},"","a/b c_20x20_85.jpg"]'
    key = Signer("secret", key_derivation="hmac", digest_method=sha256).derive_key()
    forged = base64_encode(blake2b(value.encode(), key=key, digest_size=24).digest()).decode()
    answer = app.test_client().get(f"{parts.path}?expires={query['expires'][0]}&signature={forged}")
    assert answer.status_code == 403


def test_expired(place: Place, image_file: ImageFile, monkeypatch: pytest.MonkeyPatch) -> None:
    """A URL that has expired is refused by 410 before anything is read."""
    place.save("a/b c.jpg", image_file())
    app = place.app(THUMBNAIL_MODE="lazy", THUMBNAIL_ROUTE_EXPIRES=100)
    url = show(app)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 100)
    assert app.test_client().head(url).status_code == 302
    place.calls.clear()
    monkeypatch.setattr(time, "time", lambda: now + 201)
    assert app.test_client().get(url).status_code == 410
    assert not place.calls


def test_stable(disk: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The URL stays the same within a window, so that pages stay equal."""
    app = disk.app(THUMBNAIL_MODE="lazy", THUMBNAIL_ROUTE_EXPIRES=100)
    start = time.time() // 100 * 100
    urls = set()
    for seconds in (0, 50, 99):
        monkeypatch.setattr(time, "time", lambda seconds=seconds: start + seconds)
        urls.add(str(show(app)))
    assert len(urls) == 1


def test_secret_key_is_needed(disk: Place) -> None:
    """Without a SECRET_KEY, lazy mode says so."""
    with pytest.raises(ConfigError, match="SECRET_KEY"):
        show(disk.app(THUMBNAIL_MODE="lazy", SECRET_KEY=None))


def test_old_key(disk: Place, image_file: ImageFile) -> None:
    """URLs that were signed with a key that has been rotated out hold until they expire."""
    disk.save("a/b c.jpg", image_file())
    url = show(disk.app(THUMBNAIL_MODE="lazy", SECRET_KEY="old"))
    app = disk.app(THUMBNAIL_MODE="lazy", SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old"])
    assert app.test_client().get(url).status_code == 302
    assert disk.app(THUMBNAIL_MODE="lazy").test_client().get(url).status_code == 403


@pytest.mark.parametrize(
    ("settings", "status", "body"),
    [
        ({}, 404, b'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20">'),
        ({"THUMBNAIL_ON_ERROR": "empty"}, 404, b"Not Found"),
        ({"THUMBNAIL_PLACEHOLDER": "/static/none.png"}, 302, b"/static/none.png"),
        ({"THUMBNAIL_ON_ERROR": "original"}, 302, b"/a/b%20c.jpg"),
        ({"THUMBNAIL_ON_ERROR": "raise"}, 500, b""),
    ],
)
def test_broken_source(settings: dict[str, Any], status: int, body: bytes, place: Place) -> None:
    """For a broken source the browser gets what the settings say."""
    place.save("a/b c.jpg", b"no image")
    app = place.app(THUMBNAIL_MODE="lazy", **settings)
    answer = app.test_client().get(show(app))
    assert answer.status_code == status
    assert body in answer.data


def test_other_modes_have_no_route(disk: Place) -> None:
    """The route is there in lazy mode only."""
    url = show(disk.app(THUMBNAIL_MODE="lazy"))
    assert disk.app().test_client().get(url).status_code == 404


def test_route(disk: Place, image_file: ImageFile) -> None:
    """The route is where THUMBNAIL_ROUTE says, also below a prefix."""
    disk.save("a/b c.jpg", image_file())
    app = disk.app(THUMBNAIL_MODE="lazy", THUMBNAIL_ROUTE="/img/", APPLICATION_ROOT="/sub")
    with app.test_request_context(base_url="http://localhost/sub"):
        url = app.jinja_env.filters["thumbnail"]("a/b c.jpg", "20x20")
    assert url.startswith("/sub/img/new/a/b%20c_20x20_85.jpg?")
    assert app.test_client().get(url.removeprefix("/sub")).status_code == 302


def test_name_of_another_version(disk: Place, state_of: Any) -> None:
    """A URL of ours whose name this version does not give is not found."""
    app = disk.app(THUMBNAIL_MODE="lazy")
    with app.test_request_context():
        url = state_of(app).signer.url("a_20x20.jpg")
    assert app.test_client().get(url).status_code == 404


def test_name_that_no_url_can_have(disk: Place, caplog: pytest.LogCaptureFixture) -> None:
    """A name that cannot be in a URL gives the placeholder and a log line; nothing is signed."""
    assert show(disk.app(THUMBNAIL_MODE="lazy"), "a\udc80.jpg").stands_in
    assert "cannot be written in UTF-8" in caplog.text


def test_escaped_in_a_page(disk: Place) -> None:
    """The URL is escaped in a page as any text."""
    app = disk.app(THUMBNAIL_MODE="lazy")
    with app.test_request_context():
        html = render_template_string("{{ 'a.jpg'|thumbnail('20x20') }}")
    assert "&amp;signature=" in html


@pytest.mark.parametrize(
    "image", ["payroll-bucket\n@payroll-bucket/secret.jpg", "../secret.jpg", "a\x00.jpg"]
)
def test_names_are_checked_first(image: str, disk: Place) -> None:
    """A name that no file can have, such as one that imitates what was signed, is not signed."""
    assert show(disk.app(THUMBNAIL_MODE="lazy"), image).startswith("data:")


def test_signature_is_for_one_bucket(s3: Place, make_s3_bucket: Any) -> None:
    """A row's name cannot make the signature of one bucket good for another one, with whatever
    spelling of the end.
    """
    other = make_s3_bucket()
    app = s3.app(THUMBNAIL_MODE="lazy", S3_ALLOWED_BUCKETS=[other])
    parts = urlsplit(show(app, f"@{other}/a.jpg"))
    query = parse_qs(parts.query)
    path = f"/_thumbnails/new/%40{other}/a_20x20_85.jpg"
    for end in (query["expires"][0], f"{query['expires'][0]}%0A", "x", "", "-1", "\u0661"):
        url = f"{path}?expires={end}&signature={query['signature'][0]}&bucket={other}"
        assert app.test_client().get(url).status_code == 403


@pytest.mark.parametrize("change", ["{}A", "{}=", " {}", "{}%0A", "\u00e9{}", "{}!"])
def test_one_spelling_of_a_signature(change: str, disk: Place) -> None:
    """A signature counts only as it was written, though decoders are lenient."""
    app = disk.app(THUMBNAIL_MODE="lazy")
    url, _, signature = show(app).rpartition("signature=")
    changed = f"{url}signature={change.format(signature)}"
    assert app.test_client().get(changed).status_code == 403


def test_bucket_that_is_no_longer_allowed(s3: Place, make_s3_bucket: Any) -> None:
    """A URL for an image in a bucket that the settings allowed when it was signed leads nowhere."""
    other = make_s3_bucket()
    before = s3.app(THUMBNAIL_MODE="lazy", S3_ALLOWED_BUCKETS=[other])
    url = show(before, storage_type="s3", bucket_name=other)
    assert url.endswith(f"&bucket={other}")
    assert s3.app(THUMBNAIL_MODE="lazy").test_client().get(url).status_code == 404
    assert not s3.calls
