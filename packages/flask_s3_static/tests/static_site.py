"""An app with static files, and the bucket that they go to."""

import uuid
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask

from flask_s3_static import FlaskS3, PushReport, create_all
from s3_saver.testing import S3Server


class Site:
    """An app's folder, and the bucket that its static files go to."""

    def __init__(self, folder: Path, server: S3Server) -> None:
        self.folder = folder
        self.config: dict[str, Any] = {
            "AWS_ACCESS_KEY_ID": server.access_key_id,
            "AWS_SECRET_ACCESS_KEY": server.access_key_secret,
            "FLASKS3_BUCKET_NAME": f"bucket-{uuid.uuid4().hex[:12]}",
            "FLASKS3_ENDPOINT_URL": server.endpoint_url,
        }
        self.storage = server.storage(self.config["FLASKS3_BUCKET_NAME"])
        self._server = server

    @property
    def bucket(self) -> str:
        return self.storage.bucket_name

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file below the site's folder, such as ``static/app.css``."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def app(self, *blueprints: Blueprint, **config: Any) -> Flask:
        """A new app with these settings over those of the site, as after a restart."""
        app = Flask("site", root_path=str(self.folder), instance_path=str(self.folder / "instance"))
        app.config.update(self.config)
        app.config.update(config)
        for blueprint in blueprints:
            app.register_blueprint(blueprint)
        FlaskS3(app)
        return app

    def blueprint(self, name: str, **options: Any) -> Blueprint:
        options = {"static_folder": "static", "url_prefix": f"/{name}", **options}
        return Blueprint(name, name, root_path=str(self.folder / name), **options)

    def push(self, *, config: dict[str, Any] | None = None, **options: Any) -> PushReport:
        return create_all(self.app(**(config or {})), **options)

    def keys(self) -> list[str]:
        """The keys of all assets in the bucket, without what we keep for ourselves."""
        found = (info.name for info in self.storage.find())
        return [key for key in found if not key.startswith(".flask-s3-static/")]

    def read(self, key: str) -> bytes:
        with self.storage.open(key) as file:
            return file.read()

    def head(self, key: str) -> dict[str, Any]:
        return dict(self.storage.client.head_object(Bucket=self.bucket, Key=key))

    def url(self, app: Flask, filename: str, endpoint: str = "static", **values: Any) -> str:
        with app.test_request_context():
            return app.url_for(endpoint, filename=filename, **values)

    def lose_index(self) -> None:
        self.storage.delete(".flask-s3-static/index.json.gz")

    def remove(self) -> None:
        self._server.remove_bucket(self.bucket)
