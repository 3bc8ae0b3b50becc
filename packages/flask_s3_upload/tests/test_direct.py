"""Direct uploads: signing and sending, whole and in parts, on disk and on S3 by one protocol."""

import threading
from typing import Any

import pytest
from sent_files import PART, big, picture, posted
from upload_site import PICTURES, MakeSite, Site, without_prefix

from flask_s3_upload import ConfigError, DirectUpload, NotUploadedError
from untrusted_files import Rules, WrongTypeError


def test_from_the_browser_to_a_stored_file(site: Site) -> None:
    """What a browser sends to where the answer says becomes, claimed, a StoredFile like any
    other; nothing but the mark stays pending."""
    token = site.upload(picture(), "Ann Lee.PNG")
    stored = site.claim(token, "avatars/")
    assert (stored.name, stored.size) == ("avatars/Ann_Lee.PNG", len(picture()))
    assert (stored.content_type, bool(stored.storage_type)) == ("image/png", site.on_s3)
    assert site.read(stored.name) == picture()
    assert [name.endswith(".claimed") for name in site.names("pending/")] == [True]


def test_the_server_chooses_name_and_size(site: Site) -> None:
    """The client's file name is not in the key: that is random and below pending/; the announced
    size is the only one that is signed."""
    first, second = site.sign(picture(), "a.png"), site.sign(picture(), "a.png")
    places = [answer.get("fields", {}).get("key") or answer["url"] for answer in (first, second)]
    assert places[0] != places[1]
    if site.on_s3:
        assert all("pending/" in place and "a.png" not in place for place in places)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"size": 30_000_000}, 422),
        ({"filename": "a", "type": "text/html"}, 422),
        ({"filename": "a", "type": "image/svg+xml"}, 422),
        ({"filename": "a", "type": ""}, 422),
        ({"filename": "a.html"}, 422),
        ({"filename": "a.svg"}, 422),
        ({"purpose": "unknown"}, 422),
        ({"size": -1}, 400),
        ({"size": "1"}, 400),
        ({"size": True}, 400),
        ({"size": None}, 400),
        ({"filename": 3}, 400),
        ({"filename": None}, 400),
        ({"parts": "yes"}, 400),
    ],
)
def test_what_breaks_the_rules_is_not_signed(site: Site, body: dict[str, Any], status: int) -> None:
    """The signing route refuses what the rules forbid and what is no question, with a reason."""
    question = {"filename": "a.png", "size": 10, "type": "image/png", **body}
    response = site.client.post("/uploads/-/sign", json=question)
    assert response.status_code == status
    assert site.names() == []
    if status == 422:
        assert response.get_json()["error"].endswith(".")


def test_the_name_goes_before_what_the_browser_believes(site: Site) -> None:
    """On Windows, browsers take CSV for Excel's, and zip something of its own: files are accepted
    by what their names promise, and sent as that."""
    types = ("text/csv", "application/zip")
    site.uploads.allow_direct("data", rules=Rules(max_bytes=99, types=types), authorize=bool)
    said = {"a.csv": "application/vnd.ms-excel", "a.zip": "application/x-zip-compressed"}
    for (name, believed), right in zip(said.items(), types, strict=True):
        answer = site.sign(b"a,b", name, type=believed, purpose="data")
        assert {**answer["headers"], **answer["fields"]}["Content-Type"] == right
        assert site.send(answer, b"a,b") in (200, 204)
        if name == "a.csv":
            assert site.claim(answer["token"], purpose="data").content_type == right


def test_who_is_not_authorized_is_not_signed_for(site: Site) -> None:
    """The authorize hook gets what is wanted, and its no is a 403."""
    asked: list[DirectUpload] = []

    def authorize(upload: DirectUpload) -> bool:
        asked.append(upload)
        return False

    site.uploads.allow_direct("mine", rules=PICTURES, authorize=authorize)
    question = {"filename": "a.png", "size": 10, "type": "image/png", "purpose": "mine"}
    assert site.client.post("/uploads/-/sign", json=question).status_code == 403
    assert [(one.purpose, one.filename, one.size) for one in asked] == [("mine", "a.png", 10)]


def test_nothing_is_signed_unless_allowed(
    make_site: MakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    """What no allow_direct allows is refused: the visitor learns that much, the app's log what to
    call. Code that asks for it gets a ConfigError."""
    site = make_site()
    question = {"filename": "a", "size": 1, "purpose": "photos"}
    response = site.client.post("/uploads/-/sign", json=question)
    assert response.status_code == 422
    assert response.get_json()["error"] == "Uploads of this kind are not accepted here."
    assert "uploads.allow_direct('photos'" in caplog.text
    with site.app.test_request_context(), pytest.raises(ConfigError, match="'file'$"):
        site.uploads.hold(posted(picture()), purpose="photos")


def test_without_a_limit_nothing_is_allowed(site: Site) -> None:
    """Rules without max_bytes are refused where browsers send by themselves."""
    with pytest.raises(ValueError, match="max_bytes"):
        site.uploads.allow_direct("all", rules=Rules(), authorize=lambda upload: True)


def test_put_for_stores_without_post(make_s3: MakeSite) -> None:
    """With UPLOADS_S3_DIRECT_METHOD = 'PUT' the answer is a presigned PUT of one size, which is
    checked again when it is claimed, as a store may not.
    """
    site = make_s3(UPLOADS_S3_DIRECT_METHOD="PUT")
    answer = site.sign(picture())
    assert (answer["method"], answer["headers"]) == ("PUT", {"Content-Type": "image/png"})
    assert site.send(answer, picture()) == 200
    assert site.read(site.claim(answer["token"]).name) == picture()
    assert "SignedHeaders=content-length%3Bcontent-type%3Bhost" in answer["url"]
    answer = site.sign(picture())
    site.send(answer, picture() + b"more")
    with pytest.raises(NotUploadedError, match="arrive whole|not arrived"):  # refused already
        site.claim(answer["token"])


def test_a_plain_form_s_file_can_be_held(site: Site) -> None:
    """A file of an ordinary post gets a token as if the browser had sent it directly."""
    with site.client.session_transaction() as session:
        session["_uploads_user"] = "me"
    with site.app.test_request_context():
        from flask import session as current

        current["_uploads_user"] = "me"
        token = site.uploads.hold(posted(picture(), "Tom.png"))
        with pytest.raises(WrongTypeError):
            site.uploads.hold(posted(b"<script>", "Tom.png"))
        assert site.uploads.verify(token).filename == "Tom.png"
        assert site.uploads.verify(token).size == len(picture())
    assert site.claim(token).name == "Tom.png"


def _in_parts(make_site: MakeSite) -> Site:
    return make_site(UPLOADS_PARTS_ABOVE=PART, UPLOADS_PART_BYTES=PART)


@pytest.mark.parametrize(("size", "in_parts"), [(100_000_000, False), (100_000_001, True)])
def test_files_above_100_mb_go_in_parts(make_site: MakeSite, size: int, in_parts: bool) -> None:
    """Without settings, what is larger than 100 MB goes in parts of 16 MiB."""
    site = make_site(rules=Rules(max_bytes=10**12), UPLOADS_PART_BYTES=None)
    answer = site.ask("sign", filename="a.png", size=size, type="image/png")
    assert answer.get("partSize") == (16 * 1024 * 1024 if in_parts else None)
    assert ("uploadId" in answer) == in_parts


def test_no_file_has_more_parts_than_s3_takes(make_site: MakeSite) -> None:
    """The parts of a very large file are so large that 10,000 of them are enough."""
    site = make_site(rules=Rules(max_bytes=10**12), UPLOADS_PART_BYTES=None)
    size = 10_000 * 16 * 1024 * 1024 + 1
    part = site.ask("sign", filename="a.png", size=size, type="image/png")["partSize"]
    assert 9_999 * part < size <= 10_000 * part


def test_big_files_go_in_parts(make_site: MakeSite) -> None:
    """Above UPLOADS_PARTS_ABOVE the answer is in parts, each signed when asked for; put together
    they are claimed like any other."""
    site = _in_parts(make_site)
    data = big()
    answer = site.sign(data)
    assert answer["partSize"] == PART
    token = answer["token"]
    for number in (2, 1):
        way = site.ask("part", token=token, part=number)
        assert site.send(way, data[(number - 1) * PART : number * PART]) in (200, 204)
    assert [(part["PartNumber"], part["Size"]) for part in site.ask("parts", token=token)] == [
        (1, PART),
        (2, len(data) - PART),
    ]
    site.ask("complete", token=token)
    stored = site.claim(token, "big/")
    assert (stored.size, site.read(stored.name)) == (len(data), data)


@without_prefix
def test_parts_can_be_sent_again(make_site: MakeSite) -> None:
    """A part that is sent twice is there once: the last one counts."""
    site = _in_parts(make_site)
    data = big()
    token = site.sign(data)["token"]
    for number, part in [(1, bytes(PART)), (1, data[:PART]), (2, data[PART:])]:
        assert site.send(site.ask("part", token=token, part=number), part) in (200, 204)
    site.ask("complete", token=token)
    assert site.read(site.claim(token).name) == data


@without_prefix
def test_missing_parts_cannot_be_completed(make_site: MakeSite) -> None:
    """Completing says how much is missing, and the rest can still be sent."""
    site = _in_parts(make_site)
    data = big()
    token = site.sign(data)["token"]
    site.send(site.ask("part", token=token, part=2), data[PART:])
    response = site.client.post("/uploads/-/complete", json={"token": token})
    assert response.status_code == 422
    message = f"Only {len(data) - PART} bytes of 5.243 MB arrived: try again."
    assert response.get_json()["error"] == message
    with pytest.raises(NotUploadedError):
        site.claim(token)
    site.send(site.ask("part", token=token, part=1), data[:PART])
    site.ask("complete", token=token)
    assert site.read(site.claim(token).name) == data


@without_prefix
@pytest.mark.parametrize("sizes", [(PART, PART), (PART + 1, -1), (PART - 1, 1), (PART, -1)])
def test_parts_of_other_sizes(make_site: MakeSite, sizes: tuple[int, int]) -> None:
    """Parts that were not cut as the answer says never become an upload, not even if they have the
    file's size together; S3 refuses them when they come, as the app's own route does."""
    site = _in_parts(make_site)
    data = big()
    rest = len(data) - PART
    first, second = sizes[0], sizes[1] if sizes[1] == PART else rest + sizes[1]
    token = site.sign(data)["token"]
    site.send(site.ask("part", token=token, part=1), bytes(first))
    site.send(site.ask("part", token=token, part=2), bytes(second))
    assert site.client.post("/uploads/-/complete", json={"token": token}).status_code == 422
    with pytest.raises(NotUploadedError):
        site.claim(token)


@without_prefix
def test_completing_again(make_site: MakeSite) -> None:
    """A browser that lost the answer completes once more and is content, as long as the file is
    there; one that was taken away is reported."""
    site = _in_parts(make_site)
    data = big()
    token = site.sign(data)["token"]
    for number, part in [(1, data[:PART]), (2, data[PART:])]:
        site.send(site.ask("part", token=token, part=number), part)
    for _ in range(2):
        site.ask("complete", token=token)
    assert site.read(site.claim(token).name) == data
    answer = site.client.post("/uploads/-/complete", json={"token": token})
    assert (answer.status_code, answer.get_json()["kind"]) == (422, "NotUploadedError")


@without_prefix
def test_completing_at_once(make_site: MakeSite) -> None:
    """Of requests that complete one upload at the same time each is content, and the file is
    whole."""
    site = _in_parts(make_site)
    data = big()
    token = site.sign(data)["token"]
    for number, part in [(1, data[:PART]), (2, data[PART:])]:
        site.send(site.ask("part", token=token, part=number), part)
    with site.client.session_transaction() as session:
        user = session["_uploads_user"]
    answers = []

    def complete() -> None:
        client = site.app.test_client()
        with client.session_transaction() as session:
            session["_uploads_user"] = user
        answers.append(client.post("/uploads/-/complete", json={"token": token}).status_code)

    threads = [threading.Thread(target=complete) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 4
    assert site.read(site.claim(token).name) == data


@pytest.mark.parametrize("in_parts", [False, True])
def test_cancelling_removes_what_is_there(make_site: MakeSite, in_parts: bool) -> None:
    """A cancelled upload leaves nothing, neither an object nor parts that cost money."""
    site = _in_parts(make_site)
    data = big() if in_parts else picture()
    answer = site.sign(data)
    if in_parts:
        site.send(site.ask("part", token=answer["token"], part=1), data[:PART])
    else:
        site.send(answer, data)
    for _ in range(2):
        site.ask("cancel", token=answer["token"])
    assert site.names() == []
    if site.on_s3:
        client: Any = site.storage.client  # type: ignore[union-attr]
        found = client.list_multipart_uploads(Bucket=site.storage.bucket_name)  # type: ignore[union-attr]
        assert not found.get("Uploads")


def test_a_whole_upload_has_no_parts(site: Site) -> None:
    """Asking for parts of an upload that has none, or for impossible ones, is refused."""
    token = site.sign(picture())["token"]
    response = site.client.post("/uploads/-/part", json={"token": token, "part": 1})
    assert response.status_code == 400
    token = site.sign(big(), parts=True)["token"]
    for number in (0, 3, 10_001, "1", None, 10**400):
        response = site.client.post("/uploads/-/part", json={"token": token, "part": number})
        assert response.status_code == 400


def test_a_browser_may_ask_for_parts(site: Site) -> None:
    """A client that cuts files by itself says so; what fits into one part is sent as a whole."""
    answer = site.sign(big(), parts=True)
    assert {"uploadId", "key", "partSize", "token"} <= set(answer)
    for number, data in ((1, big()[:PART]), (2, big()[PART:])):
        site.send(site.ask("part", token=answer["token"], part=number), data)
    site.ask("complete", token=answer["token"])
    assert site.read(site.claim(answer["token"]).name) == big()
    for size in (0, 1, PART):
        question = {"filename": "a.png", "size": size, "type": "image/png", "parts": True}
        refused = site.client.post("/uploads/-/sign", json=question)
        assert (refused.status_code, refused.get_json()["kind"]) == (422, "RejectedError")


def test_each_part_is_authorized(site: Site) -> None:
    """authorize is asked again for each part: whose right was taken away sends no more."""
    allowed = [True, True, False]
    asked: list[DirectUpload] = []

    def authorize(upload: DirectUpload) -> bool:
        asked.append(upload)
        return allowed[len(asked) - 1]

    site.uploads.allow_direct("mine", rules=PICTURES, authorize=authorize)
    token = site.sign(big(), parts=True, purpose="mine")["token"]
    site.ask("part", token=token, part=1, purpose="mine")
    question = {"token": token, "part": 2, "purpose": "mine"}
    assert site.client.post("/uploads/-/part", json=question).status_code == 403
    assert [bool(one.upload_id) for one in asked] == [False, True, True]
