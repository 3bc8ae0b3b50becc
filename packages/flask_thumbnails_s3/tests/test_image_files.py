import re
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

import pytest
from flask import Flask
from image_files import ImageFile, OpenImage
from thumbnail_place import Place

from flask_thumbnails_s3 import ConfigError, OptionError, StorageFailedError, Thumbnail
from flask_thumbnails_s3.naming._options import Spec
from s3_saver import LocalStorage, NotConfiguredError
from s3_saver.testing import S3Server


def urls(app: Flask, image: str = "a/b c.jpg", **options: Any) -> str:
    """What a page shows, less the token of what stands in for a thumbnail."""
    with app.test_request_context():
        url = app.jinja_env.filters["thumbnail"](image, "20x20", **options)
    return str(url).partition("#thumbnail=")[0]


def plain_app(**config: Any) -> Flask:
    app = Flask("project", instance_path="/srv/instance", static_folder="/srv/static")
    app.config.update(
        {
            "MEDIA_FOLDER": "/srv/static/up",
            "THUMBNAIL_S3_STORAGE_TYPE": "s3",
            "THUMBNAIL_S3_BUCKET_NAME": "my-bucket",
            "THUMBNAIL_S3_STATIC_ROOT_PARENT": "/srv",
            "THUMBNAIL_S3_ACCESS_KEY_ID": "id",
            "THUMBNAIL_S3_ACCESS_KEY_SECRET": "secret",
            "THUMBNAIL_S3_REGION": "eu-north-1",
            "THUMBNAIL_S3_PRIVATE": False,
            "THUMBNAIL_S3_ALLOWED_BUCKETS": ["other-bucket", "other"],
            "SECRET_KEY": "secret",
            "THUMBNAIL_MODE": "queue",
            "THUMBNAIL_PLACEHOLDER": "original",
        }
        | config
    )
    Thumbnail(app, queue=NoQueue())
    return app


class NoQueue:
    def init_app(self, app: Flask) -> None:
        pass

    def put(self, app: Flask, job: Any) -> None:
        pass


def test_url_is_https() -> None:
    """URLs of S3 are https, regional and encoded; THUMBNAIL_S3_USE_HTTPS turns it off."""
    url = "my-bucket.s3.eu-north-1.amazonaws.com/static/up/a/b%20c.jpg"
    assert urls(plain_app()) == f"https://{url}"
    assert urls(plain_app(THUMBNAIL_S3_USE_HTTPS=False)) == f"http://{url}"


def test_url_styles() -> None:
    """Path style, another endpoint and a CDN change the URL as url_for_s3 does."""
    url = urls(plain_app(THUMBNAIL_S3_URL_STYLE="path"))
    assert url == "https://s3.eu-north-1.amazonaws.com/my-bucket/static/up/a/b%20c.jpg"
    url = urls(plain_app(THUMBNAIL_S3_ENDPOINT_URL="http://127.0.0.1:9000"))
    assert url == "http://127.0.0.1:9000/my-bucket/static/up/a/b%20c.jpg"
    url = urls(plain_app(THUMBNAIL_S3_CDN_DOMAIN="cdn.example.com"))
    assert url == "https://cdn.example.com/static/up/a/b%20c.jpg"


@pytest.mark.parametrize(
    ("settings", "start"),
    [
        (
            {"S3_ENDPOINT_URL": "https://bucket.vpce-1a2b.s3.eu-north-1.vpce.amazonaws.com"},
            "https://my-bucket.bucket.vpce-1a2b.s3.eu-north-1.vpce.amazonaws.com/static/up/",
        ),
        (
            {
                "S3_ENDPOINT_URL": "http://minio:9000",
                "S3_PUBLIC_ENDPOINT_URL": "https://s3.example.com",
            },
            "https://my-bucket.s3.example.com/static/up/",
        ),
    ],
)
@pytest.mark.parametrize("is_private", [True, False])
def test_endpoints_that_are_set(settings: dict[str, Any], start: str, is_private: bool) -> None:
    """An endpoint of a private network is used as it is, and what browsers reach goes over it."""
    assert urls(plain_app(**settings, THUMBNAIL_S3_PRIVATE=is_private)).startswith(start)


def test_cdn_of_all_packages() -> None:
    """The CDN that an app states for all packages serves what is public; what is private is signed
    for the bucket itself.
    """
    assert urls(plain_app(S3_CDN_DOMAIN="cdn.example.com")).startswith("https://cdn.example.com/")
    private = urls(plain_app(S3_CDN_DOMAIN="cdn.example.com", THUMBNAIL_S3_PRIVATE=True))
    assert private.startswith("https://my-bucket.s3.eu-north-1.amazonaws.com/")
    assert "X-Amz-Signature=" in private


def test_signed_url() -> None:
    """In a private bucket URLs are signed, and stay the same within a window."""
    app = plain_app(THUMBNAIL_S3_PRIVATE=True, THUMBNAIL_S3_URL_EXPIRES=600_00)
    assert re.search(r"\?X-Amz-Algorithm=.*&X-Amz-Expires=120000&.*X-Amz-Signature=", urls(app))
    assert urls(app) == urls(app)


def test_signed_url_needs_a_storage_that_signs() -> None:
    """Asked for signed URLs, it never gives unsigned ones."""
    from s3_saver.testing import MemoryStorage

    app = Flask("project", instance_path="/srv/instance")
    app.config.update(plain_app().config, THUMBNAIL_S3_PRIVATE=True)
    Thumbnail(app, queue=NoQueue(), storage_for=lambda folder, bucket: MemoryStorage())
    with pytest.raises(ConfigError, match="S3_PRIVATE needs an S3Storage"):
        urls(app)


@pytest.mark.parametrize("given", [None, "bucket", LocalStorage])
def test_storage_for_gives_none(given: Any) -> None:
    """What the app's function gives must be a storage; if not, passing it is an error."""
    app = Flask("project", instance_path="/srv/instance")
    app.config.update(plain_app().config, THUMBNAIL_MODE="inline")
    thumbnail = Thumbnail(app, storage_for=lambda folder, bucket: given)
    with (
        app.test_request_context(),
        pytest.raises(ConfigError, match="^what storage_for returns must be a storage"),
    ):
        thumbnail.thumbnail("a.jpg", "20x20")


def test_storage_for_is_no_function() -> None:
    """A storage in place of the function that gives it is refused at once."""
    with pytest.raises(ConfigError, match="^storage_for must be a function"):
        Thumbnail(storage_for=LocalStorage("/srv"))  # type: ignore[arg-type]


@pytest.mark.parametrize("bucket_name", [5, ["bucket"], b"bucket"])
def test_wrong_bucket_name(bucket_name: Any) -> None:
    """A bucket's name that is no str raises an error that shows it."""
    with pytest.raises(OptionError, match="^bucket_name .*: must be a bucket's name"):
        urls(plain_app(), storage_type="s3", bucket_name=bucket_name)


@pytest.mark.parametrize("storage_type", ["s4", "local"])
def test_storage_type(storage_type: str) -> None:
    """A storage type that is not known raises an error with those that are."""
    with pytest.raises(OptionError, match="'s3', or '' for the disk"):
        urls(plain_app(), storage_type=storage_type)


def test_settings_of_s3_are_gone(caplog: pytest.LogCaptureFixture) -> None:
    """An app whose settings of S3 are gone shows the placeholder for a row on S3, and logs one
    line; calls raise what is missing.
    """
    settings: dict[str, Any] = {
        "THUMBNAIL_S3_STORAGE_TYPE": None,
        "THUMBNAIL_S3_BUCKET_NAME": None,
        "THUMBNAIL_S3_ALLOWED_BUCKETS": None,
    }
    assert urls(plain_app(**settings)) == "/static/up/a/b%20c.jpg"
    for mode in ("inline", "lazy", "queue"):
        caplog.clear()
        app = plain_app(**settings, THUMBNAIL_MODE=mode, THUMBNAIL_PLACEHOLDER="svg")
        for bucket_name in ("", "my-bucket", "my-bucket"):
            url = urls(app, storage_type="s3", bucket_name=bucket_name)
            assert url.startswith("data:")
        lines = [one.message for one in caplog.records]
        assert len(lines) == 2
        assert "S3_BUCKET_NAME is missing" in lines[0]
        assert "s3://my-bucket is not one of the buckets that may be reached" in lines[1]
    extension = Thumbnail()
    app = Flask("other", instance_path="/srv/instance")
    app.config["MEDIA_FOLDER"] = "uploads"
    extension.init_app(app)
    with app.app_context(), pytest.raises(NotConfiguredError, match="S3_BUCKET_NAME is missing"):
        extension.delete("a.jpg", storage_type="s3")


@pytest.mark.parametrize("mode", ["inline", "lazy", "queue"])
@pytest.mark.parametrize("bucket_name", ["payroll-bucket", "@x", "A B", "arn:aws:s3:::x"])
def test_bucket_that_is_not_allowed(
    bucket_name: str, mode: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A row that names a bucket of the same keys which the settings do not allow gets the
    placeholder and one line in the log, and nothing is signed for it.
    """
    app = plain_app(THUMBNAIL_MODE=mode, THUMBNAIL_S3_PRIVATE=True, THUMBNAIL_PLACEHOLDER="svg")
    for _ in range(3):
        url = urls(app, storage_type="s3", bucket_name=bucket_name)
        assert url.startswith("data:")
    assert len(caplog.records) == 1
    strict = plain_app(THUMBNAIL_MODE=mode, THUMBNAIL_ON_ERROR="raise")
    with pytest.raises(StorageFailedError, match="bucket"):
        urls(strict, storage_type="s3", bucket_name=bucket_name)


def test_root_above_both_folders() -> None:
    """A folder that no key can be made of raises an error that names the setting, at once."""
    with pytest.raises(ConfigError, match="THUMBNAIL_S3_STATIC_ROOT_PARENT"):
        plain_app(THUMBNAIL_S3_STATIC_ROOT_PARENT="/srv/other")
    app = plain_app(
        THUMBNAIL_S3_STATIC_ROOT_PARENT="/srv/other",
        THUMBNAIL_S3_STORAGE_TYPE=None,
        THUMBNAIL_S3_BUCKET_NAME=None,
        THUMBNAIL_S3_ALLOWED_BUCKETS=None,
    )
    assert urls(app) == "/static/up/a/b%20c.jpg"


def test_storage_of_the_call() -> None:
    """An object's own fields say where its image is, whatever the settings: '' is the disk."""
    app = plain_app()
    assert urls(app, storage_type="", bucket_name="") == "/static/up/a/b%20c.jpg"
    assert "//other-bucket.s3." in urls(app, storage_type="s3", bucket_name="other-bucket")


def test_public_url_is_read(s3: Place, image_file: ImageFile) -> None:
    """The signed URL of a thumbnail in a private bucket gives its bytes."""
    s3.save("a/ü.jpg", image_file())
    app = s3.app(thumbnail=Thumbnail(), THUMBNAIL_S3_PRIVATE=True, THUMBNAIL_S3_URL_STYLE="path")
    url = urls(app, "a/ü.jpg", crop="fit")
    with urlopen(url) as answer:
        assert answer.read() == s3.read("a/ü_20x20_fit_85.jpg")
        assert answer.headers["Content-Type"] == "image/jpeg"


def test_signed_url_without_credentials(
    disk: Place, caplog: pytest.LogCaptureFixture, state_of: Any
) -> None:
    """Without credentials to sign with, a page gets the placeholder and the log a line, though the
    thumbnail is known; strict mode raises.
    """
    settings: dict[str, Any] = {
        "THUMBNAIL_S3_PRIVATE": True,
        "THUMBNAIL_S3_ACCESS_KEY_ID": None,
        "THUMBNAIL_S3_ACCESS_KEY_SECRET": None,
    }
    for on_error in ("placeholder", "original", "raise"):
        app = plain_app(**settings, THUMBNAIL_ON_ERROR=on_error)
        state = state_of(app)
        state.memory.put(state.wants.key("my-bucket", "a/b c_20x20_85.jpg"), (20, 15))
        if on_error == "raise":
            with pytest.raises(StorageFailedError, match="no credentials"):
                urls(app)
        else:
            assert urls(app) == ""
    assert "no credentials" in caplog.text


def test_credentials_of_a_role(
    s3: Place, s3_server: S3Server, image_file: ImageFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without credentials in the settings those of the SDK's own chain read, save and sign."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    s3.save("a.jpg", image_file())
    app = s3.app(
        thumbnail=Thumbnail(),
        THUMBNAIL_S3_ACCESS_KEY_ID=None,
        THUMBNAIL_S3_ACCESS_KEY_SECRET=None,
        THUMBNAIL_S3_PRIVATE=True,
    )
    with urlopen(urls(app, "a.jpg")) as answer:
        assert answer.read() == s3.read("a_20x20_85.jpg")


def test_temporary_credentials_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    """The session token of a role's credentials is in the signed URL."""
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN"):
        monkeypatch.setenv(f"AWS_{name}", name.lower())
    app = plain_app(
        THUMBNAIL_S3_PRIVATE=True,
        THUMBNAIL_S3_REGION="af-south-1",  # no other test has a client for it
        THUMBNAIL_S3_ACCESS_KEY_ID=None,
        THUMBNAIL_S3_ACCESS_KEY_SECRET=None,
    )
    assert "X-Amz-Security-Token=session_token" in urls(app)


NAMES = [
    ("my-bucket", "a.jpg", "a_2x_85.jpg"),
    ("my-bucket", "d/a.jpg", "d/a_2x_85.jpg"),
    ("my-bucket", "@other/a.jpg", "@my-bucket/@other/a_2x_85.jpg"),
    ("other", "a.jpg", "@other/a_2x_85.jpg"),
    ("other", "@my-bucket/a.jpg", "@other/@my-bucket/a_2x_85.jpg"),
    ("", "@other/a.jpg", "@other/a_2x_85.jpg"),
]


@pytest.mark.parametrize(("bucket", "image", "name"), NAMES)
def test_one_original(bucket: str, image: str, name: str, state_of: Any) -> None:
    """A thumbnail's name leads to its one original, whatever the originals are called."""
    files = state_of(plain_app()).files
    assert files.thumbnail_name(bucket, image, Spec(2, None)) == name
    assert files.original_of(name, bucket) == (bucket, image, Spec(2, None, quality=85))


@pytest.mark.parametrize(
    "name", ["@my-bucket/a_2x_85.jpg", "@other", "@/a_2x_85.jpg", "a.jpg", "@other/a.jpg"]
)
def test_no_original(name: str, state_of: Any) -> None:
    """A name that is not given to any thumbnail has no original."""
    assert state_of(plain_app()).files.original_of(name, "my-bucket") is None


def test_two_buckets(
    s3: Place,
    make_s3_bucket: Callable[[], str],
    image_file: ImageFile,
    open_image: OpenImage,
) -> None:
    """Images of the same name in two buckets don't share a thumbnail."""
    other = make_s3_bucket()
    s3.save("a.png", image_file((80, 60), "PNG"))
    s3.client.put_object(Bucket=other, Key="up/a.png", Body=image_file((60, 80), "PNG"))
    app = s3.app(thumbnail=Thumbnail(), S3_ALLOWED_BUCKETS=[other])
    mine = urls(app, "a.png")
    theirs = urls(app, "a.png", storage_type="s3", bucket_name=other)
    assert mine == s3.url("a_20x20_85.png")
    assert theirs == s3.url(f"%40{other}/a_20x20_85.png")
    assert open_image(s3.read("a_20x20_85.png")).size == (20, 15)
    assert open_image(s3.read(f"@{other}/a_20x20_85.png")).size == (15, 20)


def test_caching_on_s3(s3: Place, image_file: ImageFile) -> None:
    """Thumbnails in a bucket are kept as long as the cache remembers them, or for a year if they
    have an id, unless a setting says otherwise.
    """
    for image, wanted, settings in (
        ("a", "private, max-age=600", {"THUMBNAIL_S3_PRIVATE": True}),
        (
            "0123456789abcdef",
            "private, max-age=31536000, immutable",
            {"THUMBNAIL_S3_PRIVATE": True},
        ),
        ("b", "no-cache", {"THUMBNAIL_S3_CACHE_CONTROL": "no-cache"}),
    ):
        s3.save(f"{image}.jpg", image_file())
        config: dict[str, Any] = {"THUMBNAIL_CACHE_TIMEOUT": 600, **settings}
        urls(s3.app(thumbnail=Thumbnail(), **config), f"{image}.jpg")
        head = s3.client.head_object(Bucket=s3.bucket, Key=f"thumbs/{image}_20x20_85.jpg")
        assert head["CacheControl"] == wanted


def test_tags_on_s3(s3: Place, image_file: ImageFile) -> None:
    """Thumbnails have the tags of the settings; other settings of objects go the same way."""
    s3.save("a.jpg", image_file())
    urls(s3.app(thumbnail=Thumbnail(), S3_TAGS={"kind": "thumbnail"}), "a.jpg")
    tags = s3.client.get_object_tagging(Bucket=s3.bucket, Key="thumbs/a_20x20_85.jpg")["TagSet"]
    assert tags == [{"Key": "kind", "Value": "thumbnail"}]


@pytest.mark.parametrize("expires", [302_400, 302_401, 604_800])
def test_longest_urls(expires: int, s3: Place, image_file: ImageFile) -> None:
    """URLs of any length that S3 takes are signed."""
    s3.save("a.jpg", image_file())
    app = s3.app(thumbnail=Thumbnail(), THUMBNAIL_S3_PRIVATE=True, THUMBNAIL_S3_URL_EXPIRES=expires)
    assert "X-Amz-Signature=" in urls(app, "a.jpg")
