"""What the package signs is worth nothing once it was changed."""

import random
import string

import pytest
from itsdangerous import URLSafeSerializer
from sent_files import picture
from upload_site import MakeSite, Site

from flask_s3_upload import ConfigError, ExpiredTokenError, InvalidTokenError
from flask_s3_upload._signing import Signer
from flask_s3_upload._store import Store

ALPHABET = string.ascii_letters + string.digits + "-_.=! é"


def mutations(text: str, count: int = 1000) -> list[str]:
    """Changed, shortened, lengthened and shuffled copies; always the same ones."""
    chance = random.Random(6)
    found: set[str] = set()
    while len(found) < count:
        spot = chance.randrange(len(text))
        other = chance.choice(ALPHABET)
        changed = chance.choice(
            [
                text[:spot] + other + text[spot + 1 :],
                text[:spot] + text[spot + 1 :],
                text[:spot] + other + text[spot:],
                text[:spot],
                text[:-1] + other,
                text + other,
                text[:spot] + text[spot:].swapcase(),
                text[spot:] + text[:spot],
            ]
        )
        if changed != text:
            found.add(changed)
    return sorted(found)


def test_no_mutated_token_is_accepted(site: Site) -> None:
    """Of 1,000 changed tokens none is claimed, and the true one still is."""
    token = site.upload(picture())
    with site.client.session_transaction() as session:
        me = session["_uploads_user"]
    with site.app.test_request_context():
        from flask import session as current

        current["_uploads_user"] = me
        for changed in mutations(token):
            with pytest.raises(InvalidTokenError):
                site.uploads.claim(changed)
        assert site.uploads.claim(token).name == "cat.png"


@pytest.mark.parametrize(
    "change",
    [
        {"user": "user:bob"},
        {"size": 1},
        {"id": "0" * 32},
        {"filename": "a.html"},
        {"upload_id": "1"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_token_with_another_value(site: Site, change: dict[str, object]) -> None:
    """A well-formed token that says something else under the same signature is refused."""
    token = site.upload(picture())
    payload, time, signature = token.rsplit(".", 2)
    values = URLSafeSerializer("any").load_payload(payload.encode())
    assert set(change) <= set(values)
    changed = URLSafeSerializer("any").dump_payload({**values, **change}).decode()
    with pytest.raises(InvalidTokenError):
        site.claim(f"{changed}.{time}.{signature}")
    assert site.claim(f"{payload}.{time}.{signature}").name == "cat.png"


def test_no_mutated_receiving_url_is_accepted(make_local: MakeSite) -> None:
    """Of 1,000 changed URLs of the app's own upload route none takes a byte."""
    site = make_local()
    start, _, ticket = site.sign(picture())["url"].rpartition("/")
    for changed in mutations(ticket):
        answer = site.client.put(
            f"{start}/{changed}", data=picture(), headers={"Content-Type": "image/png"}
        )
        assert answer.status_code in (403, 404, 405), changed
    assert site.names() == []


def test_no_mutated_link_is_accepted(make_local: MakeSite) -> None:
    """Of 1,000 changed links to a private file on disk none is answered."""
    site = make_local(UPLOADS_PRIVATE=True)
    signer = Signer(site.app, Store())
    signature = signer.sign_url("a.txt", 60)
    assert signer.allows_url("a.txt", signature)
    assert not any(signer.allows_url("a.txt", changed) for changed in mutations(signature))
    assert not signer.allows_url("b.txt", signature)


def test_each_kind_has_its_own_salt(site: Site) -> None:
    """What was signed as one kind is worth nothing as another, under the same key."""
    signer = Signer(site.app, Store())
    token = signer.sign("claim:file", {"a": 1})
    assert signer.read("claim:file", token, 60) == {"a": 1}
    for kind in ("claim:avatar", "receive", "url"):
        with pytest.raises(InvalidTokenError):
            signer.read(kind, token, 60)


def test_another_app_s_token(make_site: MakeSite) -> None:
    """A token that another secret signed is refused."""
    site, other = make_site(), make_site(SECRET_KEY="another")
    with pytest.raises(InvalidTokenError):
        site.claim(other.upload(picture()))


def test_a_link_ends(make_local: MakeSite) -> None:
    """A link of n seconds holds for n to 2n seconds: one that ended is refused."""
    signer = Signer(make_local().app, Store())
    ended = signer._plain("url").dumps(["a.txt", 1])
    assert not signer.allows_url("a.txt", str(ended))


def test_a_token_ends(make_local: MakeSite) -> None:
    """A token older than allowed is distinguished from one that was changed."""
    signer = Signer(make_local().app, Store())
    token = signer.sign("claim:file", {})
    with pytest.raises(ExpiredTokenError):
        signer.read("claim:file", token, -1)


def test_a_secret_can_be_changed(make_local: MakeSite) -> None:
    """After a new SECRET_KEY, tokens of a key in SECRET_KEY_FALLBACKS still hold."""
    token = Signer(make_local(SECRET_KEY="old").app, Store()).sign("x", {"a": 1})
    rotated = Signer(make_local(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["old"]).app, Store())
    assert rotated.read("x", token, 60) == {"a": 1}
    with pytest.raises(InvalidTokenError):
        Signer(make_local(SECRET_KEY="new").app, Store()).read("x", token, 60)


def test_without_a_secret_nothing_is_signed(make_local: MakeSite) -> None:
    """An app without SECRET_KEY gets an error that names it."""
    site = make_local(SECRET_KEY=None)
    with pytest.raises(ConfigError, match="SECRET_KEY") as raised:
        Signer(site.app, Store()).sign("x", {})
    assert raised.value.setting == "SECRET_KEY"
