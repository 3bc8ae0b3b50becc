"""A virus scanner, as docs/recipes/virus-scanner.md has it."""

import io
import logging
import urllib.request
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from recipes.clamd import EICAR, Clamd, scanner
from recipes.page import Load

Recipe = dict[str, Any]

CLEAN = b"%PDF-1.7\n" + b"nothing to see here\n" * 20_000
INFECTED = b"%PDF-1.7\n" + bytes(70_000) + EICAR


@pytest.fixture
def recipe(load: Load) -> Recipe:
    """What the recipe defines."""
    return load("virus-scanner")


@pytest.fixture
def clamd(recipe: Recipe) -> Iterator[Clamd]:
    """A scanner that the recipe asks."""
    with scanner() as running:
        recipe["CLAMD"] = ("127.0.0.1", running.port)
        yield running


@pytest.fixture
def client(recipe: Recipe) -> FlaskClient:
    client: FlaskClient = recipe["app"].test_client()
    return client


def post(client: FlaskClient, data: bytes, name: str = "a.pdf") -> tuple[int, str]:
    answer = client.post("/documents", data={"file": (io.BytesIO(data), name)})
    return answer.status_code, answer.text


def send_directly(client: FlaskClient, data: bytes) -> str:
    """Do what a browser does: ask, send the bytes to where the answer says, return the token."""
    body = {"filename": "a.pdf", "size": len(data), "type": "application/pdf"}
    way = client.post("/uploads/-/sign", json={**body, "purpose": "document"}).get_json()
    if not way["url"].startswith("http"):
        assert client.put(way["url"], data=data, headers=way["headers"]).status_code == 204
        return str(way["token"])
    mark = uuid.uuid4().hex
    fields = "".join(
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in way["fields"].items()
    )
    file = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="blob"\r\n\r\n'
    sent = (fields + file).encode() + data + f"\r\n--{mark}--\r\n".encode()
    request = urllib.request.Request(
        way["url"], sent, {"Content-Type": f"multipart/form-data; boundary={mark}"}
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status in (200, 204)
    return str(way["token"])


def stored(recipe: Recipe) -> list[str]:
    with recipe["app"].app_context():
        return [info.name for info in recipe["uploads"].storages.current.find("documents/")]


def test_clean(recipe: Recipe, clamd: Clamd, client: FlaskClient) -> None:
    """A clean file is scanned, all of it, and stored."""
    assert post(client, CLEAN)[0] == 200
    assert clamd.scanned == [len(CLEAN)]
    assert stored(recipe) == ["documents/a.pdf"]


def test_infected(
    recipe: Recipe, clamd: Clamd, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that the scanner knows is refused in plain words, and the log has its name for it."""
    status, text = post(client, INFECTED)
    assert (status, "This file contains malware." in text) == (400, True)
    assert "Eicar" not in text
    assert "Eicar-Signature" in caplog.text
    assert stored(recipe) == []


def test_direct_uploads(recipe: Recipe, clamd: Clamd, client: FlaskClient) -> None:
    """What was sent past the app is scanned when it is claimed."""
    clean, infected = (send_directly(client, data) for data in (CLEAN, INFECTED))
    answer = client.post("/documents", data={"token": infected})
    assert (answer.status_code, "This file contains malware." in answer.text) == (400, True)
    assert stored(recipe) == []
    assert client.post("/documents", data={"token": clean}).status_code == 200
    assert stored(recipe) == ["documents/a.pdf"]
    assert len(CLEAN) in clamd.scanned


def test_other_rules_first(recipe: Recipe, clamd: Clamd, client: FlaskClient) -> None:
    """The scanner is not asked for what breaks another rule."""
    assert post(client, b"MZ" + bytes(100), "a.exe")[0] == 400
    assert clamd.scanned == []


@pytest.mark.parametrize(
    "answer",
    [
        b"stream: Engine not loaded ERROR\0",
        b"",
        b"stream: OK or so\0",
        b"\xff\0",
        b"UNKNOWN COMMAND\0",
    ],
)
def test_other_answers(
    answer: bytes, recipe: Recipe, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing but the one right answer lets a file pass."""
    with scanner(answer=answer) as clamd:
        recipe["CLAMD"] = ("127.0.0.1", clamd.port)
        status, text = post(client, CLEAN)
    assert (status, "The file could not be checked." in text) == (400, True)
    assert stored(recipe) == []
    assert caplog.record_tuples[-1][1] == logging.ERROR


def test_too_large_for_the_scanner(recipe: Recipe, client: FlaskClient) -> None:
    """A file that the scanner does not take to its end is refused."""
    with scanner(most=100_000) as clamd:
        recipe["CLAMD"] = ("127.0.0.1", clamd.port)
        status, text = post(client, CLEAN)
    assert (status, "The file could not be checked." in text) == (400, True)
    assert stored(recipe) == []


def test_no_scanner(recipe: Recipe, client: FlaskClient, caplog: pytest.LogCaptureFixture) -> None:
    """Where no scanner runs, no file is taken, and the log says why."""
    with scanner() as clamd:
        recipe["CLAMD"] = ("127.0.0.1", clamd.port)
    status, text = post(client, CLEAN)
    assert (status, "Try again later." in text) == (400, True)
    assert stored(recipe) == []
    assert "clamd did not answer for 'a.pdf'" in caplog.text
