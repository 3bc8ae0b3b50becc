"""What others hear of files, by Flask's own kind of signals."""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from gallery import make_gallery
from sent_files import picture, posted
from upload_site import MakeSite, Site

from flask_s3_upload import ClaimError, StoredFile, file_claimed, file_deleted, file_saved


class Heard:
    """What was sent, and by whom."""

    def __init__(self) -> None:
        self.signals: list[tuple[str, StoredFile]] = []
        self.senders: set[object] = set()

    def listen(self) -> ExitStack:
        stack = ExitStack()
        for name, signal in {
            "saved": file_saved,
            "claimed": file_claimed,
            "deleted": file_deleted,
        }.items():

            def hear(sender: object, stored: StoredFile, name: str = name) -> None:
                self.senders.add(sender)
                self.signals.append((name, stored))

            stack.enter_context(signal.connected_to(hear))
        return stack

    @property
    def names(self) -> list[tuple[str, str]]:
        return [(signal, stored.name) for signal, stored in self.signals]


@pytest.fixture
def heard() -> Iterator[Heard]:
    heard = Heard()
    with heard.listen():
        yield heard


def test_a_saved_and_a_deleted_file(site: Site, heard: Heard) -> None:
    """Each is sent once, by the app, with the stored file; of a deleted one what is known still."""
    with site.app.app_context():
        stored = site.uploads.save(posted(picture(), "me.png"), to="a/")
        stored.delete()
        ((_, saved), (_, deleted)) = heard.signals
        assert heard.names == [("saved", "a/me.png"), ("deleted", "a/me.png")]
        assert saved == stored
        assert deleted.is_same_file(stored)
        assert not deleted.exists()
    assert heard.senders == {site.app}


def test_a_refused_file_is_not_heard_of(site: Site, heard: Heard) -> None:
    """Nothing was stored."""
    with site.app.app_context(), pytest.raises(TypeError):
        site.uploads.save(None)  # type: ignore[arg-type]
    assert heard.signals == []


def test_a_file_of_the_background(make_site: MakeSite, heard: Heard) -> None:
    """It is heard of when it is in its storage, and once."""
    site = make_site()
    with site.app.app_context():
        stored = site.uploads.save(posted(b"x", "a.txt"), background=True)
        background: Any = site.app.extensions["flask_s3_upload"][""].background
        background.queue.join()
    assert heard.names == [("saved", stored.name)]
    assert heard.senders == {site.app}


def test_a_claimed_upload(site: Site, heard: Heard) -> None:
    """A direct upload is heard of when it is claimed, and not while it is pending."""
    token = site.upload(picture())
    assert heard.signals == []
    stored = site.claim(token, "a/")
    assert heard.names == [("claimed", stored.name)]
    assert heard.signals[0][1] == stored


def test_claims_of_which_one_fails(site: Site, heard: Heard) -> None:
    """All or none are heard of, as all or none are claimed."""
    tokens = [site.upload(picture()), site.upload(picture())]
    site.claim(tokens[1])
    heard.signals.clear()
    with pytest.raises(ClaimError):
        site.claim_all(tokens)
    assert heard.signals == []
    site.claim_all(tokens[:1])
    assert [name for name, _ in heard.names] == ["claimed"]


def test_files_of_rows(make_local: MakeSite, heard: Heard) -> None:
    """What a flush stores and claims is heard of, and what goes with its row or a rollback."""
    gallery = make_gallery(make_local)
    session = gallery.db.session
    token = gallery.upload(picture())
    with gallery.site.visit():
        row = gallery.picture(image=token, document=posted(b"x", "a.txt"))
        session.add(row)
        assert heard.signals == []
        session.flush()
        image, document = row.image.name, row.document.name
        assert sorted(heard.names) == [("claimed", image), ("saved", document)]
        session.rollback()
        assert sorted(heard.names[2:]) == [("deleted", document), ("deleted", image)]
        heard.signals.clear()
        session.add(gallery.picture(document=posted(b"x", "a.txt")))
        session.commit()
        session.delete(gallery.row())
        session.commit()
        assert [signal for signal, _ in heard.names] == ["saved", "deleted"]
        gallery.db.engine.dispose()


def test_a_receiver_that_fails(site: Site, caplog: pytest.LogCaptureFixture) -> None:
    """The file is stored or claimed whatever a receiver makes of it; the log has the error."""

    def fail(sender: Flask, stored: StoredFile) -> None:
        raise ZeroDivisionError

    with file_saved.connected_to(fail), file_claimed.connected_to(fail):
        with site.app.app_context():
            assert site.uploads.save(posted(b"x", "a.txt")).exists()
        site.claim(site.upload(picture()), "a/")
    assert caplog.text.count("\nZeroDivisionError") == 2
    assert site.read("a/cat.png") == picture()


def test_a_receiver_of_one_app(make_local: MakeSite) -> None:
    """Who connects to one app hears of no other's files."""
    one, other = make_local(), make_local()
    names: list[str] = []

    def hear(sender: Flask, stored: StoredFile) -> None:
        names.append(stored.name)

    with file_saved.connected_to(hear, one.app):
        for site, name in ((one, "a.txt"), (other, "b.txt")):
            with site.app.app_context():
                site.uploads.save(posted(b"x", name))
    assert names == ["a.txt"]
