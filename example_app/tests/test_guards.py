"""Guards hold however a path is written, over real HTTP, where no client tidies it up."""

import http.client
from base64 import b64encode
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask

from example_app.quickstart import create_app as create_quickstart
from example_app.quickstart import db as quickstart_db
from example_app.storage import PICTURE
from example_app.tests.support import PASSWORD, MakeApp, Serve, Settings
from example_app.visitor import Visitor
from s3_saver import LocalStorage

#: Of a request that may be answered otherwise than a plain one.
UNUSUAL = [
    ("GET", {"Host": "127.0.0.1"}),
    ("GET", {"Host": "other.example"}),
    ("GET", {"Host": "localhost:80", "X-Forwarded-Host": "other.example"}),
    ("GET", {"X-Forwarded-Prefix": "/x", "X-Original-URL": "/", "X-Rewrite-URL": "/"}),
    ("GET", {"Range": "bytes=0-", "If-None-Match": "*"}),
    *((method, {}) for method in ("HEAD", "OPTIONS", "POST", "PUT", "DELETE", "PATCH", "TRACE")),
    *(
        ("POST", {"X-HTTP-Method-Override": method, "X-HTTP-Method": method})
        for method in ("GET", "DELETE")
    ),
]


def get(
    url: str, path: str, method: str = "GET", headers: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    """Return the status and content of what the app answers for exactly this path."""
    headers = headers or {}
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name, value)
        connection.endheaders()
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def spellings(path: str) -> list[str]:
    """Return other ways to write a path of two parts or more."""
    first, _, rest = path.strip("/").partition("/")
    encoded = f"%{ord(first[0]):02x}{first[1:]}"
    return [
        f"/{first}/{rest}",
        f"//{first}/{rest}",
        f"/{first}//{rest}",
        f"/./{first}/{rest}",
        f"/{first}/./{rest}",
        f"/{first}/%2e/{rest}",
        f"/{first}/%2E%2F{rest}",
        f"/{first}/x/../{rest}",
        f"/{first}/x/%2e%2e/{rest}",
        f"/{first}/x%2f..%2f{rest}",
        f"/{first}%2f{rest}",
        f"/{first}/%2f{rest}",
        f"/{encoded}/{rest}",
        f"/{first}/%{ord(rest[0]):02x}{rest[1:]}" if rest else f"/{first}/%2e",
        f"/{first}/%5c{rest}",
        f"/static/../{first}/{rest}",
        f"/{first.capitalize()}/{rest}",
        f"/{first}/{rest}%00",
        f"/{first};x/{rest}",
    ]


@pytest.mark.parametrize("is_private", [True, False])
def test_what_nobody_has_checked_is_not_sent(
    make_app: MakeApp, on_disk: Settings, serve: Serve, jpeg: bytes, is_private: bool
) -> None:
    """A file that was sent directly and is not claimed yet has no URL, private files or public."""
    app = make_app({**on_disk, "S3_PRIVATE": is_private})
    url = serve(app)
    visitor = Visitor(url)
    visitor.open("gallery")
    visitor.send_directly(PICTURE, "photo.jpg", jpeg, "image/jpeg")
    pending = [info.name for info in LocalStorage(f"{app.instance_path}/uploads").find("pending/")]
    assert pending
    for name in pending:
        for path in spellings(f"uploads/{name}"):
            status, content = get(url, path)
            assert status in (308, 400, 403, 404), path
            assert jpeg not in content, path
        for path in (
            f"/uploads/{name}",
            f"{url}uploads/{name}",
            f"http://x.example/uploads/{name}",
        ):
            for method, headers in UNUSUAL:
                status, content = get(url, path, method, headers)
                assert status in (200, 400, 403, 404, 405), (path, method, headers)
                assert (status, method) != (200, "GET"), (path, headers)
                assert jpeg not in content, (path, method, headers)
    left = [info.name for info in LocalStorage(f"{app.instance_path}/uploads").find("pending/")]
    assert left == pending


@pytest.mark.parametrize("name", ["secret_key", "example_app.sqlite"])
def test_the_data_folder_is_not_sent(
    make_app: MakeApp, on_disk: Settings, serve: Serve, name: str
) -> None:
    """No route of files leads to the database or to the key."""
    app = make_app({**on_disk, "S3_PRIVATE": False})
    url = serve(app)
    with open(f"{app.instance_path}/{name}", "rb") as file:
        secret = file.read()
    for folder in ("uploads", "_thumbnails", "static", "static/bootstrap", "admin/static"):
        for way in ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "x/../../", "./../", "/"):
            status, content = get(url, f"/{folder}/{way}{name}")
            assert status in (308, 400, 403, 404), (folder, way)
            assert secret not in content, (folder, way)


@pytest.mark.parametrize("path", ["admin/", "admin/picture/", "admin/picture/new/"])
def test_the_admin_asks_who_it_is(
    make_app: MakeApp, on_disk: Settings, serve: Serve, path: str
) -> None:
    """No way to write a page of the admin shows it to a stranger."""
    url = serve(make_app(on_disk))
    for spelling in spellings(path):
        status, content = get(url, spelling)
        assert status in (302, 308, 400, 404), spelling
        assert b"<table" not in content, spelling
        assert b"<form" not in content, spelling
    for method, headers in UNUSUAL:
        status, content = get(url, f"/{path}", method, headers)
        assert status in (302, 400, 404, 405) or (status, content) == (200, b""), (method, headers)
        assert b"<table" not in content, (method, headers)
        assert b"<form" not in content, (method, headers)


@pytest.fixture
def quickstart(on_disk: Settings, tmp_path: Path) -> Iterator[Flask]:
    """The app of one file, with the templates of the large one next to its own."""
    app = create_quickstart(
        {
            **on_disk,
            "SECRET_KEY": "a key for tests",
            "ADMIN_PASSWORD": PASSWORD,
            "SQLALCHEMY_DATABASE_URI": f"sqlite:///{tmp_path}/quickstart.sqlite",
            "UPLOADS_FOLDER": str(tmp_path / "uploads"),
        }
    )
    yield app
    with app.app_context():
        quickstart_db.engine.dispose()


@pytest.mark.parametrize("path", ["admin/", "admin/picture/", "admin/picture/new/"])
def test_the_quickstarts_admin_asks_for_its_password(
    quickstart: Flask, serve: Serve, path: str
) -> None:
    """No way to write a page of the admin shows it to who has not its password; who has it sees
    the page.
    """
    url = serve(quickstart)
    for spelling in spellings(path):
        status, content = get(url, spelling)
        assert status in (308, 400, 401, 404), spelling
        assert b"<table" not in content, spelling
        assert b"<form" not in content, spelling
    for method, headers in UNUSUAL:
        status, content = get(url, f"/{path}", method, headers)
        assert status in (400, 401), (method, headers)
        assert b"<table" not in content, (method, headers)
        assert b"<form" not in content, (method, headers)
    basic = b64encode(f"admin:{PASSWORD}".encode()).decode()
    status, content = get(url, f"/{path}", headers={"Authorization": f"Basic {basic}"})
    assert (status, b"Picture" in content) == (200, True)
