"""The app's own upload route does not wait for ever, and what was left is removed."""

import json
import os
import socket
import time
from urllib.parse import urlsplit

import pytest
from sent_files import picture
from test_cli import run
from upload_site import MakeSite
from web import fetch, running

from s3_saver import LocalStorage


@pytest.mark.parametrize("sent", [0, 1, 50])
def test_a_sender_that_stalls(make_local: MakeSite, sent: int) -> None:
    """Who announces bytes and does not send them gets a 408 in JSON after UPLOADS_RECEIVE_TIMEOUT,
    and nothing is kept; the same file can be sent again."""
    site = make_local(UPLOADS_RECEIVE_TIMEOUT=1)
    answer = site.sign(picture())
    with (
        running(site.app) as url,
        socket.create_connection(("127.0.0.1", urlsplit(url).port or 0)) as connection,
    ):
        head = (
            f"PUT {answer['url']} HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\n"
            f"Content-Length: {len(picture())}\r\n\r\n"
        )
        connection.sendall(head.encode() + picture()[:sent])
        with connection.makefile("rb") as file:
            got = file.read()
        assert b" 408 " in got.partition(b"\r\n")[0]
        assert json.loads(got.partition(b"\r\n\r\n")[2])["kind"] == "RequestTimeout"
        assert site.names() == []
        again = fetch(url + answer["url"], "PUT", picture(), answer["headers"])
        assert again.status == 204
    assert site.read(site.claim(answer["token"]).name) == picture()


def test_leftovers_are_pruned(make_local: MakeSite) -> None:
    """prune-pending removes hidden files that killed processes left, when they are a day old."""
    site = make_local()
    assert isinstance(site.storage, LocalStorage)
    folder = os.path.join(site.storage.root, "pending")
    os.makedirs(folder)
    old, young = (os.path.join(folder, f".s3-saver-{name}") for name in ("old", "young"))
    for path, age in ((old, 25 * 3600), (young, 3600)):
        with open(path, "wb") as file:
            file.write(b"half")
        os.utime(path, (time.time() - age,) * 2)
    dry = run(site, "prune-pending", "--older-than", "0", "--dry-run")
    assert "would delete pending/.s3-saver-old" in dry.output
    assert run(site, "prune-pending", "--older-than", "0", "--yes").output.endswith("1 deleted\n")
    assert [name for name in (old, young) if os.path.exists(name)] == [young]


def test_pruning_asks_first(make_local: MakeSite) -> None:
    """Without --yes the command shows what it would delete, and asks before it deletes."""
    site = make_local()
    site.upload(picture())
    result = run(site, "prune-pending", "--older-than", "0")
    assert (result.exit_code, "would delete pending/" in result.output) == (1, True)
    assert len(site.names()) == 1
