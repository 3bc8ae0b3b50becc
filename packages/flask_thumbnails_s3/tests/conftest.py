import os
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO, Any, BinaryIO

import boto3
import pytest
from botocore.config import Config
from flask import Flask
from moto.server import ThreadedMotoServer
from PIL import Image

from flask_thumbnails_s3 import Thumbnail
from flask_thumbnails_s3._thumbnails import Thumbnails
from s3_saver import FileInfo, LocalStorage, S3Storage, Storage


@pytest.fixture(autouse=True)
def no_aws_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in os.environ:
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


@dataclass
class Server:
    endpoint_url: str
    key: str
    secret: str
    client: Any

    def new_bucket(self) -> str:
        bucket = f"thumbnails-{uuid.uuid4()}"
        self.client.create_bucket(Bucket=bucket)
        return bucket


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """The S3 server of the environment, or else moto's."""
    moto = None
    if endpoint_url := os.environ.get("S3_TEST_ENDPOINT"):
        key, secret = os.environ["S3_TEST_KEY"], os.environ["S3_TEST_SECRET"]
    else:
        moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        moto.start()
        endpoint_url = "http://{}:{}".format(*moto.get_host_and_port())
        key = secret = "test"
    client = boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url=endpoint_url,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )
    yield Server(endpoint_url, key, secret, client)
    client.close()
    if moto:
        moto.stop()


@pytest.fixture
def checking_server() -> None:
    """The environment's S3 server, which refuses what moto does not."""
    if "S3_TEST_ENDPOINT" not in os.environ:
        pytest.skip("needs an S3 server that checks signatures: run `nox -s servers`")


class CountingStorage:
    """Passes everything on, and tells its place of it before."""

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

    def delete(self, *names: str) -> None:
        self._tell("delete", " ".join(names))
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
    server: Server | None
    bucket: str
    calls: "Counter[tuple[str, str]]" = field(default_factory=Counter)
    hooks: list[Callable[[str, str], None]] = field(default_factory=list)

    @property
    def config(self) -> dict[str, Any]:
        config: dict[str, Any] = {
            "MEDIA_FOLDER": f"{self.root}/static/up",
            "MEDIA_URL": "up/",
            "MEDIA_THUMBNAIL_FOLDER": f"{self.root}/static/thumbs",
            "MEDIA_THUMBNAIL_URL": "thumbs/",
            "THUMBNAIL_S3_STATIC_ROOT_PARENT": self.root,
            "SECRET_KEY": "secret",
        }
        if self.server:
            config |= {
                "THUMBNAIL_S3_STORAGE_TYPE": "s3",
                "THUMBNAIL_S3_BUCKET_NAME": self.bucket,
                "THUMBNAIL_S3_ACCESS_KEY_ID": self.server.key,
                "THUMBNAIL_S3_ACCESS_KEY_SECRET": self.server.secret,
                "THUMBNAIL_S3_ENDPOINT_URL": self.server.endpoint_url,
                "THUMBNAIL_S3_REGION": "us-east-1",
                "THUMBNAIL_S3_URL_STYLE": "path",
            }
        return config

    def storage(self, folder: str) -> Storage:
        if not self.server:
            return LocalStorage(f"{self.root}/static/{folder}")
        return S3Storage(
            self.bucket,
            prefix=f"static/{folder}",
            region_name="us-east-1",
            endpoint_url=self.server.endpoint_url,
            access_key_id=self.server.key,
            access_key_secret=self.server.secret,
        )

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
        """The thumbnail's URL."""
        if self.server:
            return f"{self.server.endpoint_url}/{self.bucket}/static/thumbs/{name}"
        return f"/static/thumbs/{name}"

    def app(self, *, thumbnail: Thumbnail | None = None, **config: Any) -> Flask:
        """An app with thumbnails, whose storages count their calls."""
        app = Flask("project", static_folder=f"{self.root}/static")
        app.config.update(self.config | config)
        (thumbnail or Thumbnail(storage_for=self.counted)).init_app(app)
        return app

    def counted(self, folder: str, bucket: str) -> Storage:
        assert bucket == self.bucket
        return CountingStorage(self.storage(folder.rpartition("/")[2]), self)

    def hear(self, method: str, name: str) -> None:
        """Count a call, and let the hooks do what another process does just before it."""
        self.calls[method, name] += 1
        for hook in self.hooks:
            hook(method, name)

    def count(self, method: str) -> int:
        return sum(count for (called, _), count in self.calls.items() if called == method)


@pytest.fixture(params=["disk", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Any) -> Place:
    """The same on disk and on S3."""
    if request.param == "disk":
        return Place(str(tmp_path), None, "")
    server: Server = request.getfixturevalue("server")
    return Place(str(tmp_path), server, server.new_bucket())


@pytest.fixture
def disk(tmp_path: Any) -> Place:
    return Place(str(tmp_path), None, "")


@pytest.fixture
def s3(server: Server, tmp_path: Any) -> Place:
    return Place(str(tmp_path), server, server.new_bucket())


ImageFile = Callable[..., bytes]


@pytest.fixture(scope="session")
def image_file() -> ImageFile:
    """Make an image's file: left half red, right half blue, or the image that is given."""

    def make(
        size: tuple[int, int] = (80, 60),
        format: str = "JPEG",
        *,
        image: Image.Image | None = None,
        **options: Any,
    ) -> bytes:
        if image is None:
            image = Image.new("RGB", size, "red")
            image.paste("blue", (size[0] // 2, 0, *size))
        out = BytesIO()
        image.save(out, format, **options)
        return out.getvalue()

    return make


@pytest.fixture(scope="session")
def open_image() -> Callable[[bytes], Image.Image]:
    def load(data: bytes) -> Image.Image:
        image = Image.open(BytesIO(data))
        image.load()
        return image

    return load


def thumbnails_of(app: Flask) -> Thumbnails:
    thumbnails: Thumbnails = app.extensions["flask_thumbnails_s3"]
    return thumbnails


@pytest.fixture(scope="session")
def state_of() -> Callable[[Flask], Thumbnails]:
    """What an app has in ``app.extensions``."""
    return thumbnails_of
