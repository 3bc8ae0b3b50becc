"""The app's own upload route, which stands in S3's place on disk."""

from typing import Any

import pytest
from sent_files import PART, big, picture
from upload_site import MakeSite
from web import running, send_in_chunks


def test_the_route_is_for_one_size_and_type(make_local: MakeSite) -> None:
    """The route refuses other sizes and types than were signed, as a presigned form does."""
    site = make_local()
    answer = site.sign(picture())
    assert site.send(answer, picture()[:-1]) == 422
    assert site.send(answer, picture() + b"x") == 422
    assert site.send(answer, picture(), **{"Content-Type": "text/html"}) == 422
    assert site.names() == []
    assert site.send(answer, picture()) == 204


def test_a_body_without_length(make_local: MakeSite) -> None:
    """A request that doesn't say how long it is, to a server that doesn't know where it ends, is
    refused before it is read."""
    site = make_local()
    url = site.sign(picture())["url"]
    answer = site.client.put(url, headers={"Content-Type": "image/png"})
    assert answer.status_code == 411
    assert answer.get_json()["error"].endswith("send it with a Content-Length.")


def test_chunked_requests(make_local: MakeSite) -> None:
    """A request in chunks, as proxies and command line tools send them, is taken up to the signed
    size; of one with fewer or more bytes, or of another type, nothing is kept."""
    site = make_local(MAX_CONTENT_LENGTH=50)
    answer, data = site.sign(picture()), picture()
    token = site.sign(big(), parts=True)["token"]
    part, last = site.ask("part", token=token, part=2), big()[PART:]
    with running(site.app) as url:

        def put(way: Any, *chunks: bytes, **headers: str) -> int:
            return send_in_chunks(url + way["url"], chunks, {**way["headers"], **headers})

        for wrong in ([data[:-1]], [data, b"x"], [data + bytes(200_000)], []):
            assert put(answer, *wrong) == 422
        assert put(answer, data, **{"Content-Type": "text/html"}) == 422
        assert put(part, last + b"x") == 422
        assert site.names() == []
        assert put(answer, data[:7], data[7:]) == 204
        assert put(part, last[:1], last[1:]) == 204
    assert site.read(site.claim(answer["token"]).name) == data


@pytest.mark.parametrize("terminated", [False, True])
def test_servers_that_end_the_input_themselves(make_local: MakeSite, terminated: bool) -> None:
    """With gunicorn, whose stream ends where the request does, bytes are taken as with others; of a
    request that ends before its announced length nothing is kept, and all can be sent again."""
    site = make_local()
    answer = site.sign(picture())

    def put(data: bytes) -> int:
        environ: dict[str, Any] = {"CONTENT_LENGTH": str(len(picture()))}
        if terminated:
            environ["wsgi.input_terminated"] = True
        return site.client.put(
            answer["url"], data=data, headers=answer["headers"], environ_overrides=environ
        ).status_code

    assert put(picture()[:-1]) in (400, 422)
    assert site.names() == []
    assert put(picture()) == 204
    assert site.read(site.claim(answer["token"]).name) == picture()


def test_a_part_is_for_one_size(make_local: MakeSite) -> None:
    """The route refuses a part of another size than was signed, as S3 does: many that are sent at
    once cannot be more than was announced."""
    site = make_local()
    token = site.sign(big(), parts=True)["token"]
    way, last = site.ask("part", token=token, part=2), big()[PART:]
    for wrong in (last[:-1], last + b"x", b""):
        assert site.send(way, wrong) == 422
    assert site.names() == []
    assert site.send(way, last) == 204


def test_the_app_s_limit_for_forms_does_not_apply(make_local: MakeSite) -> None:
    """MAX_CONTENT_LENGTH is for forms; the size of a direct upload was signed."""
    site = make_local(MAX_CONTENT_LENGTH=50)
    answer = site.client.post(
        "/uploads/-/sign", json={"filename": "a.png", "size": len(picture()), "type": "image/png"}
    ).get_json()
    assert site.send(answer, picture()) == 204


def test_what_is_pending_is_not_served(make_local: MakeSite) -> None:
    """Nobody reads an upload before it was checked."""
    site = make_local()
    site.upload(picture())
    (name,) = site.names("pending/")
    assert site.get(f"/uploads/{name}").status_code == 404


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_only_put(make_local: MakeSite, method: str) -> None:
    """The route takes a PUT and nothing else."""
    site = make_local()
    url = site.sign(picture())["url"]
    assert site.client.open(url, method=method, buffered=True).status_code in (404, 405)


def test_the_etag_is_told(make_local: MakeSite) -> None:
    """The answer to a part has an ETag, as S3's has, for clients that collect them."""
    site = make_local()
    token = site.sign(big(), parts=True)["token"]
    url = site.ask("part", token=token, part=2)["url"]
    answer = site.client.put(url, data=big()[PART:])
    (part,) = site.ask("parts", token=token)
    assert answer.headers["ETag"].strip('"') == part["ETag"]
