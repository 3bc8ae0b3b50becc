from datetime import UTC, datetime
from http.cookies import SimpleCookie
from time import time
from typing import Any

import pytest
from cloudfront_edge import Edge, RefusedError
from cloudfront_keys import EC, RSA, PrivateKey
from werkzeug import Response

from url_for_s3 import ArgumentError, CloudFrontCookies, CloudFrontSigner, S3Bucket

FOLDER = "https://cdn.example.com/videos/42/"
SIGNER = CloudFrontSigner("K", EC)


@pytest.mark.parametrize("hash_algorithm", ["SHA1", "SHA256"])
@pytest.mark.parametrize("key", [RSA, EC], ids=["rsa", "ecdsa"])
def test_verified(key: PrivateKey, hash_algorithm: str) -> None:
    """CloudFront's own rules let a browser with the cookies read the folder, and nothing else."""
    signer = CloudFrontSigner("K", key, hash_algorithm=hash_algorithm)
    cookies = signer.cookies(f"{FOLDER}*", expires=60).values
    edge = Edge({"K": key.public_key()})
    for name in ("index.m3u8", "720p/a.ts?part=1", ""):
        assert edge.check(f"{FOLDER}{name}", cookies, now=time()) == f"{FOLDER}{name}"
    with pytest.raises(RefusedError, match="another resource"):
        edge.check("https://cdn.example.com/videos/43/a.ts", cookies, now=time())
    with pytest.raises(RefusedError, match="too late"):
        edge.check(f"{FOLDER}a.ts", cookies, now=time() + 61)
    with pytest.raises(RefusedError, match="not signed"):
        edge.check(f"{FOLDER}a.ts", {}, now=time())
    wider = signer.cookies("https://cdn.example.com/*").values
    forged = {**cookies, "CloudFront-Policy": wider["CloudFront-Policy"]}
    with pytest.raises(RefusedError, match="another signature"):
        edge.check(f"{FOLDER}a.ts", forged, now=time())


def test_start_and_range() -> None:
    """Cookies hold from their start, and for their range of addresses."""
    start = datetime.fromtimestamp(int(time()) + 10, UTC)
    cookies = SIGNER.cookies(
        f"{FOLDER}*", expires=60, starts_at=start, ip_range="192.0.2.0/24"
    ).values
    edge = Edge({"K": EC.public_key()})
    edge.check(f"{FOLDER}a", cookies, now=time() + 11)
    with pytest.raises(RefusedError, match="too early"):
        edge.check(f"{FOLDER}a", cookies, now=time())
    with pytest.raises(RefusedError, match="another address"):
        edge.check(f"{FOLDER}a", cookies, now=time() + 11, ip="198.51.100.1")


def test_names() -> None:
    """The names are CloudFront's; SHA-1 has none, as that is what it expects."""
    names = ["CloudFront-Policy", "CloudFront-Signature", "CloudFront-Key-Pair-Id"]
    assert list(SIGNER.cookies(f"{FOLDER}*").values) == [*names, "CloudFront-Hash-Algorithm"]
    by_sha1 = CloudFrontSigner("K", EC, hash_algorithm="SHA1")
    assert list(by_sha1.cookies(f"{FOLDER}*").values) == names


def test_set_on() -> None:
    """A response sets them for the folder, out of reach of scripts, until the browser is closed."""
    response = Response()
    SIGNER.cookies(f"{FOLDER}*", domain="example.com").set_on(response)
    found = [SimpleCookie(header) for header in response.headers.getlist("Set-Cookie")]
    values = {name: one.value for cookie in found for name, one in cookie.items()}
    assert Edge({"K": EC.public_key()}).check(f"{FOLDER}a", values, now=time())
    for cookie in found:
        [attributes] = cookie.values()
        assert {name: value for name, value in attributes.items() if value} == {
            "path": "/videos/42/",
            "domain": "example.com",
            "secure": True,
            "httponly": True,
            "samesite": "Lax",
        }


@pytest.mark.parametrize(
    ("resource", "path"),
    [
        ("https://cdn.example.com/*", "/"),
        ("https://cdn.example.com/a.m3u8", "/"),
        ("https://cdn.example.com/videos*", "/"),
        (f"{FOLDER}index.m3u8", "/videos/42/"),
        (f"{FOLDER}part?.ts", "/videos/42/"),
        (f"{FOLDER}*/720p/*", "/videos/42/"),
        (S3Bucket("my-bucket", cdn_domain="cdn.example.com").url("größe/*?/") + "*", None),
    ],
)
def test_path(resource: str, path: str | None) -> None:
    """Cookies are sent for the last folder before a wildcard; signs of a key are not wildcards."""
    assert SIGNER.cookies(resource).path == (path or "/gr%C3%B6%C3%9Fe/%2A%3F/")


def test_path_as_it_is_set() -> None:
    """A response sets the path as browsers send it, whatever signs the folder has."""
    kept = 0
    for sign in map(chr, range(0x21, 0x7F)):
        folder = f"https://cdn.example.com/a{sign}b/"
        try:
            cookies = SIGNER.cookies(f"{folder}*")
        except ArgumentError:
            continue
        response = Response()
        cookies.set_on(response)
        for header in response.headers.getlist("Set-Cookie"):
            path = header.partition("; Path=")[2].partition(";")[0]
            assert f"{folder}c".startswith(f"https://cdn.example.com{path}")
        kept += 1
    assert kept >= 75


def test_longest() -> None:
    """What a browser would drop or cut is refused: a cookie of more than 4,096 bytes, or a path of
    more than 1,024.
    """
    folder = "https://cdn.example.com/" + "a" * 1022 + "/"
    assert SIGNER.cookies(f"{folder}*").path == folder.removeprefix("https://cdn.example.com")
    resource = FOLDER + "a*" * 1450
    assert 4000 < len(SIGNER.cookies(resource).values["CloudFront-Policy"]) < 4096


def test_domain() -> None:
    """Cookies go to the host that sets them, or to all hosts of a domain that has CloudFront's."""
    assert SIGNER.cookies(f"{FOLDER}*").domain is None
    for domain in ("example.com", ".example.com", "cdn.example.com", "Example.com"):
        assert SIGNER.cookies(f"{FOLDER}*", domain=domain).domain == domain.lower().strip(".")
    local = SIGNER.cookies("http://cdn.example.com:8080/*", domain="example.com")
    assert (local.domain, local.secure) == ("example.com", False)


@pytest.mark.parametrize(
    ("argument", "value", "message"),
    [
        ("resource", "https://cdn.example.com/a;b/*", "percent-encode ;"),
        ("resource", "https://cdn.example.com/[a]/*", r"percent-encode \[ \]"),
        ("resource", f"https://cdn.example.com/{'a' * 1023}/*", "short enough for cookies"),
        ("resource", f"{FOLDER}*{'a' * 3000}", "short enough for cookies of 4,096 bytes"),
        ("domain", "com", "'cdn.example.com' or a domain above it"),
        ("domain", "example.org", "'cdn.example.com' or a domain above it"),
        ("domain", "le.com", "a domain above it"),
        ("domain", "www.example.com", "a domain above it"),
        ("domain", "example.com; Path=/", "a host name"),
        ("domain", "", "a host name"),
        ("domain", 5, "a str"),
        ("resource", "https://cdn.example.com/a;b c/*", "percent-encoded"),
        ("resource", "/videos/*", "a URL that starts"),
        ("resource", None, "a str"),
        ("expires", 0, "1 second or more"),
        ("starts_at", datetime(2999, 1, 1, tzinfo=UTC), "before the end"),
    ],
)
def test_bad_arguments(argument: str, value: Any, message: str) -> None:
    """What cannot work is refused by its name."""
    arguments = {"resource": f"{FOLDER}*", argument: value}
    with pytest.raises(ArgumentError, match=message) as caught:
        SIGNER.cookies(**arguments)
    assert caught.value.argument == argument


def test_domain_of_everybody() -> None:
    """cloudfront.net is everybody's, so that browsers take no cookies for all of it."""
    resource = "https://d111111abcdef8.cloudfront.net/*"
    with pytest.raises(ArgumentError, match="domain must be one of yours"):
        SIGNER.cookies(resource, domain="cloudfront.net")
    domain = "d111111abcdef8.cloudfront.net"
    assert SIGNER.cookies(resource, domain=domain).domain == domain


def test_values_are_not_shown() -> None:
    """Who has the values may read the files, so that the repr has none."""
    cookies = SIGNER.cookies(f"{FOLDER}*")
    assert isinstance(cookies, CloudFrontCookies)
    assert repr(cookies) == "CloudFrontCookies(path='/videos/42/', domain=None, secure=True)"
