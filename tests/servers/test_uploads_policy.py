"""One bucket with static files, public uploads and their thumbnails: each command writes its
statements of the policy next to those of the others, whichever comes first."""

from collections.abc import Sequence
from itertools import permutations
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from flask import Flask
from flask.cli import FlaskGroup

from flask_s3_static import FlaskS3
from flask_s3_upload import Uploads
from flask_thumbnails_s3 import Thumbnail
from s3_saver import S3Storage
from s3_saver.setup import put_policy, read_policy, same_policy
from s3_saver.testing import S3Server

pytestmark = pytest.mark.servers

COMMANDS = {
    "uploads": ("uploads", "setup", "--origin", "https://example.com", "--yes"),
    "thumbnails": ("thumbnails", "setup", "--yes"),
    "static": ("s3-static", "setup", "--yes"),
    "push": ("s3-static", "push", "--public-policy"),
}


@pytest.fixture
def app(tmp_path: Path, s3_server: S3Server, s3_bucket: str) -> Flask:
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "app.css").write_text("a {}")
    app = Flask("shop", root_path=str(tmp_path), instance_path=str(tmp_path / "instance"))
    app.config.update(
        SECRET_KEY="not a secret",
        UPLOADS_PRIVATE=False,
        S3_BUCKET_NAME=s3_bucket,
        S3_REGION=s3_server.region,
        S3_ENDPOINT_URL=s3_server.endpoint_url,
        S3_ACCESS_KEY_ID=s3_server.access_key_id,
        S3_ACCESS_KEY_SECRET=s3_server.access_key_secret,
    )
    FlaskS3(app)
    Thumbnail(app, originals=Uploads(app))
    return app


def run(app: Flask, command: str) -> str:
    flask = FlaskGroup(create_app=lambda: app)  # which finds the commands of extensions
    result = app.test_cli_runner().invoke(flask, COMMANDS[command])
    assert result.exit_code == 0, result.output
    return result.output


def status(storage: S3Storage, key: str) -> int:
    try:
        with urlopen(f"{storage.endpoint_url}/{storage.bucket_name}/{key}") as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code


@pytest.mark.parametrize(
    "order",
    [*permutations(("uploads", "static", "thumbnails")), *permutations(("uploads", "push"))],
    ids="-".join,
)
def test_all_are_open(
    app: Flask, s3_server: S3Server, s3_bucket: str, order: Sequence[str]
) -> None:
    """Strangers then read what each command opens, and nothing pending; the user's own statement is
    there, too, and no setup has a policy left to write."""
    storage = s3_server.storage(s3_bucket)
    theirs = {
        "Sid": "Theirs",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{s3_bucket}/shared/*",
    }
    put_policy(storage, {"Version": "2012-10-17", "Statement": [theirs]})
    for key in ("uploads/a", "thumbnails/a", "uploads/pending/b", "shared/c", "else/d"):
        storage.client.put_object(Bucket=s3_bucket, Key=key, Body=b"x")
    for command in order:
        run(app, command)
    opened = [status(storage, key) for key in ("uploads/a", "static/app.css", "shared/c")]
    closed = [status(storage, key) for key in ("uploads/pending/b", "else/d")]
    assert (opened, closed) == ([200] * 3, [403] * 2)
    assert status(storage, "thumbnails/a") == (200 if "thumbnails" in order else 403)
    before = read_policy(storage)
    for command in {*order, "static"} - {"push"}:
        assert "policy" not in run(app, command)
    assert same_policy(read_policy(storage), before)
