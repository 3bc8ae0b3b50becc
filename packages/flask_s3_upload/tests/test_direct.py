"""Direct uploads: signing, sending and claiming, on disk and on S3 by one protocol."""

from threading import Thread
from typing import Any

import pytest
from conftest import PICTURES, MakeSite, Site, fetch, picture, posted

from flask_s3_upload import (
    AlreadyClaimedError,
    ClaimError,
    DirectUpload,
    ExpiredTokenError,
    InvalidTokenError,
    NotUploadedError,
    RejectedError,
    Rules,
    TooLargeError,
    Uploads,
    WrongTypeError,
)

PART = 5 * 1024 * 1024


def test_from_the_browser_to_a_stored_file(site: Site) -> None:
    """What a browser sends to where the answer says becomes, claimed, a StoredFile like any
    other; nothing but the mark stays pending."""
    token = site.upload(picture(), "Ann Lee.PNG")
    stored = site.claim(token, "avatars/")
    assert (stored.name, stored.size) == ("avatars/Ann-Lee.png", len(picture()))
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


def test_a_claimed_name_in_use_gets_an_id(site: Site) -> None:
    """Two uploads of the same name are both kept."""
    names = {site.claim(site.upload(picture()), "a/").name for _ in range(2)}
    assert "a/cat.png" in names
    assert len(names) == 2


def test_the_claimed_type_is_that_of_the_bytes(make_site: MakeSite) -> None:
    """On S3 the stored object has the sniffed type, whatever the browser said before."""
    site = make_site(UPLOADS_PRIVATE=True)
    site.uploads.allow_direct("any", rules=Rules(max_bytes=1000), authorize=lambda upload: True)
    token = site.upload(picture("GIF"), "odd.bin", purpose="any", type="text/html")
    stored = site.claim(token, purpose="any")
    assert stored.content_type == "image/gif"
    with site.app.test_request_context():
        url = stored.url
    answer = fetch(url).headers if site.on_s3 else site.get(url).headers
    assert answer["Content-Type"] == "image/gif"


def test_script_that_was_claimed_is_a_download(make_site: MakeSite) -> None:
    """SVG with script, where it is allowed at all, is an attachment once it is claimed."""
    site = make_site(UPLOADS_PRIVATE=True)
    site.uploads.allow_direct(
        "svg", rules=Rules(max_bytes=1000, types=("image/svg+xml",)), authorize=lambda upload: True
    )
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    token = site.upload(svg, "a.svg", purpose="svg", type="image/svg+xml")
    with site.app.test_request_context():
        url = site.claim(token, purpose="svg").url
    answer = fetch(url).headers if site.on_s3 else site.get(url).headers
    assert answer["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("data", "filename"),
    [
        (b"<!doctype html><script>alert(1)</script>", "cat.jpg"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "cat.png"),
        (b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)", "cat.png"),
        (b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)", "cat.jpg"),
        (b"alert(1)", "cat.gif"),
        (b"", "cat.png"),
    ],
    ids=["html as jpg", "svg as png", "polyglot as png", "polyglot as jpg", "js as gif", "empty"],
)
def test_bytes_that_are_not_what_they_claim(site: Site, data: bytes, filename: str) -> None:
    """A wrong type is found when it is claimed, and what is pending stays until it is pruned."""
    token = site.upload(data, filename, type="image/png")
    for _ in range(2):
        with pytest.raises(WrongTypeError):
            site.claim(token)
    assert len(site.names()) == 1
    assert site.names()[0].startswith("pending/")


def test_a_gif_that_is_a_script_too_is_served_as_a_picture(make_site: MakeSite) -> None:
    """A file that is both GIF and JavaScript is a GIF to us, and never served as a script."""
    site = make_site(UPLOADS_PRIVATE=True)
    token = site.upload(b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)", "cat.gif", type="image/gif")
    with site.app.test_request_context():
        url = site.claim(token).url
    answer = fetch(url).headers if site.on_s3 else site.get(url).headers
    assert answer["Content-Type"] == "image/gif"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"size": 3_000_000}, 422),
        ({"type": "text/html"}, 422),
        ({"type": "image/svg+xml"}, 422),
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
        assert response.get_json()["error"].endswith(".") or "allow_direct" in response.text


def test_who_is_not_authorized_is_not_signed_for(site: Site) -> None:
    """The authorize hook is told what is wanted, and its no is a 403."""
    asked: list[DirectUpload] = []

    def authorize(upload: DirectUpload) -> bool:
        asked.append(upload)
        return False

    site.uploads.allow_direct("mine", rules=PICTURES, authorize=authorize)
    question = {"filename": "a.png", "size": 10, "type": "image/png", "purpose": "mine"}
    assert site.client.post("/uploads/-/sign", json=question).status_code == 403
    assert [(one.purpose, one.filename, one.size) for one in asked] == [("mine", "a.png", 10)]


def test_nothing_is_signed_unless_allowed(make_site: MakeSite) -> None:
    """Without allow_direct the signing route answers nobody."""
    site = make_site()
    site.uploads._purposes.clear()
    response = site.client.post("/uploads/-/sign", json={"filename": "a", "size": 1})
    assert response.status_code == 422
    assert "allow_direct" in response.get_json()["error"]


def test_claimed_twice(site: Site) -> None:
    """A second claim says that the upload was used, even if the bytes are sent again."""
    answer = site.sign(picture())
    site.send(answer, picture())
    site.claim(answer["token"])
    with pytest.raises(AlreadyClaimedError, match="used already"):
        site.claim(answer["token"])
    site.send(answer, picture())
    with pytest.raises(AlreadyClaimedError):
        site.claim(answer["token"])
    assert site.names("cat") == ["cat.png"]


def test_of_concurrent_claims_one_wins(site: Site) -> None:
    """Of many claims of one token at once exactly one gets the file."""
    token = site.upload(picture())
    outcomes: list[object] = []

    def claim() -> None:
        try:
            outcomes.append(site.claim(token).name)
        except ClaimError as error:
            outcomes.append(type(error))

    threads = [Thread(target=claim) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("cat.png") == 1
    assert outcomes.count(AlreadyClaimedError) == 7
    assert site.names("cat") == ["cat.png"]


def test_a_claim_that_fails_on_the_way_can_be_tried_again(site: Site) -> None:
    """If the final name cannot be made, the upload is not lost."""
    token = site.upload(picture())
    for to in ("../outside/", "pending/"):
        with pytest.raises((ValueError, RejectedError)):
            site.claim(token, to)
    assert site.claim(token).name == "cat.png"


def test_expired(make_site: MakeSite) -> None:
    """A token that is too old says so, whatever it names."""
    site = make_site(UPLOADS_TOKEN_MAX_AGE=1)
    token = site.upload(picture())
    _age_tokens(site)
    with pytest.raises(ExpiredTokenError, match="expired"):
        site.claim(token)


def _age_tokens(site: Site) -> None:
    """Make what was signed so far two seconds old, by a signer whose clock is ahead."""
    import itsdangerous

    signer = site.app.extensions["flask_s3_upload"].places.signer
    plain = signer._timed

    class Later(itsdangerous.TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() + 2

    def timed(kind: str) -> itsdangerous.URLSafeTimedSerializer:
        serializer: itsdangerous.URLSafeTimedSerializer = plain(kind)
        serializer.signer = Later
        return serializer

    signer._timed = timed


def test_another_browser_s_token(site: Site) -> None:
    """A token that was shown to one visitor is worth nothing to another."""
    token = site.upload(picture())
    stranger = Site(site.app, site.uploads, site.storage)
    stranger.client.get("/")
    stranger.upload(picture())
    with pytest.raises(InvalidTokenError, match="somebody else"):
        stranger.claim(token)
    assert site.claim(token).name == "cat.png"


def test_another_user_s_token(make_site: MakeSite) -> None:
    """With a user hook, tokens are bound to the user's id, which claim can also be told."""
    current = ["ann"]
    site = make_site(Uploads(user=lambda: current[0]))
    token = site.upload(picture())
    current[0] = "bob"
    with pytest.raises(InvalidTokenError, match="somebody else"):
        site.claim(token)
    with pytest.raises(InvalidTokenError, match="somebody else"):
        site.claim(token, user="bob")
    with pytest.raises(InvalidTokenError, match="somebody else"):
        site.claim(token, user="browser:ann")
    assert site.claim(token, user="ann").name == "cat.png"


def test_a_user_hook_that_knows_nobody(make_site: MakeSite) -> None:
    """Where the hook gives None, tokens are bound to the browser: strangers don't share them."""
    site = make_site(Uploads(user=lambda: None))
    token = site.upload(picture())
    stranger = Site(site.app, site.uploads, site.storage)
    stranger.upload(picture())
    with pytest.raises(InvalidTokenError, match="somebody else"):
        stranger.claim(token)
    assert site.claim(token).name == "cat.png"


def test_without_a_limit_nothing_is_allowed(site: Site) -> None:
    """Rules without max_bytes are refused where browsers send by themselves."""
    with pytest.raises(ValueError, match="max_bytes"):
        site.uploads.allow_direct("all", rules=Rules(), authorize=lambda upload: True)


def test_another_purpose_s_token(site: Site) -> None:
    """A token for one purpose is worth nothing for another, even under the same rules."""
    site.uploads.allow_direct("avatar", rules=PICTURES, authorize=lambda upload: True)
    token = site.upload(picture())
    with pytest.raises(InvalidTokenError):
        site.claim(token, purpose="avatar")


def test_nothing_was_uploaded(site: Site) -> None:
    """A token whose bytes never came, or were pruned, says so."""
    token = site.sign(picture())["token"]
    with pytest.raises(NotUploadedError, match="not there"):
        site.claim(token)


def test_a_size_that_was_not_announced(make_site: MakeSite) -> None:
    """If other than the announced bytes are pending, claiming says so; too big is too big."""
    site = make_site()
    answer = site.sign(picture())
    (pending,) = _names_of(site, answer["token"])
    site.storage.save(pending, posted(picture() + b"more").stream)
    with pytest.raises(NotUploadedError, match="instead of"):
        site.claim(answer["token"])
    site.storage.save(pending, posted(bytes(2_000_001)).stream)
    with pytest.raises(TooLargeError):
        site.claim(answer["token"])


def _names_of(site: Site, *tokens: str) -> list[str]:
    signer = site.app.extensions["flask_s3_upload"].places.signer
    return [f"pending/{signer.read('claim:file', token, 60)['id']}" for token in tokens]


def test_put_for_stores_without_post(make_s3: MakeSite) -> None:
    """With UPLOADS_S3_DIRECT_METHOD = 'PUT' the answer is a presigned PUT; size is checked when it
    is claimed."""
    site = make_s3(UPLOADS_S3_DIRECT_METHOD="PUT")
    answer = site.sign(picture())
    assert (answer["method"], answer["headers"]) == ("PUT", {"Content-Type": "image/png"})
    assert site.send(answer, picture()) == 200
    assert site.read(site.claim(answer["token"]).name) == picture()
    answer = site.sign(picture())
    site.send(answer, picture() + b"more")
    with pytest.raises(NotUploadedError, match="instead of"):
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


def test_verify_leaves_the_upload(site: Site) -> None:
    """Verifying checks all that claiming does and moves nothing; after the claim it raises."""
    token = site.upload(picture())
    with site.client.session_transaction() as session:
        me = session["_uploads_user"]
    with site.app.test_request_context():
        from flask import session as current

        current["_uploads_user"] = me
        for _ in range(2):
            assert site.uploads.verify(token).filename == "cat.png"
        site.uploads.claim(token)
        with pytest.raises(AlreadyClaimedError):
            site.uploads.verify(token)


def big() -> bytes:
    """A picture in two parts."""
    return picture() + bytes(PART)


def _in_parts(make_site: MakeSite) -> Site:
    site = make_site(UPLOADS_PARTS_ABOVE=PART, UPLOADS_PART_BYTES=PART)
    site.uploads.allow_direct(
        rules=Rules(max_bytes=20_000_000, types=("image/*",)), authorize=lambda upload: True
    )
    return site


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


def test_parts_can_be_sent_again(make_site: MakeSite) -> None:
    """A part that is sent twice is there once: the last one counts."""
    site = _in_parts(make_site)
    data = big()
    token = site.sign(data)["token"]
    for number, part in [(1, bytes(PART)), (1, data[:PART]), (2, data[PART:])]:
        assert site.send(site.ask("part", token=token, part=number), part) in (200, 204)
    site.ask("complete", token=token)
    assert site.read(site.claim(token).name) == data


def test_missing_parts_cannot_be_completed(make_site: MakeSite) -> None:
    """Completing says how much is missing, and the rest can still be sent."""
    site = _in_parts(make_site)
    data = big()
    token = site.sign(data)["token"]
    site.send(site.ask("part", token=token, part=2), data[PART:])
    response = site.client.post("/uploads/-/complete", json={"token": token})
    assert response.status_code == 422
    assert f"{len(data) - PART} of {len(data)} bytes" in response.get_json()["error"]
    with pytest.raises(NotUploadedError):
        site.claim(token)
    site.send(site.ask("part", token=token, part=1), data[:PART])
    site.ask("complete", token=token)
    assert site.read(site.claim(token).name) == data


def test_parts_that_are_too_many_bytes(make_site: MakeSite) -> None:
    """Parts that are more than was announced never become an upload."""
    site = _in_parts(make_site)
    data = big()
    token = site.sign(data)["token"]
    site.send(site.ask("part", token=token, part=1), bytes(PART))
    site.send(site.ask("part", token=token, part=2), bytes(PART))
    site.client.post("/uploads/-/complete", json={"token": token})
    with pytest.raises(NotUploadedError):
        site.claim(token)


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
        found = client.list_multipart_uploads(Bucket=site.storage.bucket)  # type: ignore[union-attr]
        assert not found.get("Uploads")


def test_a_whole_upload_has_no_parts(site: Site) -> None:
    """Asking for parts of an upload that has none, or for impossible ones, is refused."""
    token = site.sign(picture())["token"]
    response = site.client.post("/uploads/-/part", json={"token": token, "part": 1})
    assert response.status_code == 400
    token = site.sign(picture(), parts=True)["token"]
    for number in (0, 10_001, "1", None):
        response = site.client.post("/uploads/-/part", json={"token": token, "part": number})
        assert response.status_code == 400


def test_a_browser_may_ask_for_parts(site: Site) -> None:
    """A client that cuts files by itself says so, whatever their size."""
    answer = site.sign(picture(), parts=True)
    assert {"uploadId", "key", "partSize", "token"} <= set(answer)
    way = site.ask("part", token=answer["token"], part=1)
    site.send(way, picture())
    site.ask("complete", token=answer["token"])
    assert site.read(site.claim(answer["token"]).name) == picture()
