"""A page whose static files come from the npm registry, by way of a bucket."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.serving import make_server

from flask_s3_static import FlaskS3
from s3_saver import S3Storage
from s3_saver.testing import S3Server


def npm(folder: Path, *packages: str) -> None:
    """Install packages of the npm registry into a folder."""
    command = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *packages]
    subprocess.run(command, check=True)


def make_app(folder: Path, bucket: str, server: S3Server, **config: Any) -> Flask:
    """Return an app with hashed names whose static folder is in *folder*."""
    app = Flask("site", root_path=str(folder), instance_path=str(folder / "instance"))
    app.config.update(
        S3_BUCKET_NAME=bucket,
        S3_ENDPOINT_URL=server.endpoint_url,
        S3_ACCESS_KEY_ID=server.access_key_id,
        S3_ACCESS_KEY_SECRET=server.access_key_secret,
        S3_URL_STYLE="path",
        FLASKS3_HASHED_NAMES=True,
        **config,
    )
    FlaskS3(app)
    return app


def allow_origins(storage: S3Storage) -> None:
    """Let pages of any origin use the bucket, as modules and fonts need."""
    rule: Any = {"AllowedOrigins": ["*"], "AllowedMethods": ["GET", "HEAD"]}
    storage.client.put_bucket_cors(
        Bucket=storage.bucket_name, CORSConfiguration={"CORSRules": [rule]}
    )


class Page:
    """A page of another origin than the bucket's."""

    html = ""
    url = ""


@contextmanager
def serve_page() -> Iterator[Page]:
    page = Page()
    app = Flask("page")
    app.add_url_rule("/", view_func=lambda: page.html)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    page.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield page
    server.shutdown()
    thread.join()
    server.server_close()
