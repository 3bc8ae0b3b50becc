"""Claiming: what a token is worth, and to whom; on disk and on S3."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from threading import Event, Thread
from typing import IO, Any, ClassVar

import pytest
from obeying_store import running_store
from sent_files import picture, posted
from upload_site import PICTURES, MakeSite, Site, without_prefix
from web import fetch

from flask_s3_upload import (
    AlreadyClaimedError,
    ClaimError,
    ConfigError,
    ExpiredTokenError,
    InvalidTokenError,
    NotUploadedError,
    Uploads,
)
from s3_saver import FileInfo, LocalStorage, StorageUnavailableError
from s3_saver.testing import S3Server
from untrusted_files import CheckedFile, RejectedError, Rules, TooLargeError, WrongTypeError


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


def test_all_or_none(site: Site) -> None:
    """If one of several uploads cannot be claimed, none is stored, and the others can be claimed
    as before."""
    tokens = [site.upload(picture(), f"{name}.png") for name in "abc"]
    html = site.upload(b"<!doctype html>", "d.png")
    foreign = Site(site.app, site.uploads, site.storage).upload(picture())
    for bad, error in [
        (html, WrongTypeError),
        (foreign, InvalidTokenError),
        (tokens[0], ClaimError),
    ]:
        with pytest.raises(error):
            site.claim_all([*tokens, bad], "album/")
        assert site.names("album/") == []
    stored = site.claim_all(tokens, "album/")
    assert (
        [one.name for one in stored]
        == site.names("album/")
        == [f"album/{name}.png" for name in "abc"]
    )
    assert [site.read(one.name) for one in stored] == [picture()] * 3
    assert site.claim_all([]) == []


def test_what_is_stored_is_claimed(make_local: MakeSite, caplog: pytest.LogCaptureFixture) -> None:
    """If the pending bytes cannot be deleted in the end, the file is claimed all the same, and the
    log lists what is to be pruned."""

    class Stubborn(LocalStorage):
        def delete(self, *names: str | FileInfo) -> None:
            raise StorageUnavailableError(f"cannot delete {names}")

    site = make_local()
    token = site.upload(picture())
    assert isinstance(site.storage, LocalStorage)
    site.app.extensions["flask_s3_upload"][""].storages._disk = Stubborn(site.storage.root)
    assert site.claim(token).name == "cat.png"
    assert "prune" in caplog.text
    with pytest.raises(AlreadyClaimedError):
        site.claim(token)


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
    _set_clock(site, -2)
    token = site.upload(picture())
    with pytest.raises(ExpiredTokenError, match="expired"):
        site.claim(token)


@pytest.mark.parametrize("ahead", [2, 200, 400])
def test_a_server_whose_clock_is_ahead(site: Site, ahead: int) -> None:
    """What it has signed holds on the others at once, if their clocks differ by minutes at most."""
    _set_clock(site, ahead)
    answer = site.sign(picture())
    status = site.send(answer, picture())
    if ahead > 300:
        assert site.on_s3 or status == 403
        with pytest.raises(ExpiredTokenError, match="expired"):
            site.claim(answer["token"])
    else:
        assert site.claim(answer["token"]).name == "cat.png"


def _set_clock(site: Site, ahead: int) -> None:
    """Let what is signed from now on be of a server whose clock is ahead by so many seconds."""
    import itsdangerous

    signer = site.app.extensions["flask_s3_upload"][""].signer
    plain = signer._timed

    class Other(itsdangerous.TimestampSigner):
        def get_timestamp(self) -> int:
            return super().get_timestamp() + ahead

    def timed(kind: str) -> itsdangerous.URLSafeTimedSerializer:
        serializer: itsdangerous.URLSafeTimedSerializer = plain(kind)
        serializer.signer = Other
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
    """With a user hook, tokens are bound to the user's id, which can also be passed to claim."""
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


def test_another_purpose_s_token(site: Site) -> None:
    """A token for one purpose is worth nothing for another, even under the same rules."""
    site.uploads.allow_direct("avatar", rules=PICTURES, authorize=lambda upload: True)
    token = site.upload(picture())
    with pytest.raises(InvalidTokenError):
        site.claim(token, purpose="avatar")


def test_nothing_was_uploaded(site: Site) -> None:
    """A token whose bytes never came, or were pruned, says so."""
    token = site.sign(picture())["token"]
    with pytest.raises(NotUploadedError, match="not arrived"):
        site.claim(token)


def test_a_size_that_was_not_announced(make_site: MakeSite) -> None:
    """If other than the announced bytes are pending, claiming says so; too big is too big."""
    site = make_site()
    answer = site.sign(picture())
    (pending,) = _names_of(site, answer["token"])
    site.storage.save(pending, posted(picture() + b"more").stream)
    with pytest.raises(NotUploadedError, match="arrive whole"):
        site.claim(answer["token"])
    site.storage.save(pending, posted(bytes(20_000_001)).stream)
    with pytest.raises(TooLargeError):
        site.claim(answer["token"])


def _names_of(site: Site, *tokens: str) -> list[str]:
    signer = site.app.extensions["flask_s3_upload"][""].signer
    return [f"pending/{signer.read('claim:file', token, 60)['id']}" for token in tokens]


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


class Overtaken(Rules):
    """Rules whose check somebody else uses to do something with the same upload."""

    before: ClassVar[list[Callable[[], object]]] = []
    after: ClassVar[list[Callable[[], object]]] = []

    def check(self, file: IO[bytes], filename: str | None) -> CheckedFile:
        while self.before:
            self.before.pop()()
        found = super().check(file, filename)
        while self.after:
            self.after.pop()()
        return found


@pytest.mark.parametrize("late", [False, True])
def test_overtaken_by_another_claim(site: Site, late: bool) -> None:
    """A claim whose upload another one takes away before or after the check says that it was
    used."""
    site.uploads.allow_direct(
        "race", rules=Overtaken(max_bytes=10_000), authorize=lambda upload: True
    )
    token = site.upload(picture(), purpose="race")
    names: list[str] = []
    overtake = Overtaken.after if late else Overtaken.before
    overtake.append(lambda: names.append(site.claim(token, purpose="race").name))
    with pytest.raises(AlreadyClaimedError):
        site.claim(token, purpose="race")
    assert names == site.names("cat") == ["cat.png"]


@pytest.mark.parametrize("late", [False, True])
def test_taken_away_during_the_claim(site: Site, late: bool) -> None:
    """A claim whose upload is cancelled or pruned in the meantime says that it is not there, or, on
    a disk, where an open file stays what it is, still gets it."""
    site.uploads.allow_direct(
        "race", rules=Overtaken(max_bytes=10_000), authorize=lambda upload: True
    )
    answer = site.sign(picture(), purpose="race")
    site.send(answer, picture())
    cancel = {"token": answer["token"], "purpose": "race"}
    (Overtaken.after if late else Overtaken.before).append(lambda: site.ask("cancel", **cancel))
    if site.on_s3:
        with pytest.raises(NotUploadedError, match="not arrived"):
            site.claim(answer["token"], purpose="race")
        assert site.names() == []
    else:
        assert site.claim(answer["token"], purpose="race").name == "cat.png"


CLAIMER = """
import json, sys
from flask import Flask
from flask_s3_upload import AlreadyClaimedError, Uploads
from untrusted_files import Rules
settings, tokens = json.loads(sys.argv[1]), json.loads(sys.argv[2])
app = Flask("claiming")
app.config.from_mapping(settings)
uploads = Uploads(app)
uploads.allow_direct(rules=Rules(max_bytes=2_000_000), authorize=lambda upload: True)
print("ready", flush=True)
sys.stdin.readline()
won = []
with app.app_context():
    for token in tokens:
        try:
            won.append(uploads.claim(token, user="ann").name)
        except AlreadyClaimedError:
            won.append(None)
print(json.dumps(won))
"""


@without_prefix
def test_of_concurrent_claims_in_two_processes_one_wins(make_site: MakeSite) -> None:
    """Two workers that claim the same tokens share them out: each is claimed by exactly one, and
    no file is stored twice."""
    site = make_site(Uploads(user=lambda: "ann"))
    tokens = [site.upload(picture(), f"{number}.png") for number in range(10)]
    settings = {
        key: value if isinstance(value, str) else str(value)
        for key, value in site.app.config.items()
        if key.startswith("UPLOADS_") or key == "SECRET_KEY"
    }
    command = [sys.executable, "-c", CLAIMER, json.dumps(settings), json.dumps(tokens)]
    workers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for worker in workers:
        assert worker.stdout
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin
        worker.stdin.write("\n")
        worker.stdin.flush()
    first, second = [json.loads(worker.communicate()[0]) for worker in workers]
    names = [f"{number}.png" for number in range(10)]
    assert [one or other for one, other in zip(first, second, strict=True)] == names
    assert [one and other for one, other in zip(first, second, strict=True)] == [None] * 10
    assert [name for name in site.names() if not name.startswith("pending/")] == names


class Replaced(Rules):
    """Rules whose file is replaced while they read it."""

    replace_file: ClassVar[Callable[[], object]]

    def check(self, file: IO[bytes], filename: str | None) -> CheckedFile:
        file.read(1)
        type(self).replace_file()
        file.seek(-1, 2)
        file.read(1)
        return super().check(file, filename)


def test_replaced_while_it_is_read(make_s3: MakeSite) -> None:
    """An upload that changes while its bytes are checked is a ClaimError and no failure of the
    storage, and can be claimed once it is as it was announced."""
    site = make_s3()
    data = picture() + bytes(1_000_000)
    site.uploads.allow_direct(
        "race", rules=Replaced(max_bytes=2_000_000), authorize=lambda upload: True
    )
    answer = site.sign(data, purpose="race")
    site.send(answer, data)
    Replaced.replace_file = lambda: site.send(answer, data[::-1])
    for check in (site.uploads.verify, site.uploads.claim):
        site.send(answer, data)
        with site.visit(), pytest.raises(NotUploadedError, match="changed"):
            check(answer["token"], purpose="race")
    assert site.names("cat") == []
    site.send(answer, data)
    Replaced.replace_file = lambda: None
    assert site.read(site.claim(answer["token"], purpose="race").name) == data


@pytest.mark.servers
def test_what_is_checked_is_what_is_moved(make_s3: MakeSite) -> None:
    """A browser that sends evil bytes, good ones and evil ones again, as fast as it can, gets an
    error of the claim or the good file, and never a picture that is a page."""
    site = make_s3()
    good, evil = picture(), b"<!doctype html><script>alert(1)</script>".ljust(len(picture()))
    outcomes: set[object] = set()
    for number in range(6):
        answer = site.sign(good, f"{number}.png")
        site.send(answer, evil)
        is_over = Event()

        def flip(answer: Any = answer, is_over: Event = is_over) -> None:
            while not is_over.is_set():
                site.send(answer, good)
                site.send(answer, evil)

        thread = Thread(target=flip)
        thread.start()
        for _ in range(40):
            try:
                stored = site.claim(answer["token"], "photos/")
            except (ClaimError, RejectedError) as error:
                outcomes.add(type(error))
                if isinstance(error, AlreadyClaimedError):
                    break
            else:
                outcomes.add("stored")
                assert site.read(stored.name) == good
                break
        is_over.set()
        thread.join()
    assert all(site.read(name) == good for name in site.names("photos/"))
    assert outcomes <= {"stored", NotUploadedError, WrongTypeError, AlreadyClaimedError}


def test_a_store_that_cannot_decide(make_s3: MakeSite, s3_server: S3Server) -> None:
    """Where a store ignores If-None-Match, so that two could claim one upload, claims are refused
    in words that name the setting; where it allows races they are not."""
    if "S3_TEST_ENDPOINT" in os.environ:
        pytest.skip("the proxy changes the host, which is signed")
    with running_store(s3_server.endpoint_url, "forgets") as store:
        site = make_s3(UPLOADS_S3_ENDPOINT_URL=store.endpoint_url)
        token = site.upload(picture())
        with pytest.raises(ConfigError, match="S3_RACES = 'allow'"):
            site.claim(token)
        site = make_s3(UPLOADS_S3_ENDPOINT_URL=store.endpoint_url, UPLOADS_S3_RACES="allow")
        token = site.upload(picture())
        assert site.claim(token).name == "cat.png"
