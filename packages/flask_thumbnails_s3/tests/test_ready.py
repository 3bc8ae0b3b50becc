"""Placeholders that a script replaces when their thumbnails are ready."""

from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from image_files import ImageFile
from thumbnail_place import Place

from flask_thumbnails_s3 import Job, Thumbnail, run_job


class HeldQueue:
    """Keeps its jobs until a test does them."""

    def __init__(self) -> None:
        self.jobs: list[Job] = []

    def init_app(self, app: Flask) -> None:
        """Nothing is needed."""

    def put(self, app: Flask, job: Job) -> None:
        self.jobs.append(job)


def make_app(place: Place, **config: Any) -> tuple[Flask, HeldQueue]:
    queue = HeldQueue()
    thumbnail = Thumbnail(queue=queue)
    return place.app(thumbnail=thumbnail, THUMBNAIL_MODE="queue", **config), queue


def show(app: Flask, image: str) -> str:
    with app.test_request_context():
        return str(app.jinja_env.filters["thumbnail"](image, "20x20"))


def ask(app: Flask, *tokens: str) -> list[dict[str, Any]]:
    query = "&".join(f"of={quote(token, safe='')}" for token in tokens)
    answer = app.test_client().get(f"/_thumbnails/ready?{query}")
    assert answer.headers["Cache-Control"] == "no-store"
    found: list[dict[str, Any]] = answer.get_json()
    return found


def token_of(url: str) -> str:
    start, mark, token = url.partition("#thumbnail=")
    assert start.startswith("data:image/svg+xml,")
    assert mark
    return token


def test_ready(place: Place, image_file: ImageFile) -> None:
    """A placeholder's token finds out when the thumbnail is ready, and where; then the page has
    that by itself.
    """
    place.save("d/a b.jpg", image_file((80, 60)))
    app, queue = make_app(place, THUMBNAIL_S3_PRIVATE=True)
    token = token_of(show(app, "d/a b.jpg"))
    assert ask(app, token) == [{}]
    (job,) = queue.jobs
    run_job(app, job)
    (found,) = ask(app, token)
    assert "ignature=" in found["url"]
    assert (found["width"], found["height"]) == (20, 15)
    assert "#" not in show(app, "d/a b.jpg")


def test_failed(place: Place, image_file: ImageFile) -> None:
    """What cannot be made is not asked for again; nor is what nobody has signed, or for another
    image, or too long ago.
    """
    app, queue = make_app(place)
    token = token_of(show(app, "no.jpg"))
    run_job(app, queue.jobs.pop())
    place.save("a.jpg", image_file())
    good = token_of(show(app, "a.jpg"))
    end = good.split("/")[1]
    wrong = [
        token,
        "",
        "~",
        "//",
        good.replace("a_", "b_"),
        good.replace(end, "1"),
        good.replace(end, str(int(end) + 1)),
        f"other{good}",
        good[:-3],
    ]
    assert ask(app, *wrong) == [{"failed": True}] * len(wrong)
    assert ask(app, good) == [{}]


def test_lost_job(place: Place, image_file: ImageFile, state_of: Any) -> None:
    """If a job is lost, the script's question sends it again when its lease has ended."""
    place.save("a.jpg", image_file())
    app, queue = make_app(place)
    token = token_of(show(app, "a.jpg"))
    queue.jobs.clear()
    assert ask(app, token) == [{}]
    assert not queue.jobs
    state_of(app).memory.revoke([state_of(app).wants.key(place.bucket, "a_20x20_85.jpg")])
    assert ask(app, token) == [{}]
    run_job(app, queue.jobs.pop())
    assert "url" in ask(app, token)[0]


def test_too_many(disk: Place) -> None:
    """One question has 50 tokens at most."""
    app, _ = make_app(disk)
    assert app.test_client().get("/_thumbnails/ready?" + "&of=x" * 51).status_code == 400


@pytest.mark.parametrize("placeholder", ["/static/none.png", "original", "/static/all.svg#one"])
def test_other_placeholders(placeholder: str, disk: Place, image_file: ImageFile) -> None:
    """Any placeholder has the token, but for one whose URL has a fragment of its own."""
    disk.save("a.jpg", image_file())
    app, _ = make_app(disk, THUMBNAIL_PLACEHOLDER=placeholder)
    url = show(app, "a.jpg")
    if "#" in placeholder:
        assert url == placeholder
    else:
        assert "#thumbnail=" in url
        assert ask(app, url.partition("#thumbnail=")[2]) == [{}]


def test_without_a_key(disk: Place) -> None:
    """Without a SECRET_KEY nothing can be signed, and placeholders stay until the next page."""
    app, _ = make_app(disk, SECRET_KEY=None)
    assert "#" not in show(app, "a.jpg")


def test_script(disk: Place) -> None:
    """The script is an element with the page's nonce, and its file stays the same under its URL;
    in other modes there is none.
    """
    app, _ = make_app(disk)
    with app.test_request_context():
        tag = app.jinja_env.from_string("{{ thumbnail_script(nonce='a\"b') }}").render()
    start, _, rest = tag.partition('src="')
    url = rest.partition('"')[0]
    assert start == "<script "
    assert rest.endswith('data-ready="/_thumbnails/ready" nonce="a&#34;b" defer></script>')
    answer = app.test_client().get(url)
    assert answer.mimetype == "text/javascript"
    assert "immutable" in answer.headers["Cache-Control"]
    assert b"#thumbnail=" in answer.data
    other = disk.app(THUMBNAIL_MODE="lazy")
    with other.test_request_context():
        assert other.jinja_env.from_string("{{ thumbnail_script() }}").render() == ""
    assert other.test_client().get(url).status_code == 404
