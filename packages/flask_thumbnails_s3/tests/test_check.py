"""The command ``flask thumbnails check``."""

import os
from typing import Any

import pytest
from cachelib import NullCache
from click.testing import Result
from flask import Flask, abort
from image_files import ImageFile
from thumbnail_place import Place

from flask_thumbnails_s3 import Job, QueueFullError, Thumbnail


def check(app: Flask) -> Result:
    return app.test_cli_runner().invoke(args=["thumbnails", "check"])


def marks(result: Result) -> str:
    return "".join(line[0] for line in result.output.splitlines() if line[0] in "✓✗")


@pytest.mark.parametrize("is_private", [True, False])
def test_disk(is_private: bool, disk: Place, image_file: ImageFile) -> None:
    """On disk all is well with the app's own route; nothing is left behind."""
    disk.save("a.jpg", image_file())
    app = disk.app(thumbnail=Thumbnail(), THUMBNAIL_S3_PRIVATE=is_private)
    result = check(app)
    assert result.exit_code == 0, result.output
    assert marks(result) == "✓" * (5 if is_private else 4)
    assert "sees it" in result.output
    assert ("strangers do not see a thumbnail on disk" in result.output) is is_private
    assert disk.names() == []


def test_prefixed_app(disk: Place, image_file: ImageFile) -> None:
    """An app below a path is asked there."""
    disk.save("a.jpg", image_file())
    app = disk.app(thumbnail=Thumbnail(), THUMBNAIL_S3_PRIVATE=True, APPLICATION_ROOT="/sub")
    assert check(app).exit_code == 0


def test_missing_folder(disk: Place) -> None:
    """A folder of originals that is not there is reported, with where it was looked for."""
    result = check(disk.app(thumbnail=Thumbnail()))
    assert result.exit_code == 1
    assert f"✗ MEDIA_FOLDER {disk.root}/up is there\n    make it, or correct" in result.output


def test_public_static_files(disk: Place, image_file: ImageFile) -> None:
    """Thumbnails that should be private, but are static files, are seen by strangers."""
    disk.save("a.jpg", image_file())
    app = Flask("static", static_folder=disk.root, static_url_path="/static")
    app.config.update(MEDIA_FOLDER=f"{disk.root}/up", MEDIA_THUMBNAIL_FOLDER=f"{disk.root}/thumbs")
    Thumbnail(app)
    result = check(app)
    assert result.exit_code == 1
    assert "✗ strangers do not see the static file of a thumbnail" in result.output
    assert "leave MEDIA_THUMBNAIL_FOLDER and MEDIA_THUMBNAIL_URL out" in result.output


def test_wrong_url(disk: Place, image_file: ImageFile) -> None:
    """A path of static files that does not lead to the thumbnails is found out."""
    disk.save("a.jpg", image_file())
    app = disk.app(thumbnail=Thumbnail(), MEDIA_THUMBNAIL_URL="elsewhere/")
    result = check(app)
    assert result.exit_code == 1
    assert "was answered by 404: MEDIA_THUMBNAIL_URL must lead to" in result.output


def test_app_that_refuses(disk: Place, image_file: ImageFile) -> None:
    """A login that stands before all routes is found out where thumbnails should be public."""
    disk.save("a.jpg", image_file())
    app = disk.app(thumbnail=Thumbnail())
    app.before_request(lambda: abort(401))
    result = check(app)
    assert result.exit_code == 1
    assert "was answered by 401: the app's own handlers" in result.output


def test_missing_secret_key(disk: Place, image_file: ImageFile) -> None:
    """What cannot be signed has no URL, which is reported with the fix."""
    disk.save("a.jpg", image_file())
    app = disk.app(thumbnail=Thumbnail(), THUMBNAIL_S3_PRIVATE=True, SECRET_KEY=None)
    result = check(app)
    assert result.exit_code == 1
    assert "✗ a thumbnail on disk has a URL\n    SECRET_KEY is missing" in result.output


def test_cache_that_keeps_nothing(disk: Place, image_file: ImageFile) -> None:
    """A cache that does not work is reported."""
    disk.save("a.jpg", image_file())
    result = check(disk.app(thumbnail=Thumbnail(cache=NullCache())))
    assert result.exit_code == 1
    assert "✗ the cache, which is shared, works" in result.output


def test_folder_that_cannot_be_written(disk: Place, image_file: ImageFile) -> None:
    """Where no thumbnail can be kept, that is all that is said of strangers."""
    disk.save("a.jpg", image_file())
    with open(os.path.join(disk.root, "thumbs"), "w") as file:
        file.write("a file, and no folder")
    result = check(disk.app(thumbnail=Thumbnail()))
    assert result.exit_code == 1
    assert "✗ thumbnails can be kept on the disk" in result.output
    assert "strangers" not in result.output


def test_private_bucket(s3: Place, image_file: ImageFile) -> None:
    """In a private bucket the signed URL shows a thumbnail, and strangers see nothing."""
    s3.save("a.jpg", image_file())
    result = check(s3.app(thumbnail=Thumbnail(), THUMBNAIL_S3_PRIVATE=True))
    assert result.exit_code == 0, result.output
    assert "✓ strangers do not see the original" in result.output
    assert "✓ strangers do not see a thumbnail on S3" in result.output
    assert s3.names() == []


def test_bucket_that_should_be_public(s3: Place) -> None:
    """Public URLs that nobody can read are found out, with what to set."""
    result = check(s3.app(thumbnail=Thumbnail()))
    assert result.exit_code == 1
    assert "was answered by 403: `flask thumbnails setup` writes the policy" in result.output
    assert "or set THUMBNAIL_S3_PRIVATE = True. If it has been run, correct S3_R" in result.output


def test_acl_that_does_not_open(s3: Place) -> None:
    """Where ACLs are to open thumbnails, or the answer is another, that command is not named: it
    writes nothing then."""
    for config in ({"S3_ACL": "public-read"}, {"S3_PUBLIC_ENDPOINT_URL": "http://127.0.0.1:9"}):
        app = s3.app(thumbnail=Thumbnail(), **config)
        output = check(app).output
        assert "thumbnails setup" not in output


def test_bucket_that_everybody_reads(s3: Place, image_file: ImageFile) -> None:
    """Thumbnails and originals that should be private, but are not, are found out."""
    s3.client.put_object(Bucket=s3.bucket, Key="up/a.jpg", Body=image_file(), ACL="public-read")
    settings: dict[str, Any] = {"THUMBNAIL_S3_PRIVATE": True, "S3_ACL": "public-read"}
    result = check(s3.app(thumbnail=Thumbnail(), **settings))
    assert result.exit_code == 1
    assert "✗ strangers do not see the original" in result.output
    assert "✗ strangers do not see a thumbnail on S3" in result.output
    assert "take it out of the bucket's public policy and ACLs" in result.output


def test_nobody_answers(s3: Place) -> None:
    """Where browsers are sent to a host that does not answer, no policy is blamed."""
    settings: dict[str, Any] = {"THUMBNAIL_S3_PRIVATE": True}
    settings["S3_PUBLIC_ENDPOINT_URL"] = "http://127.0.0.1:9"
    result = check(s3.app(thumbnail=Thumbnail(), **settings))
    assert result.exit_code == 1
    assert "✗ strangers do not see a thumbnail on S3" in result.output
    assert "nobody has answered" in result.output
    assert "public policy" not in result.output


def test_missing_bucket(s3: Place) -> None:
    """A bucket that is not there is reported once for reading and once for keeping."""
    result = check(s3.app(thumbnail=Thumbnail(), THUMBNAIL_S3_BUCKET_NAME="bucket-that-is-gone"))
    assert result.exit_code == 1
    assert marks(result) == "✓✗✗"


def test_row_of_before(s3: Place, image_file: ImageFile) -> None:
    """An app that has switched to S3 has its folder on disk checked too, while it is there."""
    os.makedirs(f"{s3.root}/up")
    settings: dict[str, Any] = {"THUMBNAIL_S3_PRIVATE": True}
    output = check(s3.app(thumbnail=Thumbnail(), **settings)).output
    assert "✓ strangers do not see a thumbnail on disk" in output
    assert "✓ thumbnails can be kept on bucket" in output


class DeadQueue:
    """Takes jobs that nobody does, or none at all."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def init_app(self, app: Flask) -> None:
        """Nothing is needed."""

    def put(self, app: Flask, job: Job) -> None:
        if self.error:
            raise self.error


def test_worker(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """In the mode queue a job is given away, and a worker's answer is waited for; it leaves neither
    a thumbnail nor a line in the log.
    """
    os.makedirs(f"{place.root}/up")
    settings: dict[str, Any] = {"THUMBNAIL_MODE": "queue", "THUMBNAIL_S3_PRIVATE": True}
    result = check(place.app(thumbnail=Thumbnail(), **settings))
    assert "✓ a worker of the queue answers within 10 s" in result.output
    assert result.exit_code == 0, result.output
    assert place.names() == []
    assert not caplog.messages


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (None, "start one, which loads the module that makes the app"),
        (None, "THUMBNAIL_CACHE must be shared"),
        (QueueFullError("9 jobs are waiting"), "the queue takes no job: QueueFullError"),
    ],
)
def test_no_worker(
    error: Exception | None, words: str, disk: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that does not answer is one thing, and a queue that takes no job another."""
    monkeypatch.setattr("flask_thumbnails_s3.commands._check._WORKER_TIMEOUT", 0.1)
    queue = DeadQueue(error)
    result = check(disk.app(thumbnail=Thumbnail(queue=queue), THUMBNAIL_MODE="queue"))
    assert result.exit_code == 1
    assert "✗ a worker of the queue answers within 0.1 s" in result.output
    assert words in result.output
