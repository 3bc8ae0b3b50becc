"""S3 is slow, refuses, or cuts connections: nothing is lost, and visitors get a message."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from deployed.app import machine, new_bucket, on_s3
from deployed.site import Site, site
from deployed.visitor import is_added, is_deleted
from servers.fault_proxy import Fault, FaultProxy, cut, fault_proxy, lose_answer, refuse, slow
from servers.processes import wait_for

from s3_saver import S3Storage
from s3_saver.testing import S3Server

BROKEN = {
    "slows-down": refuse(503, "SlowDown"),
    "denies": refuse(403, "AccessDenied"),
    "cuts": cut,
    "loses-answers": lose_answer,
}
broken = pytest.mark.parametrize("fault", [pytest.param(f, id=name) for name, f in BROKEN.items()])


@pytest.fixture(scope="module")
def proxy(s3_server: S3Server) -> Iterator[FaultProxy]:
    with fault_proxy(s3_server.endpoint_url) as proxy:
        yield proxy


@pytest.fixture(scope="module")
def storage(s3_server: S3Server) -> Iterator[S3Storage]:
    """The bucket, without the proxy."""
    with new_bucket(s3_server) as storage:
        yield storage


@pytest.fixture(scope="module")
def app(
    s3_server: S3Server,
    proxy: FaultProxy,
    storage: S3Storage,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Site]:
    """An app that reaches S3 by the proxy, and has a picture on each page."""
    settings = on_s3(storage, s3_server, endpoint=proxy.url)
    environment = machine(tmp_path_factory.mktemp("machine"), **settings)
    with site(environment, storage) as found:
        assert is_added(found.add())
        assert found.save().words == ["Picture saved."]
        yield found


@pytest.fixture(autouse=True)
def _mended(proxy: FaultProxy) -> Iterator[None]:
    yield
    proxy.fault = None
    proxy.only = lambda method, path: True


def is_write(method: str, path: str) -> bool:
    return method in {"PUT", "POST"}


def is_delete(method: str, path: str) -> bool:
    return method == "DELETE" or "?delete" in path


@broken
def test_upload(app: Site, proxy: FaultProxy, fault: Fault) -> None:
    """While S3 fails, an upload is refused in words; those before it are untouched."""
    proxy.fault = fault
    for page in (app.add(), app.save()):
        assert any("The storage" in words for words in page.words), page.words
    proxy.fault = None
    app.check()


@broken
def test_pages(app: Site, proxy: FaultProxy, fault: Fault) -> None:
    """While S3 fails, all pages come, and say what they know."""
    proxy.fault = fault
    pages = [app.visitor.see(path) for path in ("/", "/gallery", "/sizes", "/status")]
    assert [page.status for page in pages] == [200] * 4
    assert {picture.title for picture in pages[1].pictures} == app.record.added - (
        {"home"} | app.record.deleted
    )


@pytest.mark.parametrize("moment", [is_write, is_delete], ids=["writes", "deletes"])
@broken
def test_part(
    app: Site, proxy: FaultProxy, moment: Callable[[str, str], bool], fault: Fault
) -> None:
    """Only what writes fails, or only what deletes, as permissions may be: the answers are true."""
    assert is_added(app.add())
    proxy.only, proxy.fault = moment, fault
    for page in (app.add(), app.save(), app.delete()):
        assert page.words
    proxy.fault = None
    app.check()


def test_slow(app: Site, proxy: FaultProxy) -> None:
    """Where S3 takes a second for each answer, uploads and deletes take longer, and work."""
    proxy.fault = slow(1)
    with ThreadPoolExecutor() as pool:
        adding, saving = pool.submit(app.add), pool.submit(app.save)
    assert is_added(adding.result())
    assert saving.result().words == ["Picture saved."]
    assert is_deleted(app.delete())
    proxy.fault = None
    app.check()


def test_killed_before_the_commit(app: Site, proxy: FaultProxy) -> None:
    """No answer says that a picture is added when the app is killed before its row is there."""
    proxy.only = lambda method, path: method == "GET" and "/gallery/" in path
    proxy.fault = slow(600)
    with ThreadPoolExecutor(1) as pool:
        adding = pool.submit(app.add)
        wait_for(lambda: proxy.met)
        app.web.kill()
        assert isinstance(adding.exception(), requests.ConnectionError)
    proxy.fault = None
    app.web.start()
    app.check()


def test_afterwards(app: Site) -> None:
    """What all these faults have left behind is found by the commands that prune."""
    kinds = app.check_no_strangers()
    assert kinds["have a row"]
    assert kinds["files that prune lists"]
