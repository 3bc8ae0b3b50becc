"""Sending files to S3 after the response."""

import os
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sent_files import picture, posted
from upload_site import MakeSite, Site

from flask_s3_upload import StoredFile, Uploads
from untrusted_files import RejectedError, Rules

FAST = {"UPLOADS_BACKGROUND_RETRY_DELAY": 0.001}


class Outcomes:
    """The calls of the callbacks."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.failed: list[tuple[str, Exception]] = []
        self.uploads = Uploads(
            on_sent=lambda stored: self.sent.append(stored.name),
            on_failed=lambda stored, error: self.failed.append((stored.name, error)),
        )


def background(site: Site) -> Any:
    return site.app.extensions["flask_s3_upload"][""].background


def _hold(background: Any, gate: threading.Event) -> None:
    """Let nothing be sent until the gate is open."""
    plain = background._deliver

    def deliver(*job: Any) -> None:
        gate.wait()
        plain(*job)

    background._deliver = deliver


def spooled(tmp_path: Path) -> list[str]:
    return [path.name for path in tmp_path.glob("uploads-spool/*/*.json")]


def test_a_file_is_sent_after_save_has_returned(make_site: MakeSite) -> None:
    """The name is returned at once, the file is stored later, and the callback says
    when."""
    outcomes = Outcomes()
    site = make_site(outcomes.uploads)
    with site.app.app_context():
        stored = site.uploads.save(posted(picture()), to="a/", background=True)
        background(site).queue.join()
        assert stored.exists()
        assert (stored.size, stored.content_type) == (len(picture()), "image/png")
    assert site.read(stored.name) == picture()
    assert (outcomes.sent, outcomes.failed) == ([stored.name], [])


def test_ready_tells_when_it_is_there(make_s3: MakeSite, tmp_path: Path) -> None:
    """Until the file is in the bucket it is not ready, and it is safe on the local disk."""
    site = make_s3()
    bucket = site.storage
    gate = threading.Event()
    _hold(background(site), gate)
    with site.app.app_context():
        stored = site.uploads.save(posted(b"text", "a.txt"), background=True)
        assert not stored.exists()
        (kept,) = tmp_path.glob("uploads-spool/*/*.data")
        assert kept.read_bytes() == b"text"
        gate.set()
        background(site).queue.join()
        assert stored.exists()
    assert list(tmp_path.glob("uploads-spool/*/*.data")) == []
    assert [info.name for info in bucket.find()] == [stored.name]


def test_rules_are_checked_before_the_response(make_site: MakeSite) -> None:
    """What is refused is refused at once."""
    site = make_site()
    with site.app.app_context(), pytest.raises(RejectedError):
        site.uploads.save(posted(b"x"), rules=Rules(types=("image/*",)), background=True)


def test_overwriting_later_is_refused(make_site: MakeSite) -> None:
    """Which of two would come last nobody knows: overwrite and background exclude each other."""
    site = make_site()
    with site.app.app_context(), pytest.raises(ValueError, match="not both"):
        site.uploads.save(posted(b"x"), overwrite=True, background=True)


def test_many_are_sent_by_few_threads(make_s3: MakeSite) -> None:
    """However many files wait, no more threads than set send them, and all arrive."""
    site = make_s3(UPLOADS_BACKGROUND_WORKERS=2)
    seen: set[str] = set()
    plain = background(site)._deliver

    def deliver(*job: Any) -> None:
        seen.add(threading.current_thread().name)
        plain(*job)

    background(site)._deliver = deliver
    with site.app.app_context():
        names = {site.uploads.save(posted(b"x"), background=True).name for _ in range(20)}
        background(site).queue.join()
    assert set(site.names()) == names
    assert len(names) == 20
    assert seen <= {"uploads-0", "uploads-1"}


class Failing(ThreadingHTTPServer):
    """An S3 that refuses what it is sent, a number of times; what it takes it forgets.

    It keeps no names twice, as S3 is first tried out for that: these requests are not counted.
    """

    requests = 0
    refusals = 1000
    probes: ClassVar[set[str]] = set()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if "/.s3-saver-probe-" in self.path:
                self._answer(412 if self.path in Failing.probes else 200)
                Failing.probes.add(self.path)
                return
            Failing.requests += 1
            self._answer(403 if Failing.requests <= Failing.refusals else 200)

        def do_DELETE(self) -> None:
            self._answer(204)

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("ETag", '"0"')
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(Failing, "requests", 0)
    server = Failing(("127.0.0.1", 0), Failing.Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_fails_is_tried_again_and_kept(
    make_s3: MakeSite, failing: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A file that cannot be sent is tried as often as set; then the callback gets the error, the
    log says where the file is, and the next start sends it."""
    outcomes = Outcomes()
    site = make_s3(
        outcomes.uploads,
        UPLOADS_S3_ENDPOINT_URL=failing,
        UPLOADS_BACKGROUND_ATTEMPTS=3,
        **FAST,
    )
    with site.app.app_context():
        stored = site.uploads.save(posted(b"text", "a.txt"), background=True)
        background(site).queue.join()
    assert Failing.requests == 3
    ((name, error),) = outcomes.failed
    assert name == stored.name
    assert "denied" in str(error) or "403" in str(error)
    assert str(tmp_path) in caplog.text
    assert len(spooled(tmp_path)) == 1
    _die(site)

    later = Outcomes()
    healed = make_s3(later.uploads)
    healed.client.get("/")
    background(healed).queue.join()
    assert later.sent == [stored.name]
    assert healed.read(stored.name) == b"text"
    assert spooled(tmp_path) == []


def test_what_fails_in_passing_is_sent_in_the_end(
    make_s3: MakeSite, failing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that is refused twice and then taken counts as sent: no failure is reported, and
    the disk keeps no copy."""
    monkeypatch.setattr(Failing, "refusals", 2)
    outcomes = Outcomes()
    site = make_s3(outcomes.uploads, UPLOADS_S3_ENDPOINT_URL=failing, **FAST)
    with site.app.app_context():
        stored = site.uploads.save(posted(b"text", "a.txt"), background=True)
        background(site).queue.join()
    assert Failing.requests == 3
    assert (outcomes.sent, outcomes.failed) == ([stored.name], [])
    assert list(tmp_path.glob("uploads-spool/*/*.data")) == []


def test_a_failure_of_any_kind_is_reported(make_s3: MakeSite) -> None:
    """The callback learns of failures, too, that are none of a storage."""
    outcomes = Outcomes()
    site = make_s3(outcomes.uploads, UPLOADS_BACKGROUND_ATTEMPTS=2, **FAST)

    def deliver(*job: Any) -> None:
        raise RuntimeError("out of the blue")

    background(site)._deliver = deliver
    with site.app.app_context():
        stored = site.uploads.save(posted(b"text", "a.txt"), background=True)
        background(site).queue.join()
    assert [(name, str(error)) for name, error in outcomes.failed] == [
        (stored.name, "out of the blue")
    ]


def _die(site: Site) -> None:
    """Let go of what a process that ends lets go of."""
    for lock in background(site)._spool._locks:
        lock.release()


CRASH = """
import io, os, sys, threading
from flask import Flask
from flask_s3_upload import Uploads
app = Flask("crashing", instance_path=sys.argv[1])
app.config.from_mapping(**eval(sys.argv[2]))
uploads = Uploads(app)
background = app.extensions["flask_s3_upload"][""].background
resumed = threading.Event()
background._deliver = lambda *job: (resumed.wait(), os.kill(os.getpid(), 9))
with app.app_context():
    print(uploads.save(io.BytesIO(b"precious"), to="a.txt", background=True).name, flush=True)
    resumed.set()
    background.queue.join()
"""


def test_what_a_crash_leaves_is_sent_at_the_next_start(
    make_s3: MakeSite, on_s3: dict[str, Any], tmp_path: Path
) -> None:
    """A process that was killed while it sent loses nothing: the first request of the next one
    sends it."""
    killed = subprocess.run(
        [sys.executable, "-c", CRASH, str(tmp_path), repr(on_s3)], capture_output=True, text=True
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    name = killed.stdout.strip()
    outcomes = Outcomes()
    site = make_s3(outcomes.uploads)
    assert site.names() == []
    site.client.get("/")
    background(site).queue.join()
    assert outcomes.sent == [name]
    assert site.read(name) == b"precious"


def test_a_living_process_s_files_are_left_alone(make_s3: MakeSite, tmp_path: Path) -> None:
    """A second process that starts doesn't take what the first is about to send."""
    first, second = make_s3(), make_s3()
    gate = threading.Event()
    _hold(background(first), gate)
    with first.app.app_context():
        stored = first.uploads.save(posted(b"x"), background=True)
    second.client.get("/")
    background(second).queue.join()
    assert len(spooled(tmp_path)) == 1
    gate.set()
    background(first).queue.join()
    assert first.names() == [stored.name]


def test_sent_but_not_forgotten(make_s3: MakeSite) -> None:
    """A process that died after sending and before it could note that leaves a file that is there
    already: it counts as sent."""
    outcomes = Outcomes()
    site = make_s3(outcomes.uploads)
    with site.app.app_context():
        stored = StoredFile("a-id.txt", 4, "text/plain", "s3", site.storage.bucket_name)  # type: ignore[union-attr]
        site.storage.save("a-id.txt", posted(b"text").stream)
        background(site).add(stored, posted(b"text").stream, {})
        background(site).queue.join()
    assert outcomes.sent == ["a-id.txt"]


def test_a_callback_that_fails_is_logged(
    make_site: MakeSite, caplog: pytest.LogCaptureFixture
) -> None:
    """An error in a callback doesn't end the thread: the next file is sent."""
    site = make_site(Uploads(on_sent=lambda stored: 1 / 0))
    with site.app.app_context():
        names = {site.uploads.save(posted(b"x"), background=True).name for _ in range(6)}
        background(site).queue.join()
    assert set(site.names()) == names
    assert caplog.text.count("ZeroDivisionError") == 6


GEVENT = """
from gevent import monkey; monkey.patch_all()
import gevent, io, sys, threading
from flask import Flask
from flask_s3_upload import Uploads
app = Flask("greenlets", instance_path=sys.argv[1])
app.config.from_mapping(**eval(sys.argv[2]))
sent = []
uploads = Uploads(app, on_sent=lambda stored: sent.append(stored.name))
def save(number):
    with app.app_context():
        return uploads.save(io.BytesIO(b"x"), to=f"{number}.txt", background=True).name
jobs = [gevent.spawn(save, number) for number in range(10)]
gevent.joinall(jobs, raise_error=True)
app.extensions["flask_s3_upload"][""].background.queue.join()
assert sorted(sent) == sorted(job.value for job in jobs), sent
print(*sent)
"""


def test_under_gevent(on_s3: dict[str, Any], make_s3: MakeSite, tmp_path: Path) -> None:
    """Under gevent's monkey-patching the threads are greenlets, and all files arrive."""
    ran = subprocess.run(
        [sys.executable, "-c", GEVENT, str(tmp_path), repr(on_s3)],
        capture_output=True,
        text=True,
        env={**os.environ},
    )
    assert ran.returncode == 0, ran.stderr
    assert set(make_s3().names()) == set(ran.stdout.split())


FORK = """
import io, os, sys
from flask import Flask
from flask_s3_upload import Uploads
app = Flask("forking", instance_path=sys.argv[1])
app.config.from_mapping(**eval(sys.argv[2]))
uploads = Uploads(app)
def save(name):
    with app.app_context():
        print(uploads.save(io.BytesIO(b"x"), to=name, background=True).name, flush=True)
    app.extensions["flask_s3_upload"][""].background.queue.join()
save("parent.txt")
child = os.fork()
if child == 0:
    save("child.txt")
    os._exit(0)
os.waitpid(child, 0)
save("parent again.txt")
"""


def test_after_a_fork_the_child_sends_its_own_files(
    on_s3: dict[str, Any], make_s3: MakeSite, tmp_path: Path
) -> None:
    """A fork leaves threads behind: the child starts its own, in a folder of its own, and the
    parent goes on."""
    ran = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK, str(tmp_path), repr(on_s3)],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    names = ran.stdout.splitlines()
    assert [name.partition("-")[0] for name in names] == ["parent", "child", "parent again"]
    assert sorted(make_s3().names()) == sorted(names)
    assert len(list(tmp_path.glob("uploads-spool/*"))) == 2
