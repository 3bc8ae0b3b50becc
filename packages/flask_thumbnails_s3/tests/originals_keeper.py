"""What keeps originals for an app: storages of any kind, and the app before them."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import Flask, render_template_string

from flask_thumbnails_s3 import Thumbnail
from s3_saver import LocalStorage, S3Storage, Storage, Storages, StoredFile
from s3_saver.testing import MemoryStorage, S3Server


@dataclass
class Keeper:
    """As an ``Uploads`` is for its app: an object that has storages."""

    storages: Storages
    root: str

    @classmethod
    def of(
        cls, kind: str, root: str, server: S3Server | None, bucket_name: str, **options: Any
    ) -> "Keeper":
        """Keep originals in memory, on disk or on S3, in a folder or below a prefix 'uploads'."""
        if kind == "memory":
            storages = Storages(storage=MemoryStorage(), **options)
        elif kind == "disk":
            storages = Storages(f"{root}/uploads", **options)
        else:
            assert server
            storages = Storages(
                f"{root}/uploads",
                storage_type="s3",
                bucket_name=bucket_name,
                prefix=options.pop("prefix", "uploads"),
                region=server.region,
                endpoint_url=server.endpoint_url,
                access_key_id=server.access_key_id,
                access_key_secret=server.access_key_secret,
                **options,
            )
        return cls(storages, root)

    def app(self, *others: "Keeper", thumbnail: Thumbnail | None = None, **config: Any) -> Flask:
        """An app with thumbnails of these originals, and no setting but its secret key."""
        app = Flask("project", instance_path=f"{self.root}/instance")
        app.config.update(SECRET_KEY="secret", **config)
        originals = [self, *others] if others else self
        (thumbnail or Thumbnail(originals=originals)).init_app(app)
        return app

    def save(self, name: str, data: bytes, **metadata: Any) -> StoredFile:
        return self.storages.save(name, BytesIO(data), metadata=metadata)

    @property
    def thumbnails(self) -> Storage:
        """Where they are, by the documents."""
        current = self.storages.current
        if isinstance(current, S3Storage):
            return current.derive(prefix="thumbnails" if current.prefix else ".thumbnails")
        if isinstance(current, LocalStorage):
            return LocalStorage(f"{self.root}/instance/thumbnails")
        return current

    def names(self) -> list[str]:
        """All thumbnails that are there."""
        found = [info.name for info in self.thumbnails.find()]
        if isinstance(self.storages.current, MemoryStorage):
            start = ".thumbnails/"
            return [name.removeprefix(start) for name in found if name.startswith(start)]
        return found


def render(app: Flask, template: str, **values: Any) -> str:
    """What a page shows."""
    with app.test_request_context():
        return render_template_string(template, **values)


@contextmanager
def counted_requests(storage: S3Storage) -> Iterator[Counter[str]]:
    """The requests of S3 that are sent meanwhile, by operation."""
    counts: Counter[str] = Counter()

    def count(model: Any, **_: Any) -> None:
        counts[model.name] += 1

    events: Any = storage.client.meta.events
    events.register("before-call.s3", count, unique_id="count")
    try:
        yield counts
    finally:
        events.unregister("before-call.s3", unique_id="count")
