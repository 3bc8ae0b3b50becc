"""The app in one file, on disk and on S3: its story, and faults in the middle of it."""

import importlib.util
import re
import shutil
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, event, text
from sqlalchemy.exc import DBAPIError

from example_app.tests.support import PASSWORD, Settings
from s3_saver import LocalStorage, S3SaverError, S3Storage, Storage

FOLDER = Path(__file__).parents[1]
AUTH = ("admin", PASSWORD)


@pytest.fixture
def module(tmp_path: Path) -> Iterator[ModuleType]:
    """The file as somebody has it who has copied it, with its templates, into a folder."""
    for name in ("quickstart.py", "templates/quickstart", "static"):
        copy = shutil.copytree if (FOLDER / name).is_dir() else shutil.copy
        (tmp_path / name).parent.mkdir(exist_ok=True)
        copy(FOLDER / name, tmp_path / name)
    spec = importlib.util.spec_from_file_location("quickstart", tmp_path / "quickstart.py")
    assert spec
    assert spec.loader
    sys.modules["quickstart"] = found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    yield found
    del sys.modules["quickstart"]


@pytest.fixture
def app(module: ModuleType, settings: Settings) -> Iterator[Flask]:
    found: Flask = module.create_app(
        {**settings, "SECRET_KEY": "a key for tests", "ADMIN_PASSWORD": PASSWORD}
    )
    yield found
    with found.app_context():
        module.db.engine.dispose()


@pytest.fixture
def visitor(app: Flask) -> "Visitor":
    return Visitor(app)


class Visitor:
    """Somebody at the pages, without JavaScript."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()
        self.status = 0

    def get(self, url: str) -> bytes:
        """Return the bytes of a page, or of a file where it is kept."""
        if urlsplit(url).netloc in ("", "localhost"):
            with self.client.get(url) as answer:
                return answer.data if answer.status_code == 200 else b""
        remote = requests.get(url, timeout=10)
        return remote.content if remote.ok else b""

    def post(self, path: str, page: str = "/", auth: Any = None, **form: Any) -> str:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(page).decode())
        assert token
        data = {"csrf_token": token[1], **form}
        answer = self.client.post(path, data=data, auth=auth, follow_redirects=True)
        self.status = answer.status_code
        return answer.text

    def add(self, *pictures: bytes) -> str:
        files = [(BytesIO(picture), "photo.jpg") for picture in pictures]
        return self.post("/", images=files)

    def replace(self, picture: bytes) -> str:
        return self.post("/1", "/1", image=(BytesIO(picture), "photo.jpg"))

    def original(self, page: str = "/1") -> bytes:
        found = re.search(r'id="original" href="([^"]+)"', self.get(page).decode())
        return self.get(found[1].replace("&amp;", "&")) if found else b""

    def thumbnails(self, page: str = "/") -> list[bytes]:
        urls = re.findall(r'<img src="([^"]+)"', self.get(page).decode())
        return [self.get(url.replace("&amp;", "&")) for url in urls]


def files_of(app: Flask, kind: str = "uploads") -> list[str]:
    """Return the names of the files that the app keeps, without those that nobody has claimed."""
    storage: Storage = LocalStorage(f"{app.instance_path}/{kind}")
    if bucket := app.config.get("S3_BUCKET_NAME"):
        keys = ("ENDPOINT_URL", "REGION", "ACCESS_KEY_ID", "ACCESS_KEY_SECRET")
        options = {key.lower(): app.config[f"S3_{key}"] for key in keys}
        storage = S3Storage(bucket, prefix=kind, **options)
    return [file.name for file in storage.find() if not file.name.startswith("pending/")]


def test_the_story(visitor: Visitor, jpeg: bytes, other_jpeg: bytes) -> None:
    """Pictures are added, shown small and in full, replaced, and deleted with their thumbnails."""
    app = visitor.app
    visitor.add(jpeg, other_jpeg)
    assert len(files_of(app)) == 2
    assert all(visitor.thumbnails())
    assert visitor.original() == jpeg
    assert all(visitor.thumbnails("/1"))

    visitor.replace(other_jpeg)
    assert visitor.original() == other_jpeg
    assert len(files_of(app)) == 2
    # That of the page, the preview in its form, and the other row's.
    assert len(files_of(app, "thumbnails")) == 3

    visitor.post("/1/delete", "/1")
    visitor.post("/2/delete", "/2")
    assert files_of(app) == files_of(app, "thumbnails") == []


@pytest.mark.parametrize("password", [None, ""])
def test_no_password_opens_no_admin(module: ModuleType, on_disk: Settings, password: Any) -> None:
    """Without a password, or with an empty one, the app does not start."""
    config = {**on_disk, "SECRET_KEY": "a key for tests", "ADMIN_PASSWORD": password}
    with pytest.raises(ValueError, match="ADMIN_PASSWORD is not set"):
        module.create_app(config)


def test_a_password_of_digits(module: ModuleType, on_disk: Settings) -> None:
    """A number, as FLASK_ADMIN_PASSWORD=12345678 arrives, is the password that was typed."""
    config = {**on_disk, "SECRET_KEY": "a key for tests", "ADMIN_PASSWORD": 12345678}
    client = module.create_app(config).test_client()
    answers = [client.get("/admin/", auth=("a", given)) for given in ("12345678", "1234567", "")]
    assert [answer.status_code for answer in answers] == [200, 401, 401]
    assert client.get("/").status_code == 200


def test_an_empty_form_changes_nothing(visitor: Visitor, jpeg: bytes) -> None:
    """A form that is sent without a file leaves the picture; one without any adds no row."""
    visitor.add(jpeg)
    visitor.post("/1", "/1")
    assert visitor.original() == jpeg
    assert "This field is required." in visitor.post("/")


def test_what_is_no_picture_is_refused(visitor: Visitor, jpeg: bytes) -> None:
    """Both forms refuse what is no picture, in words, and keep nothing."""
    visitor.add(jpeg)
    for page in (visitor.add(b"<script>alert(1)</script>"), visitor.replace(b"<script>")):
        assert re.search(r'<p role="alert">[^<]*Choose a JPEG', page)
    assert visitor.original() == jpeg
    assert len(files_of(visitor.app)) == 1


def test_the_admin(visitor: Visitor, jpeg: bytes, other_jpeg: bytes) -> None:
    """The admin asks for its password, then shows, replaces and deletes pictures."""
    visitor.add(jpeg)
    for auth in (None, ("admin", "wrong")):
        assert visitor.client.get("/admin/picture/", auth=auth).status_code == 401
    assert "<img" in visitor.client.get("/admin/picture/", auth=AUTH).text

    new = (BytesIO(other_jpeg), "photo.jpg")
    visitor.post("/admin/picture/edit/?id=1", auth=AUTH, image=new)
    assert visitor.original() == other_jpeg
    assert len(files_of(visitor.app)) == 1
    visitor.post("/admin/picture/delete/", auth=AUTH, id="1")
    assert files_of(visitor.app) == files_of(visitor.app, "thumbnails") == []


@pytest.mark.parametrize("is_done", [True, False])
def test_a_lost_answer_to_the_commit(
    visitor: Visitor, module: ModuleType, jpeg: bytes, other_jpeg: bytes, is_done: bool
) -> None:
    """If the connection breaks at the commit, the row names a file that is there."""
    visitor.add(jpeg)

    def cut(connection: Connection) -> None:
        if is_done:
            connection.connection.commit()
        connection.connection.rollback()
        raise DBAPIError("COMMIT", {}, Exception("gone"), connection_invalidated=True)

    with visitor.app.app_context():
        engine = module.db.engine
    event.listen(engine, "commit", cut)
    visitor.replace(other_jpeg)
    event.remove(engine, "commit", cut)

    assert visitor.status == 500
    assert visitor.original() == (other_jpeg if is_done else jpeg)


@pytest.mark.parametrize("change", ["UPDATE", "DELETE"])
def test_a_failed_commit(
    visitor: Visitor, module: ModuleType, jpeg: bytes, other_jpeg: bytes, change: str
) -> None:
    """If the database refuses the change, the old picture is shown, and no other file is left."""
    visitor.add(jpeg)
    with visitor.app.app_context():
        module.db.session.execute(
            text(
                f"CREATE TRIGGER refuse AFTER {change} ON picture "
                "BEGIN SELECT RAISE(FAIL, 'disk full'); END"
            )
        )
        module.db.session.commit()
    before = files_of(visitor.app)

    if change == "UPDATE":
        visitor.replace(other_jpeg)
    else:
        visitor.post("/1/delete", "/1")

    assert visitor.status == 500
    assert visitor.original() == jpeg
    assert files_of(visitor.app) == before


def test_two_requests_replace_one_picture(visitor: Visitor, jpeg: bytes) -> None:
    """Of requests that replace a picture at the same moment, one file stays: the row's."""
    visitor.add(jpeg)
    others = [Visitor(visitor.app) for _ in range(4)]

    def replace(other: Visitor) -> None:
        other.replace(jpeg)

    with ThreadPoolExecutor(len(others)) as threads:
        list(threads.map(replace, others))

    assert visitor.original() == jpeg
    assert len(files_of(visitor.app)) == 1


def test_a_storage_that_fails(
    module: ModuleType,
    settings: Settings,
    app: Flask,
    closed_endpoint: str,
    jpeg: bytes,
    other_jpeg: bytes,
) -> None:
    """If the new file cannot be stored, the row still names the old one."""
    Visitor(app).add(jpeg)
    broken = dict(app.config)
    if "S3_BUCKET_NAME" in settings:
        broken["S3_ENDPOINT_URL"] = closed_endpoint
    else:
        (Path(app.instance_path) / "not-a-folder").write_text("")
        broken["UPLOADS_FOLDER"] = "not-a-folder"
    visitor = Visitor(module.create_app(broken))

    with visitor.app.app_context():
        row = module.db.session.get(module.Picture, 1)
        row.image = BytesIO(other_jpeg)
        with pytest.raises(S3SaverError):
            module.db.session.commit()
        module.db.session.rollback()
        module.db.engine.dispose()

    assert Visitor(app).original() == jpeg
