"""A folder of originals and one of thumbnails, on disk or in a bucket, and an app before them."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Any, BinaryIO

from flask import Flask

from flask_thumbnails_s3 import Thumbnail
from s3_saver import FileInfo, LocalStorage, Storage
from s3_saver.testing import S3Server


class CountingStorage:
    """Passes everything on, and calls its place before."""

    def __init__(self, storage: Storage, place: "Place") -> None:
        self.inner = storage
        self._tell = place.hear

    def save(
        self,
        name: str,
        file: IO[bytes],
        *,
        overwrite: bool = True,
        content_type: str | None = None,
    ) -> FileInfo:
        self._tell("save", name)
        return self.inner.save(name, file, overwrite=overwrite, content_type=content_type)

    def open(self, name: str) -> BinaryIO:
        self._tell("open", name)
        return self.inner.open(name)

    def stat(self, name: str) -> FileInfo:
        self._tell("stat", name)
        return self.inner.stat(name)

    def exists(self, name: str) -> bool:
        self._tell("exists", name)
        return self.inner.exists(name)

    def delete(self, *names: str | FileInfo) -> None:
        self._tell("delete", " ".join(map(str, names)))
        self.inner.delete(*names)

    def find(self, prefix: str = "") -> Iterator[FileInfo]:
        self._tell("find", prefix)
        return self.inner.find(prefix)

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> FileInfo:
        self._tell("copy", source)
        return self.inner.copy(source, target, overwrite=overwrite)


@dataclass
class Place:
    """A disk or a bucket, with a folder of originals and one of thumbnails."""

    root: str
    server: S3Server | None
    bucket: str
    calls: "Counter[tuple[str, str]]" = field(default_factory=Counter)
    hooks: list[Callable[[str, str], None]] = field(default_factory=list)

    @property
    def config(self) -> dict[str, Any]:
        config: dict[str, Any] = {
            "MEDIA_FOLDER": f"{self.root}/up",
            "MEDIA_THUMBNAIL_FOLDER": f"{self.root}/thumbs",
            "THUMBNAIL_S3_STATIC_ROOT_PARENT": self.root,
            "THUMBNAIL_S3_PRIVATE": False,
            "SECRET_KEY": "secret",
        }
        if self.server:
            config |= {
                "THUMBNAIL_S3_STORAGE_TYPE": "s3",
                "THUMBNAIL_S3_BUCKET_NAME": self.bucket,
                "THUMBNAIL_S3_ACCESS_KEY_ID": self.server.access_key_id,
                "THUMBNAIL_S3_ACCESS_KEY_SECRET": self.server.access_key_secret,
                "THUMBNAIL_S3_ENDPOINT_URL": self.server.endpoint_url,
                "THUMBNAIL_S3_REGION": self.server.region,
                "THUMBNAIL_S3_URL_STYLE": "path",
            }
        return config

    def storage(self, folder: str) -> Storage:
        if not self.server:
            return LocalStorage(f"{self.root}/{folder}")
        return self.server.storage(self.bucket, prefix=folder)

    @property
    def client(self) -> Any:
        """A client of the server, for what no storage of this place reaches."""
        assert self.server
        return self.server.client

    @property
    def originals(self) -> Storage:
        return self.storage("up")

    @property
    def thumbnails(self) -> Storage:
        return self.storage("thumbs")

    def save(self, name: str, data: bytes) -> None:
        self.originals.save(name, BytesIO(data))

    def read(self, name: str) -> bytes:
        """A thumbnail's file."""
        with self.thumbnails.open(name) as file:
            return file.read()

    def grow_old(self, image: str) -> None:
        """Wait until what is saved is newer than an original: S3's times have no fractions."""
        modified = self.originals.stat(image).modified
        while self.thumbnails.save("clock", BytesIO()).modified <= modified:
            threading.Event().wait(0.02)
        self.thumbnails.delete("clock")

    def names(self) -> list[str]:
        """All thumbnails that are there."""
        return [info.name for info in self.thumbnails.find()]

    def url(self, name: str) -> str:
        """The thumbnail's URL, where everybody may see it."""
        if self.server:
            return f"{self.server.endpoint_url}/{self.bucket}/thumbs/{name}"
        return f"/_thumbnails/file/{name}"

    def original_url(self, name: str) -> str:
        """How the original's URL begins; on disk it goes on with its end and its signature."""
        if self.server:
            return f"{self.server.endpoint_url}/{self.bucket}/up/{name}"
        return f"/_thumbnails/original/{name}?"

    def app(self, *, thumbnail: Thumbnail | None = None, **config: Any) -> Flask:
        """An app with thumbnails, whose storages count their calls."""
        app = Flask("project", static_folder=f"{self.root}/static", instance_path=self.root)
        app.config.update(self.config | config)
        (thumbnail or Thumbnail(storage_for=self.counted)).init_app(app)
        return app

    def counted(self, folder: str, bucket: str) -> Storage:
        folder = folder.rpartition("/")[2]
        storage = self.storage(folder)
        if self.server and bucket != self.bucket:
            storage = self.server.storage(bucket, prefix=folder)
        return CountingStorage(storage, self)

    def hear(self, method: str, name: str) -> None:
        """Count a call, and let the hooks do what another process does just before it."""
        self.calls[method, name] += 1
        for hook in self.hooks:
            hook(method, name)

    def count(self, method: str) -> int:
        return sum(count for (called, _), count in self.calls.items() if called == method)
