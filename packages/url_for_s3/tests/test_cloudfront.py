import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import time
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.signers import CloudFrontSigner
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)

from url_for_s3 import ArgumentError, _rsa, sign_url_for_cloudfront, url_for_s3
from url_for_s3._cloudfront import sign_url_until

URL = url_for_s3("static", "bucket", cdn_domain="d111111abcdef8.cloudfront.net", filename="a b.png")
EXPIRES_AT = 1767290400


def to_pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey,
    encryption: KeySerializationEncryption | None = None,
) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption or NoEncryption())


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def botocore_signer(key: rsa.RSAPrivateKey) -> CloudFrontSigner:
    return CloudFrontSigner(
        "K2JCJMDEHXQW5F", lambda message: key.sign(message, padding.PKCS1v15(), SHA1())
    )


@pytest.mark.parametrize(
    "url",
    [
        URL,
        f"{URL}?v=1&w=%22",
        "http://cdn.example.com/",
        "https://cdn.example.com/%E6%97%A5?response-content-type=text%2Fplain",
    ],
)
def test_equals_botocore(
    url: str, key: rsa.RSAPrivateKey, botocore_signer: CloudFrontSigner
) -> None:
    """The signed URL is the one that botocore's CloudFrontSigner gives."""
    theirs = botocore_signer.generate_presigned_url(
        url, date_less_than=datetime.fromtimestamp(EXPIRES_AT, UTC)
    )
    assert sign_url_until(url, "K2JCJMDEHXQW5F", key, EXPIRES_AT) == theirs


def test_private_key_forms(key: rsa.RSAPrivateKey) -> None:
    """The private key is PEM as text or bytes, or a key that cryptography has loaded."""
    pem = to_pem(key)
    signed = {sign_url_until(URL, "K", form, EXPIRES_AT) for form in (key, pem, pem.decode())}
    assert len(signed) == 1


def test_key_is_parsed_once(key: rsa.RSAPrivateKey) -> None:
    """A PEM key is parsed once, not for each URL, and few are kept."""
    _rsa._load.cache_clear()
    for number in range(3):
        sign_url_for_cloudfront(f"{URL}?v={number}", "K", to_pem(key), 60)
    assert _rsa._load.cache_info().misses == 1
    assert _rsa._load.cache_info().maxsize == 4


def test_expires(
    key: rsa.RSAPrivateKey,
    at_the_same_second: Callable[[Callable[[], str], Callable[[], float]], tuple[str, float]],
) -> None:
    """expires is in seconds from now."""
    url, now = at_the_same_second(lambda: sign_url_for_cloudfront(URL, "K", key, 3600), time)
    assert parse_qs(urlsplit(url).query)["Expires"] == [str(int(now) + 3600)]


def test_stable_for(key: rsa.RSAPrivateKey) -> None:
    """Within a window the URL stays the same, and never ends before the expiry asked for."""
    day = 24 * 60 * 60
    url = sign_url_for_cloudfront(URL, "K", key, 60, stable_for=day)
    [end] = parse_qs(urlsplit(url).query)["Expires"]
    assert (int(end) - 60) % day == 0
    assert int(end) >= int(time()) + 60


def test_anchor(key: rsa.RSAPrivateKey) -> None:
    """A fragment is not signed and stays at the end of the URL."""
    plain = sign_url_until(URL, "K", key, EXPIRES_AT)
    assert sign_url_until(f"{URL}#page=2", "K", key, EXPIRES_AT) == f"{plain}#page=2"


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
        (5, "url must be a str"),
    ],
)
def test_bad_url(url: str, message: str, key: rsa.RSAPrivateKey) -> None:
    """A URL that CloudFront would refuse, or a browser would change, is refused here."""
    with pytest.raises(ArgumentError, match=message) as caught:
        sign_url_for_cloudfront(url, "K", key, 60)
    assert caught.value.argument == "url"
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://cdn.example.com/it's",
        "https://cdn.example.com/a?v={1}|^`",
        "https://cdn.example.com:8443/%7B1%7D?v=%27",
        "https://cdn.example.com/a..b/.c",
    ],
)
def test_url_that_browsers_keep(url: str, key: rsa.RSAPrivateKey) -> None:
    """A URL made by hand that browsers send as it is, is signed as it is."""
    assert sign_url_for_cloudfront(url, "K", key, 60).startswith(url)


@pytest.mark.parametrize("expires", [0, -1, 1.5, "60"])
def test_bad_expires(expires: int, key: rsa.RSAPrivateKey) -> None:
    """An expiry that is no whole, positive number of seconds is refused."""
    with pytest.raises(ValueError, match="expires must be"):
        sign_url_for_cloudfront(URL, "K", key, expires)


def test_bad_keys(key: rsa.RSAPrivateKey) -> None:
    """A key that cannot be read or is not RSA is refused, without showing it."""
    other = ec.generate_private_key(ec.SECP256R1())
    locked = to_pem(key, BestAvailableEncryption(b"passphrase"))
    broken = b"-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----\n"
    for bad, message in (
        (to_pem(other), "must be RSA"),
        (other, "must be RSA"),
        (None, "must be RSA"),
        (locked, "pass the key itself"),
        (broken, "pass the key itself"),
        ("", "the text of a PEM"),
        ("hush\ud800", "UTF-8 form"),
        ("/etc/hush/private_key.pem", "pass a file's text, not its path"),
    ):
        with pytest.raises(ArgumentError, match=message) as caught:
            sign_url_for_cloudfront(URL, "K", bad, 60)  # type: ignore[arg-type]
        assert caught.value.argument == "private_key"
        assert "hush" not in str(caught.value)


@pytest.mark.parametrize("key_id", ["", "K&Expires=9", "K\n", None, 5])
def test_bad_key_id(key_id: str, key: rsa.RSAPrivateKey) -> None:
    """A key id that is none, or would change the rest of the URL, is refused."""
    with pytest.raises(ArgumentError, match="key_id must be"):
        sign_url_for_cloudfront(URL, key_id, key, 60)


def test_timedelta(key: rsa.RSAPrivateKey) -> None:
    """The expiry may be a timedelta, of any length."""
    url = sign_url_for_cloudfront(URL, "K", key, timedelta(days=3650))
    [end] = parse_qs(urlsplit(url).query)["Expires"]
    assert int(end) > int(time()) + 3649 * 24 * 60 * 60


def test_without_cryptography() -> None:
    """Without cryptography, signing names the extra to install; importing needs nothing."""
    code = (
        "import sys; sys.modules['cryptography'] = None\n"
        "from url_for_s3 import sign_url_for_cloudfront\n"
        "try:\n"
        "    sign_url_for_cloudfront('https://cdn.example.com/a', 'K', 'pem', 60)\n"
        "except ImportError as error:\n"
        "    print(error)\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "pip install 'url-for-s3[cloudfront]'" in ran.stdout
