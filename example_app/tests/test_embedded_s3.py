"""The S3 server that the app brings along."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from example_app.embedded_s3 import embedded_s3
from example_app.tests.support import Browser, MakeApp

ROOT = Path(__file__).parents[2]
PARENT = """
from example_app.embedded_s3 import embedded_s3
with embedded_s3() as settings:
    print(settings["S3_ENDPOINT_URL"], flush=True)
    input()
"""


def answers(url: str) -> bool:
    try:
        requests.get(url, timeout=5)
    except requests.ConnectionError:
        return False
    return True


def test_it_serves_an_app_and_ends(make_app: MakeApp, jpeg: bytes) -> None:
    """An app that is made with its settings keeps pictures on it; after the block it is gone."""
    with embedded_s3() as settings:
        browser = Browser(make_app(settings))
        browser.upload(jpeg)
        assert browser.fetch(browser.original_url) == (200, jpeg)
    assert not answers(settings["S3_ENDPOINT_URL"])


def test_a_proxy_for_the_world_is_not_asked(
    make_app: MakeApp, environment: pytest.MonkeyPatch, closed_endpoint: str, jpeg: bytes
) -> None:
    """It works on a machine whose environment names a proxy, which leads to the world outside."""
    environment.setenv("http_proxy", closed_endpoint)
    environment.setenv("no_proxy", "intranet.example")
    with embedded_s3() as settings:
        browser = Browser(make_app(settings))
        browser.upload(jpeg)
        assert browser.page.words == "Picture saved."


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_its_parent(end: signal.Signals) -> None:
    """However the process ends that started it, the server ends too."""
    with subprocess.Popen(
        [sys.executable, "-c", PARENT],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout
        endpoint_url = parent.stdout.readline().strip()
        assert answers(endpoint_url)
        parent.send_signal(end)
        parent.wait()

    deadline = time.monotonic() + 30
    while answers(endpoint_url):
        assert time.monotonic() < deadline, "the server is still there"
        time.sleep(0.05)
