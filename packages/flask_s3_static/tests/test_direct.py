"""The short way into the bucket, and when the long one is taken."""

import ssl
from pathlib import Path

import pytest
import trustme
from conftest import Server, Site
from proxy import Proxy

from flask_s3_static._bucket import make_storage
from flask_s3_static._direct import DirectRoute
from flask_s3_static._extension import state_of


def presigned(proxy: Proxy) -> list[bool]:
    """Whether each PUT of an asset was presigned."""
    return [
        "X-Amz-Signature" in path
        for method, path in proxy.requests
        if method == "PUT" and "/static/" in path
    ]


@pytest.mark.parametrize(
    ("config", "is_direct"),
    [
        ({}, True),
        ({"FLASKS3_HEADERS": {"Cache-Control": "no-cache", "Content-Language": "de"}}, True),
        ({"FLASKS3_HEADERS": {"Expires": "Thu, 15 Apr 2032 20:00:00 +0200"}}, True),
        ({"FLASKS3_GZIP": True}, True),
        ({"FLASKS3_HEADERS": {"Owner": "Mister Foo"}}, False),
        ({"FLASKS3_ACL": "private"}, False),
    ],
)
def test_ways(site: Site, proxy: Proxy, config: dict[str, object], is_direct: bool) -> None:
    """Presigned go files whose headers need no signature; all others by the SDK."""
    site.write("static/a.js", "var a;" * 100)
    assert list(site.push(config=config).sent) == ["static/a.js"]
    assert presigned(proxy) == [is_direct]


@pytest.mark.parametrize("status", [301, 307, 400, 403])
def test_refused_once(site: Site, proxy: Proxy, status: int) -> None:
    """After a presigned request was refused, or sent to another region, no more are made."""
    proxy.spoil = lambda method, path: status if "X-Amz-Signature" in path else None
    site.storage.client.create_bucket(Bucket=site.bucket)
    route = DirectRoute(make_storage(state_of(site.app()).settings))
    assert [route.put("static/a", b"a", {}) for _ in range(3)] == [False] * 3
    route.close()
    assert presigned(proxy) == [True]


def test_environment_s_proxy(site: Site, proxy: Proxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the environment names a proxy, all goes by the SDK, which knows about these."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    route = DirectRoute(site.storage)
    assert not route.put("static/a", b"a", {})
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    site.storage.client.create_bucket(Bucket=site.bucket)
    route = DirectRoute(site.storage)
    assert route.put("static/a", b"a", {})
    route.close()


def test_tls(site: Site, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over https the certificate is checked, by the authorities that the SDK is told of."""
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    site.write("static/a.js", "a")
    with Proxy(server.url, context) as proxy:
        site.config["FLASKS3_ENDPOINT_URL"] = proxy.url
        with pytest.raises(Exception, match="certificate verify failed"):
            site.push()
        monkeypatch.setenv("AWS_CA_BUNDLE", str(tmp_path / "ca.pem"))
        monkeypatch.setitem(site.config, "FLASKS3_REGION", "us-east-1")  # another client
        assert list(site.push().sent) == ["static/a.js"]
        assert presigned(proxy) == [True]
