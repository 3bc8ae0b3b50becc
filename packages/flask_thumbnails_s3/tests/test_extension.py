import os
import re
import threading
from io import BytesIO
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from cachelib import FileSystemCache, SimpleCache
from flask import Flask, render_template_string
from image_files import ImageFile, OpenImage
from PIL import Image
from thumbnail_place import Place

from flask_thumbnails_s3 import (
    BrokenImageError,
    ConfigError,
    MissingImageError,
    OptionError,
    SourceError,
    ThreadQueue,
    Thumbnail,
    ThumbnailUrl,
    TooLargeError,
)


def show(app: Flask, template: str, **values: Any) -> str:
    with app.test_request_context():
        return render_template_string(template, **values)


def thumbnail(app: Flask, *args: Any, **options: Any) -> ThumbnailUrl:
    with app.test_request_context():
        url: ThumbnailUrl = app.jinja_env.filters["thumbnail"](*args, **options)
    return url


def test_original_filter(place: Place, image_file: ImageFile, open_image: OpenImage) -> None:
    """The original's filter gives the original's URL, on disk and on S3, and the thumbnail is
    there.
    """
    place.save("a/name.jpg", image_file((400, 300)))
    app = place.app()
    template = "{{ image|thumbnail('200x200', crop='fit') }}"
    assert show(app, template, image="a/name.jpg") == place.url("a/name_200x200_fit_85.jpg")
    assert open_image(place.read("a/name_200x200_fit_85.jpg")).size == (200, 200)


def test_original_order_of_arguments(place: Place, image_file: ImageFile) -> None:
    """The original's arguments are taken in its order."""
    place.save("name.jpg", image_file())
    storage_type, bucket = ("s3", place.bucket) if place.bucket else (None, None)
    url = thumbnail(place.app(), "name.jpg", "20x20", "fit", "white", 90, storage_type, bucket)
    assert url == place.url("name_20x20_fit_white_90.jpg")


def test_storage_of_the_object(disk: Place, image_file: ImageFile) -> None:
    """An app that saves to S3 now still shows what an object says is on disk."""
    disk.save("old.jpg", image_file())
    app = disk.app(
        THUMBNAIL_S3_STORAGE_TYPE="s3", THUMBNAIL_S3_BUCKET_NAME="bucket-that-is-not-there"
    )
    template = "{{ 'old.jpg'|thumbnail('20x20', storage_type='', bucket_name='') }}"
    assert show(app, template) == disk.url("old_20x20_85.jpg")


def test_least_settings(disk: Place, image_file: ImageFile) -> None:
    """With nothing but the originals' folder, thumbnails are in the instance folder, and only who
    has a signed URL of the app's own sees them.
    """
    disk.save("a.jpg", image_file())
    app = Flask("least", instance_path=disk.root)
    app.config.update(MEDIA_FOLDER="up", SECRET_KEY="secret")
    Thumbnail(app)
    url = thumbnail(app, "a.jpg", "20x20")
    assert url.startswith("/_thumbnails/file/a_20x20_85.jpg?expires=")
    assert os.listdir(f"{disk.root}/thumbnails") == ["a_20x20_85.jpg"]
    assert app.test_client().get(url).data[:2] == b"\xff\xd8"
    assert app.test_client().get(url.partition("?")[0]).status_code == 403


def test_value(place: Place, image_file: ImageFile) -> None:
    """The filter's value is a str with the thumbnail's width and height."""
    place.save("a.jpg", image_file((400, 300)))
    app = place.app()
    for _ in range(2):
        url = thumbnail(app, "a.jpg", "200x200")
        assert isinstance(url, str)
        assert (url.width, url.height) == (200, 150)
    template = "{% set t = 'a.jpg'|thumbnail('200x200') %}{{ t }} {{ t.width }} {{ t.height }}"
    assert show(app, template).endswith("a_200x200_85.jpg 200 150")


def test_size_of_what_is_there(place: Place, image_file: ImageFile) -> None:
    """Width and height of a thumbnail that another process has made are its own."""
    place.save("a.jpg", image_file((400, 300)))
    place.grow_old("a.jpg")
    thumbnail(place.app(), "a.jpg", "200x200")
    place.calls.clear()
    url = thumbnail(place.app(), "a.jpg", "200x200")
    assert (url.width, url.height) == (200, 150)
    assert place.calls["open", "a.jpg"] == place.count("save") == 0


def test_aliases(place: Place, image_file: ImageFile) -> None:
    """An alias in the settings stands for a size and its options."""
    place.save("a.jpg", image_file())
    app = place.app(THUMBNAIL_ALIASES={"avatar": {"size": "32x32", "crop": "fit", "quality": 70}})
    assert show(app, "{{ 'a.jpg'|thumbnail('avatar') }}") == place.url("a_32x32_fit_70.jpg")


@pytest.mark.parametrize("mode", ["inline", "lazy", "queue"])
def test_wrong_options(mode: str, disk: Place) -> None:
    """A wrong size or an unknown option raises with the rule, in every mode."""
    app = disk.app(THUMBNAIL_MODE=mode)
    with pytest.raises(OptionError, match="'200x100', '200x' or 'x100'"):
        thumbnail(app, "a.jpg", "200")
    with pytest.raises(OptionError, match="'colour' is not known"):
        thumbnail(app, "a.jpg", "20x20", colour="red")
    with pytest.raises(OptionError, match="list or dict"):
        thumbnail(app, "a.jpg", "20x20", bg=[1, 2, 3])


def test_real_format(place: Place, image_file: ImageFile, open_image: OpenImage) -> None:
    """The extension is that of the bytes, whatever the original's name says of its own."""
    place.save("really.jpg", image_file(format="PNG"))
    place.save("none", image_file(format="PNG"))
    app = place.app()
    for image, options, name, format in [
        ("really.jpg", {}, "really_20x20_85.jpg", "JPEG"),
        ("really.jpg", {"format": "webp"}, "really_20x20_80_jpg.webp", "WEBP"),
        ("really.jpg", {"format": "avif"}, "really_20x20_70_jpg.avif", "AVIF"),
        ("none", {}, "none_20x20_80_.webp", "WEBP"),
        ("none", {"format": "png"}, "none_20x20_85_.png", "PNG"),
    ]:
        assert thumbnail(app, image, "20x20", **options) == place.url(name)
        assert open_image(place.read(name)).format == format


def test_warm_page(place: Place, image_file: ImageFile) -> None:
    """A warm page of 50 thumbnails makes no storage call (an existence check each: seconds)."""
    for number in range(50):
        place.save(f"{number}.jpg", image_file((8, 6)))
    app = place.app()
    template = "{% for i in range(50) %}{{ (i ~ '.jpg')|thumbnail('4x4') }} {% endfor %}"
    cold = show(app, template)
    assert place.count("save") == 50
    place.calls.clear()
    assert show(app, template) == cold
    assert not place.calls


def test_warm_page_sends_nothing_to_s3(s3: Place, image_file: ImageFile) -> None:
    """The SDK's own client sends no request for a warm page."""
    s3.save("a.jpg", image_file())
    app = s3.app(thumbnail=Thumbnail())
    sent = []
    client: Any = app.extensions["flask_thumbnails_s3"].first.files.thumbnails(s3.bucket).client
    client.meta.events.register("before-send.s3", lambda request, **_: sent.append(request.url))
    thumbnail(app, "a.jpg", "20x20")
    assert sent
    sent.clear()
    thumbnail(app, "a.jpg", "20x20")
    assert not sent


@pytest.mark.servers
@pytest.mark.servers
def test_private_bucket(s3: Place, image_file: ImageFile) -> None:
    """Sources and thumbnails in a private bucket go through s3_saver (the original fetched over
    public HTTP).
    """
    s3.save("a.jpg", image_file())
    url = thumbnail(s3.app(), "a.jpg", "20x20")
    assert s3.names() == ["a_20x20_85.jpg"]
    for private in (url, url.replace("thumbs/a_20x20_85", "up/a")):
        with pytest.raises(HTTPError, match="403") as refused:
            urlopen(private)
        refused.value.close()


@pytest.mark.parametrize("acl", [None, "public-read"])
def test_headers(acl: str | None, s3: Place, image_file: ImageFile) -> None:
    """No ACL is sent unless THUMBNAIL_S3_ACL says so; the content type is the format's."""
    s3.save("a.jpg", image_file())
    app = s3.app(thumbnail=Thumbnail(), THUMBNAIL_S3_ACL=acl)
    sent = []
    client: Any = app.extensions["flask_thumbnails_s3"].first.files.thumbnails(s3.bucket).client
    client.meta.events.register(
        "before-call.s3.PutObject", lambda params, **_: sent.append(params["headers"])
    )
    thumbnail(app, "a.jpg", "20x20", format="webp")
    assert sent[0].get("x-amz-acl") == acl
    assert sent[0]["Content-Type"] == "image/webp"


def test_replaced_source(place: Place, image_file: ImageFile, open_image: OpenImage) -> None:
    """Thumbnails of a source that was replaced are stale no longer than the cache remembers, even
    if it was replaced within the second in which they were made (ET#312).
    """
    place.save("a.jpg", image_file(image=Image.new("RGB", (80, 60), "red")))
    thumbnail(place.app(), "a.jpg", "20x20")
    place.save("a.jpg", image_file(image=Image.new("RGB", (60, 80), "red")))
    url = thumbnail(place.app(), "a.jpg", "20x20")
    assert (url.width, url.height) == (15, 20)
    assert open_image(place.read("a_20x20_85.jpg")).size == (15, 20)


def test_source_that_is_gone(place: Place, image_file: ImageFile) -> None:
    """A thumbnail that is there is shown even if its original is gone."""
    place.save("a.jpg", image_file())
    thumbnail(place.app(), "a.jpg", "20x20")
    place.originals.delete("a.jpg")
    assert thumbnail(place.app(), "a.jpg", "20x20") == place.url("a_20x20_85.jpg")


def test_half_a_thumbnail(place: Place, image_file: ImageFile, open_image: OpenImage) -> None:
    """Half a thumbnail that another program has left is made again."""
    place.save("a.jpg", image_file())
    place.thumbnails.save("a_20x20_85.jpg", BytesIO(b"half"))
    assert thumbnail(place.app(), "a.jpg", "20x20").width == 20
    assert open_image(place.read("a_20x20_85.jpg")).size == (20, 15)


BROKEN = {
    "missing": (None, MissingImageError, "there is no"),
    "empty": (b"", BrokenImageError, "the file is empty"),
    "fake": (b"GIF89a, or not", BrokenImageError, "the file ends too early"),
    "unsafe": (None, MissingImageError, "not safe"),
}


@pytest.mark.parametrize(
    "kind", ["missing", "empty", "fake", "truncated", "huge", "heavy", "unsafe"]
)
def test_broken_source(
    kind: str, place: Place, image_file: ImageFile, caplog: pytest.LogCaptureFixture
) -> None:
    """A missing, empty, fake, truncated or huge source gives a placeholder and one log line with
    the reason, raises in strict mode, and is remembered for a while.
    """
    good = image_file((100, 100))
    data, error, reason = (
        BROKEN.get(kind)
        or {
            "truncated": (good[: len(good) // 2], BrokenImageError, "the file ends|truncated"),
            "huge": (
                image_file((101, 100)),
                TooLargeError,
                "10,100 pixels are more than THUMBNAIL_MAX_PIXELS = 10000",
            ),
            "heavy": (good + b"\0" * 5000, TooLargeError, "THUMBNAIL_MAX_BYTES = 5000"),
        }[kind]
    )
    image = "../a.jpg" if kind == "unsafe" else "a.jpg"
    if data is not None:
        place.save(image, data)
    limits: dict[str, Any] = {"THUMBNAIL_MAX_PIXELS": 10_000, "THUMBNAIL_MAX_BYTES": 5_000}
    app = place.app(**limits)
    for _ in range(3):
        url = thumbnail(app, image, "40x30")
        assert url.startswith("data:image/svg+xml,")
        assert (url.width, url.height) == (40, 30)
    lines = [record.message for record in caplog.records if record.name == "flask_thumbnails_s3"]
    assert len(lines) == 1
    assert image in lines[0]
    assert re.search(reason, lines[0])
    assert place.calls["open", image] <= 1

    strict = place.app(**limits, THUMBNAIL_ON_ERROR="raise")
    for _ in range(2):
        with pytest.raises(error, match=reason):
            thumbnail(strict, image, "40x30")
    assert not place.names()


@pytest.mark.parametrize("mode", ["inline", "lazy", "queue"])
@pytest.mark.parametrize("image", ["", None])
def test_no_image(image: str | None, mode: str, disk: Place) -> None:
    """An object without an image gives the placeholder in every mode, and raises in strict mode."""
    assert thumbnail(disk.app(THUMBNAIL_MODE=mode), image, "40x30").startswith("data:image/svg")
    app = disk.app(THUMBNAIL_MODE=mode, THUMBNAIL_ON_ERROR="raise")
    with pytest.raises(MissingImageError, match="empty"):
        thumbnail(app, image, "40x30")


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({"THUMBNAIL_ON_ERROR": "empty"}, ""),
        ({"THUMBNAIL_ON_ERROR": "original"}, "original"),
        ({"THUMBNAIL_PLACEHOLDER": "original"}, "original"),
        ({"THUMBNAIL_PLACEHOLDER": "/static/none.png"}, "/static/none.png"),
    ],
)
def test_on_error(settings: dict[str, Any], url: str, place: Place) -> None:
    """What a broken source gives is a setting's choice."""
    place.save("a.jpg", b"no image")
    shown = thumbnail(place.app(**settings), "a.jpg", "20x20")
    if url == "original":
        assert shown.startswith(place.original_url("a.jpg"))
    else:
        assert shown == url


@pytest.mark.parametrize("mode", ["inline", "queue"])
@pytest.mark.parametrize("image", ["../a.jpg", "a//b.jpg", "/a.jpg", "a\0.jpg", "x" * 2000])
def test_hostile_name(image: str, mode: str, place: Place) -> None:
    """A name that leads elsewhere, or that no file can have, ends no page, whatever is shown."""
    original = {"THUMBNAIL_ON_ERROR": "original", "THUMBNAIL_PLACEHOLDER": "original"}
    for settings in ({}, original):
        config: dict[str, Any] = {"THUMBNAIL_MODE": mode, **settings}
        assert thumbnail(place.app(**config), image, "20x20").stands_in


def test_storage_that_refuses(disk: Place, caplog: pytest.LogCaptureFixture) -> None:
    """A storage that does not answer gives the placeholder and a log line, not a page's end."""
    app = disk.app(
        thumbnail=Thumbnail(),
        THUMBNAIL_S3_STORAGE_TYPE="s3",
        THUMBNAIL_S3_BUCKET_NAME="bucket",
        THUMBNAIL_S3_ENDPOINT_URL="http://127.0.0.1:1",
        THUMBNAIL_S3_REGION="us-east-1",
    )
    assert thumbnail(app, "a.jpg", "20x20").startswith("data:")
    assert "no thumbnail of 'a.jpg' on bucket 'bucket'" in caplog.text


def test_failure_ends(place: Place, image_file: ImageFile) -> None:
    """A source that was missing is looked for again after THUMBNAIL_ERROR_TIMEOUT."""
    app = place.app(THUMBNAIL_ERROR_TIMEOUT=1)
    assert thumbnail(app, "a.jpg", "20x20").startswith("data:")
    place.save("a.jpg", image_file())
    for _ in range(60):
        url = thumbnail(app, "a.jpg", "20x20")
        if not url.stands_in:
            break
        threading.Event().wait(0.05)
    assert url == place.url("a_20x20_85.jpg")


def test_ten_at_once(place: Place, image_file: ImageFile) -> None:
    """Ten requests for one new thumbnail make it once, and none sees half of it."""
    place.save("a.jpg", image_file((2000, 1500)))
    app = place.app()
    barrier = threading.Barrier(10)
    urls = []

    def ask() -> None:
        barrier.wait()
        urls.append(thumbnail(app, "a.jpg", "20x20"))

    threads = [threading.Thread(target=ask) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {(str(url), url.width, url.height) for url in urls} == {
        (place.url("a_20x20_85.jpg"), 20, 15)
    }
    assert place.calls["open", "a.jpg"] == place.calls["save", "a_20x20_85.jpg"] == 1


class AtomicCache(FileSystemCache):
    """A cache in which one of several `add` wins, as in Redis and memcached."""

    _lock = threading.Lock()

    def add(self, *args: Any, **options: Any) -> bool:
        with self._lock:
            return bool(super().add(*args, **options))


def test_two_processes_at_once(place: Place, image_file: ImageFile, tmp_path: Any) -> None:
    """Of two processes that share a cache and want the same new thumbnail, one makes it, and both
    show it.
    """
    place.save("a.jpg", image_file((2000, 1500)))
    apps = [
        place.app(
            thumbnail=Thumbnail(
                storage_for=place.counted, cache=AtomicCache(str(tmp_path / "cache"))
            )
        )
        for _ in range(2)
    ]
    barrier = threading.Barrier(2)
    urls = []

    def ask(app: Flask) -> None:
        barrier.wait()
        urls.append(str(thumbnail(app, "a.jpg", "20x20")))

    threads = [threading.Thread(target=ask, args=(app,)) for app in apps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert urls == [place.url("a_20x20_85.jpg")] * 2
    assert place.calls["open", "a.jpg"] == place.calls["save", "a_20x20_85.jpg"] == 1


def test_lease_of_a_crashed_process(place: Place, image_file: ImageFile, state_of: Any) -> None:
    """What a crashed process was making is made by the next one after the lease ("generating"
    remembered for ever, imagekit).
    """
    place.save("a.jpg", image_file())
    app = place.app(THUMBNAIL_LEASE=1)
    state = state_of(app)
    state.memory.acquire(state.wants.key(place.bucket, "a_20x20_85.jpg"), "crashed")
    assert thumbnail(app, "a.jpg", "20x20") == place.url("a_20x20_85.jpg")


def test_generate(place: Place, image_file: ImageFile) -> None:
    """generate makes all at once with one fetch of the source, and leaves what is there alone."""
    place.save("a.jpg", image_file())
    place.grow_old("a.jpg")
    extension = Thumbnail(storage_for=place.counted)
    app = place.app(thumbnail=extension, THUMBNAIL_ALIASES={"avatar": {"size": "10x10"}})
    specs: list[Any] = ["avatar", "20x20", {"size": "30x30", "crop": "fit", "format": "webp"}]
    names = ["a_10x10_85.jpg", "a_20x20_85.jpg", "a_30x30_fit_80_jpg.webp"]
    with app.app_context():
        assert extension.generate("a.jpg", specs) == names
        assert extension.generate("a.jpg", specs) == names
    assert sorted(place.names()) == names
    assert place.calls["open", "a.jpg"] == 1
    assert place.count("save") == 3


def test_generate_again(place: Place, image_file: ImageFile) -> None:
    """generate goes by what is in the storage, not by what the cache remembers."""
    extension = Thumbnail(storage_for=place.counted)
    app = place.app(thumbnail=extension)
    with app.app_context():
        with pytest.raises(MissingImageError):
            extension.generate("a.jpg", ["20x20"])
        place.save("a.jpg", image_file())
        extension.generate("a.jpg", ["20x20"])
        place.thumbnails.delete("a_20x20_85.jpg")
        extension.generate("a.jpg", ["20x20"])
    assert place.names() == ["a_20x20_85.jpg"]


def test_generate_wrong_spec(disk: Place) -> None:
    """A spec without a size, or with an option that is none, raises with the rule."""
    extension = Thumbnail()
    app = disk.app(thumbnail=extension)
    with app.app_context():
        with pytest.raises(OptionError, match="must have a 'size'"):
            extension.generate("a.jpg", [{"crop": "fit"}])
        for name in ("image", "bucket_name", "storage_type", "self"):
            with pytest.raises(OptionError, match=f"option '{name}' is not known"):
                extension.generate("a.jpg", [{"size": "20x20", name: "b"}])


@pytest.mark.parametrize(
    ("specs", "rule"),
    [
        ("2x2", "specs '2x2': must be a list"),
        ({"size": "2x2"}, "specs .*: must be a list"),
        (5, "specs 5: must be a list"),
        ([5], "spec 5: must be a size or an alias, or a dict"),
    ],
)
def test_generate_wants_a_list(disk: Place, specs: Any, rule: str) -> None:
    """A single size is not taken for a list of its letters."""
    extension = Thumbnail()
    with disk.app(thumbnail=extension).app_context(), pytest.raises(OptionError, match=rule):
        extension.generate("a.jpg", specs)


def test_delete_wrong_name(place: Place) -> None:
    """A name that leads out of the folder raises an error that shows it as it was passed."""
    extension = Thumbnail(storage_for=place.counted)
    rule = r"image '\.\./a\.jpg': must be its name below"
    with place.app(thumbnail=extension).app_context(), pytest.raises(OptionError, match=rule):
        extension.delete("../a.jpg")


@pytest.mark.parametrize("queue", [5, "threads", ThreadQueue])
def test_wrong_queue(queue: Any) -> None:
    """What is no queue is refused at once."""
    with pytest.raises(ConfigError, match="must be a queue, such as ThreadQueue"):
        Thumbnail(queue=queue)


def test_delete(place: Place, image_file: ImageFile) -> None:
    """delete removes exactly the thumbnails of one image, never those of thing2 with thing."""
    images = [
        "thing.jpg",
        "thing2.jpg",
        "thing_2.jpg",
        "thing.png",
        "thing_20x20_85.jpg",
        "d/thing.jpg",
    ]
    extension = Thumbnail(storage_for=place.counted)
    app = place.app(thumbnail=extension)
    with app.test_request_context():
        for image in images:
            place.save(image, image_file(format="PNG" if "png" in image else "JPEG"))
            extension.generate(image, ["20x20", {"size": "10x10", "format": "webp"}])
        before = set(place.names())
        gone = {"thing_20x20_85.jpg", "thing_10x10_80_jpg.webp"}
        assert set(extension.delete("thing.jpg")) == gone
        assert set(place.names()) == before - gone
        assert extension.delete("thing.jpg") == []

        place.save("thing.jpg", image_file((60, 80)))
        url = extension.thumbnail("thing.jpg", "20x20")
        assert (url.width, url.height) == (15, 20)


def test_several_apps(tmp_path: Any, image_file: ImageFile) -> None:
    """One instance serves several apps, each with its own settings; none is kept on it."""
    extension = Thumbnail()
    apps = []
    for name in ("one", "two"):
        app = Flask(name, instance_path=str(tmp_path / name))
        app.config.update(MEDIA_FOLDER="up", S3_PRIVATE=False, THUMBNAIL_ROUTE=f"/{name}")
        (tmp_path / name / "up").mkdir(parents=True)
        (tmp_path / name / "up" / f"{name}.jpg").write_bytes(image_file())
        extension.init_app(app)
        apps.append(app)
    for app in apps:
        file = f"{app.name}_20x20_85.jpg"
        assert thumbnail(app, f"{app.name}.jpg", "20x20") == f"/{app.name}/file/{file}"
        assert (tmp_path / app.name / "thumbnails" / file).exists()
    assert not [value for value in vars(extension).values() if isinstance(value, Flask)]


def test_apps_that_share_a_cache(tmp_path: Any, image_file: ImageFile) -> None:
    """Two sites with one cache server don't take each other's thumbnails for theirs."""
    cache = SimpleCache()
    for name in ("one", "two"):
        app = Flask(name, instance_path=str(tmp_path / name))
        app.config.update(MEDIA_FOLDER="up", SECRET_KEY="secret")
        (tmp_path / name / "up").mkdir(parents=True)
        (tmp_path / name / "up" / "a.jpg").write_bytes(image_file())
        Thumbnail(app, cache=cache)
        thumbnail(app, "a.jpg", "20x20")
        assert (tmp_path / name / "thumbnails" / "a_20x20_85.jpg").exists()


def test_machines_with_other_folders(s3: Place, image_file: ImageFile) -> None:
    """Two machines of one site that share a cache and a bucket know each other's thumbnails,
    wherever the folders would be on their disks.
    """
    s3.save("a.jpg", image_file())
    cache = SimpleCache()
    thumbnail(s3.app(thumbnail=Thumbnail(storage_for=s3.counted, cache=cache)), "a.jpg", "20x20")
    s3.calls.clear()
    s3.root = "/srv/another"
    app = s3.app(thumbnail=Thumbnail(storage_for=s3.counted, cache=cache))
    assert thumbnail(app, "a.jpg", "20x20") == s3.url("a_20x20_85.jpg")
    assert not s3.calls


def test_no_app() -> None:
    """What is no Flask app is refused in words."""
    for call in (Thumbnail, Thumbnail().init_app):
        with pytest.raises(ConfigError, match=r"app must be a Flask app, .*, got 'photos'"):
            call("photos")  # type: ignore[arg-type]


def test_init_app_twice(disk: Place) -> None:
    """A second init_app for the same app is refused."""
    extension = Thumbnail()
    app = disk.app(thumbnail=extension)
    with pytest.raises(ConfigError, match="has a Thumbnail already"):
        extension.init_app(app)
    with pytest.raises(ConfigError, match="has a Thumbnail already"):
        Thumbnail(app)


def test_app_without_init(disk: Place) -> None:
    """A call for an app that was never given says what to call."""
    with Flask("other").app_context(), pytest.raises(ConfigError, match="init_app"):
        Thumbnail().thumbnail("a.jpg", "20x20")


def test_errors_are_one_tree() -> None:
    """Everything that can be wrong with an image is one error to catch."""
    assert issubclass(MissingImageError, SourceError)
    assert issubclass(BrokenImageError, SourceError)
