import shutil
import subprocess
import sys
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.signers import CloudFrontSigner as BotocoreSigner
from cloudfront_edge import Edge, RefusedError
from cloudfront_keys import EC, RSA, PrivateKey, to_pem
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from url_for_s3 import ArgumentError, CloudFrontSigner, S3Bucket, _private_key, url_for_s3

URL = url_for_s3("static", "bucket", cdn_domain="d111111abcdef8.cloudfront.net", filename="a b.png")
EXPIRES_AT = 1767290400
STARTS_AT = datetime(2026, 1, 1, 12, tzinfo=UTC)
SIGNER = CloudFrontSigner("K", RSA)
BY_KEY = {"rsa": RSA, "ecdsa": EC}

each_algorithm = pytest.mark.parametrize("hash_algorithm", ["SHA1", "SHA256"])
each_key = pytest.mark.parametrize("key", BY_KEY.values(), ids=BY_KEY)


def edge(key: PrivateKey = RSA) -> Edge:
    return Edge({"K": key.public_key()})


def botocore_url(url: str, hash_algorithm: str, **policy: Any) -> str:
    """What botocore's signer makes, with the name of the algorithm, which it does not know."""
    algorithm = SHA1() if hash_algorithm == "SHA1" else SHA256()
    signer = BotocoreSigner("K", lambda message: RSA.sign(message, padding.PKCS1v15(), algorithm))
    ends_at = datetime.fromtimestamp(EXPIRES_AT, UTC)
    if policy:
        text = signer.build_policy(policy.pop("resource", url), ends_at, **policy)
        signed: str = signer.generate_presigned_url(url, policy=text)
    else:
        signed = signer.generate_presigned_url(url, date_less_than=ends_at)
    return signed if hash_algorithm == "SHA1" else f"{signed}&Hash-Algorithm=SHA256"


@each_algorithm
@pytest.mark.parametrize(
    "url",
    [
        URL,
        f"{URL}?v=1&w=%22",
        "http://cdn.example.com/",
        "https://cdn.example.com/%E6%97%A5?response-content-type=text%2Fplain",
    ],
)
def test_equals_botocore(url: str, hash_algorithm: str) -> None:
    """The signed URL is the one that botocore's CloudFrontSigner gives."""
    signer = CloudFrontSigner("K", RSA, hash_algorithm=hash_algorithm)
    assert signer._sign_until(url, EXPIRES_AT) == botocore_url(url, hash_algorithm)


@each_algorithm
def test_equals_botocore_with_a_policy(hash_algorithm: str) -> None:
    """A URL with a start, a range of addresses and wildcards is the one of botocore's signer."""
    signer = CloudFrontSigner("K", RSA, hash_algorithm=hash_algorithm)
    url = f"{URL}?v=1"
    resource = "https://d111111abcdef8.cloudfront.net/static/*"
    policies: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"starts_at": STARTS_AT}, {"date_greater_than": STARTS_AT}),
        ({"ip_range": "192.0.2.0/24"}, {"ip_address": "192.0.2.0/24"}),
        ({"ip_range": "192.0.2.7"}, {"ip_address": "192.0.2.7"}),
        ({"resource": resource}, {"resource": resource}),
        (
            {"resource": resource, "starts_at": STARTS_AT, "ip_range": "192.0.2.0/24"},
            {"resource": resource, "date_greater_than": STARTS_AT, "ip_address": "192.0.2.0/24"},
        ),
    ]
    for ours, theirs in policies:
        signed = signer._sign_until(url, EXPIRES_AT, **ours)
        assert signed == botocore_url(url, hash_algorithm, **theirs)


@each_key
@each_algorithm
def test_verified(key: PrivateKey, hash_algorithm: str) -> None:
    """CloudFront's own rules accept a URL until its end, and no other URL."""
    signed = CloudFrontSigner("K", key, hash_algorithm=hash_algorithm)._sign_until(URL, EXPIRES_AT)
    assert edge(key).check(signed, now=EXPIRES_AT - 1) == URL
    with pytest.raises(RefusedError, match="too late"):
        edge(key).check(signed, now=EXPIRES_AT)
    with pytest.raises(RefusedError, match="another signature"):
        edge(key).check(signed.replace("/static/", "/other/"), now=0)
    assert ("Hash-Algorithm=SHA256" in signed) == (hash_algorithm == "SHA256")


@each_key
def test_policy_is_verified(key: PrivateKey) -> None:
    """A start, a range of addresses and a resource hold what they say."""
    signer = CloudFrontSigner("K", key)
    start = int(STARTS_AT.timestamp())
    folder = "https://cdn.example.com/videos/4?/*"
    signed = signer._sign_until(
        "https://cdn.example.com/videos/42/a.ts?part=1",
        EXPIRES_AT,
        resource=folder,
        starts_at=STARTS_AT.astimezone(timezone(timedelta(hours=5))),
        ip_range="192.0.2.0/24",
    )
    query = signed.partition("part=1&")[2]
    for path in ("42/a.ts?part=1&", "42/b.ts?", "43/sub/c.ts?"):
        url = f"https://cdn.example.com/videos/{path}"
        assert edge(key).check(f"{url}{query}", now=start + 1) == url.rstrip("?&")
    with pytest.raises(RefusedError, match="another resource"):
        edge(key).check(f"https://cdn.example.com/videos/5/a.ts?{query}", now=start + 1)
    with pytest.raises(RefusedError, match="too early"):
        edge(key).check(signed, now=start)
    with pytest.raises(RefusedError, match="another address"):
        edge(key).check(signed, now=start + 1, ip="198.51.100.7")


def test_a_start_just_before_the_end() -> None:
    """A URL holds for a moment at least: its start is before its end."""
    end = datetime.fromtimestamp(EXPIRES_AT, UTC)
    SIGNER._sign_until(URL, EXPIRES_AT, starts_at=end - timedelta(seconds=1))
    with pytest.raises(ArgumentError, match="starts_at must be before the end"):
        SIGNER._sign_until(URL, EXPIRES_AT, starts_at=end)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
def test_any_key(key: str) -> None:
    """For any key that a URL can carry, the bucket's URL is signed as it is, and verified."""
    bucket = S3Bucket("my-bucket", cdn_domain="cdn.example.com")
    try:
        url = bucket.url(key)
    except ArgumentError:
        return
    signed = CloudFrontSigner("K", EC)._sign_until(url, EXPIRES_AT)
    assert signed.startswith(f"{url}?Expires=")
    assert edge(EC).check(signed, now=0) == url


def test_private_key_forms() -> None:
    """The private key is PEM as text or bytes, in any format, or a key that is loaded."""
    pkcs1 = to_pem(RSA, kind=PrivateFormat.TraditionalOpenSSL)
    forms = (RSA, to_pem(RSA), to_pem(RSA).decode(), pkcs1)
    assert len({CloudFrontSigner("K", form)._sign_until(URL, EXPIRES_AT) for form in forms}) == 1
    sec1 = to_pem(EC, kind=PrivateFormat.TraditionalOpenSSL)
    by_windows = to_pem(EC).replace(b"\n", b"\r\n")
    for form in (sec1, by_windows):
        assert edge(EC).check(CloudFrontSigner("K", form).sign(URL), now=time()) == URL


def test_rotation() -> None:
    """While the old key is still in the group, what it has signed holds; then no more."""
    old, new = CloudFrontSigner("OLD", RSA).sign(URL), CloudFrontSigner("NEW", EC).sign(URL)
    both = Edge({"OLD": RSA.public_key(), "NEW": EC.public_key()})
    assert [both.check(url, now=time()) for url in (old, new)] == [URL, URL]
    after = Edge({"NEW": EC.public_key()})
    assert after.check(new, now=time()) == URL
    with pytest.raises(RefusedError, match="no such key"):
        after.check(old, now=time())
    with pytest.raises(RefusedError, match="no such key"):
        after.check(old.replace("Key-Pair-Id=OLD", "Key-Pair-Id=NEW-"), now=time())


@pytest.mark.skipif(not shutil.which("openssl"), reason="needs the command openssl")
@each_key
@each_algorithm
def test_openssl_verifies(key: PrivateKey, hash_algorithm: str, tmp_path: Path) -> None:
    """What openssl's own command verifies is the policy, to the byte."""
    signer = CloudFrontSigner("K", key, hash_algorithm=hash_algorithm)
    cookies = signer.cookies("https://cdn.example.com/films/*", ip_range="192.0.2.7").values
    parts = {"policy": cookies["CloudFront-Policy"], "signature": cookies["CloudFront-Signature"]}
    for name, value in parts.items():
        data = b64decode(value.translate(str.maketrans("-_~", "+=/")), validate=True)
        (tmp_path / name).write_bytes(data)
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "public.pem").write_bytes(public)
    options = f"-{hash_algorithm.lower()} -verify public.pem -signature signature policy".split()
    subprocess.run(["openssl", "dgst", *options], cwd=tmp_path, check=True, capture_output=True)
    policy = (tmp_path / "policy").read_text()
    assert policy.startswith('{"Statement":[{"Resource":"https://cdn.example.com/films/*",')
    assert '"IpAddress":{"AWS:SourceIp":"192.0.2.7/32"}' in policy
    assert " " not in policy


def test_signed_once() -> None:
    """What is asked for again is not signed again, and few signatures are kept."""
    signer = CloudFrontSigner("K", to_pem(RSA))
    assert len({signer._sign_until(URL, EXPIRES_AT) for _ in range(3)}) == 1
    signer._sign_until(f"{URL}?v=1", EXPIRES_AT)
    assert signer._signature.cache_info().misses == 2
    assert signer._signature.cache_info().maxsize == 1024
    signer.cookies("https://cdn.example.com/*")  # another one in each second
    assert signer._signature.cache_info().currsize == 2


def test_key_is_parsed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is read when the signer is made, and not for each URL."""
    read = CountCalls(serialization.load_pem_private_key)
    monkeypatch.setattr(_private_key, "load_pem_private_key", read)
    signer = CloudFrontSigner("K", to_pem(EC))
    assert len({signer.sign(f"{URL}?v={number}") for number in range(3)}) == 3
    assert read.calls == 1


class CountCalls:
    def __init__(self, function: Callable[..., object]) -> None:
        self.function, self.calls = function, 0

    def __call__(self, *args: object, **kwargs: object) -> object:
        self.calls += 1
        return self.function(*args, **kwargs)


def test_ecdsa_is_the_same_in_each_process() -> None:
    """Two signers of one key on a curve make the same URL, so that browsers cache what it gives."""
    urls = {CloudFrontSigner("K", EC)._sign_until(URL, EXPIRES_AT) for _ in range(2)}
    assert len(urls) == 1


def test_ecdsa_with_an_old_openssl(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where OpenSSL makes another signature each time, one signer still makes the same URL."""

    def ecdsa(algorithm: Any, deterministic_signing: bool = False) -> ec.ECDSA:
        if deterministic_signing:
            raise UnsupportedAlgorithm("before OpenSSL 3.2")
        return ec.ECDSA(algorithm)

    monkeypatch.setattr(_private_key, "ECDSA", ecdsa)
    signer = CloudFrontSigner("K", EC)
    signed = signer._sign_until(URL, EXPIRES_AT)
    assert signer._sign_until(URL, EXPIRES_AT) == signed
    assert edge(EC).check(signed, now=0) == URL


def test_no_secret_is_shown() -> None:
    """A signer shows the id of its key and no more."""
    assert repr(SIGNER) == "CloudFrontSigner('K', hash_algorithm='SHA256')"


def test_expires(
    at_the_same_second: Callable[[Callable[[], str], Callable[[], float]], tuple[str, float]],
) -> None:
    """expires is in seconds from now, or a timedelta of any length."""

    def sign_both() -> str:
        seconds = SIGNER.sign(URL, expires=315_360_000, stable=False)
        assert seconds == SIGNER.sign(URL, expires=timedelta(days=3650), stable=0)
        return seconds

    url, now = at_the_same_second(sign_both, time)
    assert parse_qs(urlsplit(url).query)["Expires"] == [str(int(now) + 315_360_000)]


def test_stable() -> None:
    """Within a window the URL stays the same, and never ends before the expiry asked for."""
    day = 24 * 60 * 60
    [end] = parse_qs(urlsplit(SIGNER.sign(URL, expires=60, stable=day)).query)["Expires"]
    assert (int(end) - 60) % day == 0
    assert int(end) >= int(time()) + 60
    [end] = parse_qs(urlsplit(SIGNER.sign(URL, expires=day)).query)["Expires"]
    assert int(end) % day == 0


def test_anchor() -> None:
    """A fragment is not signed and stays at the end of the URL."""
    plain = SIGNER._sign_until(URL, EXPIRES_AT)
    assert SIGNER._sign_until(f"{URL}#page=2", EXPIRES_AT) == f"{plain}#page=2"
    assert SIGNER.sign(f"{URL}#größe *").endswith("#größe *")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("//cdn.example.com/a", "starts with https:// or http://, got"),
        ("/static/a", "starts with https:// or http://, got"),
        ("https://cdn.example.com/a b", "percent-encode"),
        ("https://cdn.example.com/ü", "percent-encode"),
        ("https://cdn.example.com/a\n", "percent-encode"),
        (
            "https://cdn.example.com/a?v=1&Signature=b",
            "without a parameter of CloudFront's signatures",
        ),
        ("https://cdn.example.com/a?Expires=1", "without a parameter of CloudFront's signatures"),
        ("https://cdn.example.com/a?v=1&Policy", "without a parameter of CloudFront's signatures"),
        ("https://cdn.example.com/a?", "without an empty parameter, got .*: leave out the & or ?"),
        ("https://cdn.example.com/a?v=1&", "without an empty parameter"),
        ("https://cdn.example.com/a?v=1&&w=2", "without an empty parameter"),
        ("https://cdn.example.com/100%", "percent-encoded, got .*: of % itself that is %25"),
        ("https://cdn.example.com/100%.txt", "percent-encoded, got"),
        ("https://cdn.example.com/a?v=100%2", "percent-encoded, got"),
        ("https://cdn.example.com/a?v=\\", "percent-encode"),
        ("https://bücher.example/a", "of a host in ASCII, got .*IDNA form"),
        (f"https://cdn.example.com/{'a' * 8192}", "8,192 bytes at most .*: these are 8,[56]"),
        ("https://cdn.example.com/{1}", "as browsers send it, got .*: percent-encode { }"),
        ("https://cdn.example.com/a^b|c`d", "percent-encode \\^ ` |"),
        ('https://cdn.example.com/"<>', 'percent-encode " < >'),
        ("https://cdn.example.com/a\\b", "percent-encode"),
        ("https://cdn.example.com/a?v='1'", "percent-encode '"),
        ("https://cdn.example.com/a/../b", "without segments"),
        ("https://cdn.example.com/a/%2e%2E/b", "without segments"),
        ("https://cdn.example.com/.", "without segments"),
        ("https://cdn.example.com", "of a path, got .*: browsers add the slash"),
        ("https://cdn.example.com?v=1", "of a path"),
        ("https://CDN.example.com/a", "of a host in lower case"),
        ("https://cdn.example.com:443/a", "the port that goes without saying"),
        ("https://ann:hush@cdn.example.com/a", "a host name"),
        ("https://cdn.example.com/*", "without wildcards"),
        (5, "url must be a str"),
    ],
)
def test_bad_url(url: str, message: str) -> None:
    """A URL that CloudFront would refuse, or a browser would change, is refused here."""
    with pytest.raises(ArgumentError, match=message) as caught:
        SIGNER.sign(url)
    assert caught.value.argument == "url"
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.example.com/it's",
        "https://cdn.example.com/a?v={1}|^`",
        "https://cdn.example.com:8443/%7B1%7D?v=%27",
        "https://cdn.example.com/a..b/.c",
        "https://cdn.example.com//a+b;c%2Fd%2f/",
        "https://cdn.example.com/a?=&policy=1&X-Expires=2&v=a+b%20c",
        "https://xn--bcher-kva.example/a",
        "https://[::1]:8443/a",
    ],
)
def test_url_that_browsers_keep(url: str) -> None:
    """A URL made by hand that browsers send as it is, is signed as it is, and verified."""
    assert SIGNER.sign(url).startswith(url)
    assert edge().check(SIGNER.sign(url), now=time()) == url


def test_length() -> None:
    """The longest URL that CloudFront takes is signed; its fragment is no part of it."""
    rest = len(SIGNER.sign(URL)) - len(URL)
    longest = URL + "a" * (8192 - rest - len(URL))
    assert len(SIGNER.sign(f"{longest}#top")) == 8192 + len("#top")
    with pytest.raises(ArgumentError, match="these are 8,193"):
        SIGNER.sign(f"{longest}a")


def test_resource_of_many_wildcards() -> None:
    """Whether a URL matches is found at once, however many wildcards there are; signs of other
    patterns are themselves.
    """
    base = "https://cdn.example.com/"
    with pytest.raises(ArgumentError, match="what the URL matches"):
        SIGNER.sign(base + "a" * 4000, resource=f"{base}{'*a' * 40}b")
    for resource, path in (("[ab]*", "[ab]c"), ("a.?*", "a.bc"), ("*.t?", "a/b.ts?v=1&t=.ts")):
        url = base + path
        assert edge().check(SIGNER.sign(url, resource=base + resource), now=time()) == url
    for resource, path in (("[ab]*", "ac"), ("a.*", "abc"), ("!a*", "ba")):
        with pytest.raises(ArgumentError, match="what the URL matches"):
            SIGNER.sign(base + path, resource=base + resource)


class Nowhere(tzinfo):
    """A time zone that does not know its time."""

    def utcoffset(self, _: datetime | None) -> None:
        return None

    dst = tzname = utcoffset


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"expires": 0}, "expires must be 1 second or more"),
        ({"expires": -1}, "expires must be"),
        ({"expires": 1.5}, "expires must be"),
        ({"expires": "60"}, "expires must be"),
        ({"stable": -1}, "stable must be"),
        ({"resource": "https://cdn.example.com/*"}, "resource must be what the URL matches"),
        ({"resource": f"{URL}?"}, "resource must be what the URL matches"),
        ({"resource": "https://d111111abcdef8.cloudfront.net/ü*"}, "resource must be percent-enc"),
        ({"resource": "*"}, "resource must be a URL that starts"),
        ({"resource": "https://*/a"}, "resource must be a host name"),
        ({"resource": f"{URL}#*"}, "resource must be without a fragment"),
        ({"resource": ""}, "resource must be a URL that starts"),
        ({"resource": 5}, "resource must be a str"),
        ({"starts_at": datetime(2026, 1, 1)}, "starts_at must be a datetime with a time zone"),  # noqa: DTZ001
        ({"starts_at": 5}, "starts_at must be a datetime with a time zone"),
        (
            {"starts_at": datetime(2026, 1, 1, tzinfo=Nowhere())},
            "starts_at must be a datetime with a time zone",
        ),
        ({"starts_at": datetime(1969, 1, 1, tzinfo=UTC)}, "starts_at must be in 1970 or later"),
        ({"starts_at": datetime(2999, 1, 1, tzinfo=UTC)}, "starts_at must be before the end"),
        ({"ip_range": "192.0.2.7/24"}, "ip_range must be one IPv4 address.*host bits"),
        ({"ip_range": "2001:db8::/32"}, "ip_range must be .*CloudFront takes no IPv6"),
        ({"ip_range": "everywhere"}, "ip_range must be one IPv4 address"),
        ({"ip_range": ""}, "ip_range must be one IPv4 address"),
        ({"ip_range": 5}, "ip_range must be a str"),
    ],
)
def test_bad_arguments(arguments: dict[str, Any], message: str) -> None:
    """What cannot work is refused by its name."""
    with pytest.raises(ArgumentError, match=message) as caught:
        SIGNER.sign(URL, **arguments)
    assert [caught.value.argument] == list(arguments)


def test_bad_keys() -> None:
    """A key that cannot be read, or is of a kind that CloudFront refuses, is not shown."""
    locked = to_pem(RSA, BestAvailableEncryption(b"passphrase"))
    broken = b"-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----\n"
    public = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    by_ssh = RSA.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    rule = "RSA of 2,048 bits, or on the elliptic curve P-256"
    for bad, message in (
        (rsa.generate_private_key(65537, 1024), f"{rule}.*its size is 1,024 bits"),
        (ec.generate_private_key(ec.SECP384R1()), f"{rule}.*its curve is secp384r1"),
        (ec.generate_private_key(ec.SECP256K1()), f"{rule}.*its curve is secp256k1"),
        (ed25519.Ed25519PrivateKey.generate(), rule),
        (None, rule),
        (locked, "pass the key itself"),
        (
            to_pem(RSA, BestAvailableEncryption(b"x"), kind=PrivateFormat.TraditionalOpenSSL),
            "passphr",
        ),
        (broken, "a PEM as openssl writes it"),
        (by_ssh, "a PEM as openssl writes it"),
        (to_pem(RSA).decode().replace("\n", "\\n"), "<class 'str'>: a backslash and an n"),
        (public, "the PEM of a private key, got <class 'bytes'>"),
        (RSA.public_key(), rule),
        ("", "the text of a PEM"),
        ("hush\ud800", "UTF-8 form"),
        ("/etc/hush/private_key.pem", "pass a file's text, not its path"),
    ):
        with pytest.raises(ArgumentError, match=message) as caught:
            CloudFrontSigner("K", bad)  # type: ignore[arg-type]
        assert caught.value.argument == "private_key"
        assert "hush" not in str(caught.value)


@pytest.mark.parametrize("key_id", ["", "K&Expires=9", "K\n", None, 5])
def test_bad_key_id(key_id: str) -> None:
    """A key id that is none, or would change the rest of the URL, is refused."""
    with pytest.raises(ArgumentError, match="key_id must be"):
        CloudFrontSigner(key_id, RSA)


@pytest.mark.parametrize("hash_algorithm", ["", "sha256", "MD5", None])
def test_bad_algorithm(hash_algorithm: str) -> None:
    """An algorithm that CloudFront does not know is refused."""
    with pytest.raises(ArgumentError, match="hash_algorithm must be 'SHA256' or 'SHA1'"):
        CloudFrontSigner("K", RSA, hash_algorithm=hash_algorithm)


def test_from_settings() -> None:
    """What an app has set makes a signer; without a key there is none."""

    class Settings:
        cloudfront: tuple[str, str] | None = ("K", to_pem(RSA).decode())

    signer = CloudFrontSigner.from_settings(Settings())
    assert signer is not None
    assert signer._sign_until(URL, EXPIRES_AT) == SIGNER._sign_until(URL, EXPIRES_AT)
    Settings.cloudfront = None
    assert CloudFrontSigner.from_settings(Settings()) is None


def test_without_cryptography() -> None:
    """Without cryptography, a signer names the extra to install; importing needs nothing."""
    code = (
        "import sys; sys.modules['cryptography'] = None\n"
        "from url_for_s3 import CloudFrontSigner\n"
        "try:\n"
        "    CloudFrontSigner('K', 'hush')\n"
        "except ImportError as error:\n"
        "    print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'url-for-s3[cloudfront]'" in ran.stdout
    assert "private_key must be" in ran.stdout
    assert "hush" not in ran.stdout
