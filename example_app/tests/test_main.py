"""``python -m example_app``, as people start it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from shutil import ignore_patterns

import pytest
import requests
from werkzeug.exceptions import NotFound

from example_app.__main__ import listen
from example_app.check import upload
from example_app.tests.faulty_s3 import corrupting
from example_app.tests.support import Browser, MakeApp, Serve, Settings
from example_app.visitor import Visitor

ROOT = Path(__file__).parents[2]
URL = r"http://127\.0\.0\.1:\d+/?"
LAST_WORDS = "Press Ctrl-C to stop.\n"
COMMAND = (sys.executable, "-m", "example_app")


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *arguments],
        check=False,
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=120,
    )


@pytest.mark.parametrize(
    ("arguments", "place"), [((), "example-app-embedded"), (("--local",), "on disk")]
)
def test_the_check_passes(arguments: tuple[str, ...], place: str, tmp_path: Path) -> None:
    """With nothing configured the round trip succeeds, and leaves no trace on the machine."""
    data = tmp_path / "data"

    result = run("--check", *arguments, DATA_FOLDER=str(data))

    assert result.returncode == 0, result.stderr
    assert place in result.stdout.splitlines()[-1]
    assert not data.exists()


def environment_of(settings: Settings) -> dict[str, str]:
    return {name: str(value) for name, value in settings.items()} | {"USE_S3": "1"}


def test_the_check_passes_on_a_server_of_the_environment(on_s3: Settings) -> None:
    """A server that the environment names is used in place of one's own."""
    result = run("--check", **environment_of(on_s3))

    assert result.returncode == 0, result.stderr
    assert f"/{on_s3['S3_BUCKET_NAME']}/uploads/thingy/" in result.stdout


def test_the_check_fails_on_a_server_that_corrupts(serve: Serve, on_s3: Settings) -> None:
    """If one bit of a picture comes back wrong, the exit code is 1 and the message says it."""
    endpoint_url = serve(corrupting(on_s3))

    result = run("--check", **environment_of({**on_s3, "S3_ENDPOINT_URL": endpoint_url}))

    assert result.returncode == 1
    assert "are not those that were uploaded" in result.stderr
    assert "Traceback" not in result.stderr


def test_a_wrong_setting_is_told_in_words(tmp_path: Path) -> None:
    """A setting that is wrong ends the start, with its name and without a traceback."""
    result = run(DATA_FOLDER=str(tmp_path), USE_S3="1")

    assert result.returncode == 2
    assert "S3_BUCKET_NAME is missing" in result.stderr
    assert "Traceback" not in result.stderr


def first_words(output: Iterable[str]) -> str:
    """Read what the command prints until it serves, or until it ends."""
    return "".join(takewhile(lambda line: line != LAST_WORDS, output))


@contextmanager
def running(
    data_folder: Path, *arguments: str, root: Path = ROOT, **settings: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the command in a group of its own, and return its process and its first output.

    :param root: the folder of a clone; in another one than this, its own place for data is used.
    """
    if root == ROOT:
        settings["DATA_FOLDER"] = str(data_folder)
    with (
        open(data_folder / "log.txt", "a") as log,
        subprocess.Popen(
            [*COMMAND, *arguments],
            cwd=root,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **settings},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        assert process.stdout
        try:
            yield process, first_words(process.stdout)
        finally:
            process.kill()


def visit(words: str) -> Visitor:
    """Open the home page of an app, from what it says first."""
    visitor = Visitor(re.findall(URL, words)[0])
    visitor.open("")
    return visitor


@pytest.mark.parametrize("arguments", [(), ("--local",), ("--quickstart",)])
def test_nothing_needs_to_be_configured(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """In a clone, the command runs without any variable, and what it keeps is in ``instance/``."""
    shutil.copytree(
        ROOT / "example_app", tmp_path / "example_app", ignore=ignore_patterns("__pycache__")
    )

    with running(tmp_path, *arguments, root=tmp_path) as (process, words):
        visit(words)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0, (tmp_path / "log.txt").read_text()

    left = {path.name for path in tmp_path.iterdir()}
    assert left - {"instance"} == {"example_app", "log.txt"}


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("send", [os.kill, os.killpg])
def test_it_runs_until_it_is_told_to_stop(
    end: signal.Signals,
    send: Callable[[int, int], None],
    make_app: MakeApp,
    tmp_path: Path,
    jpeg: bytes,
) -> None:
    """It prints the URLs of the app and of S3, both answer, and both end quietly by one signal;
    an app without any settings for S3 shows no picture then.

    Ctrl-C in a terminal goes to the whole group, a service manager's signal often to one process.
    """
    with running(tmp_path) as (process, words):
        app_url, s3_url = re.findall(URL, words)
        assert requests.get(s3_url, timeout=10).status_code == 200
        visitor = visit(words)
        upload(visitor, jpeg)
        assert visitor.page.originals
        send(process.pid, end)
        assert process.wait(timeout=30) == 0

    for url in (app_url, s3_url):
        with pytest.raises(requests.ConnectionError):
            requests.get(url, timeout=10)
    assert "Traceback" not in (tmp_path / "log.txt").read_text()
    browser = Browser(make_app({}))
    assert (browser.status, browser.page.original_url) == (200, None)


def test_what_is_on_disk_is_kept(tmp_path: Path, jpeg: bytes) -> None:
    """A picture on the embedded S3 server ends with it, even if both are killed: the next start
    shows none. One that was saved with --local is there again without it.
    """
    with running(tmp_path) as (process, words):
        upload(visit(words), jpeg)
        process.kill()
        process.wait(timeout=30)

    with running(tmp_path, "--local") as (_, words):
        visitor = visit(words)
        assert not visitor.page.originals
        upload(visitor, jpeg)

    with running(tmp_path) as (_, words):
        visitor = visit(words)
        visitor.expect_bytes(visitor.page.originals[0], jpeg)


def test_a_taken_port_is_left_to_its_owner() -> None:
    """Where another program has the port, the app takes a free one."""
    with socket.create_server(("127.0.0.1", 0)) as owner:
        port = owner.getsockname()[1]
        server = listen(NotFound(), port)
        server.server_close()
    assert server.port not in (0, port)
