import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

import pytest

from url_for_s3 import PUT_CHANGING_HEADERS, ArgumentError, S3Credentials
from url_for_s3._sigv4 import _signing_key, sign_post, sign_query

# The credentials and the time of Amazon's own examples.
CREDENTIALS = S3Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
MAY_24_2013 = 1369353600


def sign(
    values: Mapping[str, object],
    credentials: S3Credentials = CREDENTIALS,
    headers: Mapping[str, str] | None = None,
    forbidden: Iterable[str] = (),
) -> str:
    return sign_query(
        "GET",
        "examplebucket.s3.amazonaws.com",
        "/test.txt",
        values,
        headers=headers or {},
        forbidden=forbidden,
        credentials=credentials,
        region="us-east-1",
        signed_at=MAY_24_2013,
        expires=86400,
    )


def signature(query: str) -> str:
    return dict(parse_qsl(query))["X-Amz-Signature"]


def test_amazons_example() -> None:
    """Amazon's documented example gets Amazon's documented query."""
    assert sign({}) == (
        "X-Amz-Algorithm=AWS4-HMAC-SHA256"
        "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
        "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
        "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    )


def test_token_is_signed() -> None:
    """Temporary credentials carry their session token in the query, and it is signed in."""
    one, other = (
        sign({}, S3Credentials(CREDENTIALS.access_key_id, CREDENTIALS.access_key_secret, token))
        for token in ("one+/=", "other")
    )
    assert dict(parse_qsl(one))["X-Amz-Security-Token"] == "one+/="
    assert len({signature(one), signature(other), signature(sign({}))}) == 3


def test_values_are_signed() -> None:
    """Every value of the query changes the signature, and so does a content type."""
    signed = [sign({}), sign({"a": 1}), sign({"a": 2}), sign({"a": [1, 2]}), sign({"b": 1})]
    assert (
        len({*map(signature, signed), signature(sign({}, headers={"content-type": "text/plain"}))})
        == 6
    )


def test_names_are_sorted_before_values() -> None:
    """The order of the values doesn't matter to what is signed, whatever characters they start
    with.
    """
    one = sign({"part": "x", "part-a": "y", "Part": "z"})
    other = sign({"part-a": "y", "Part": "z", "part": "x"})
    assert signature(one) == signature(other)
    assert one != other


@pytest.mark.parametrize("name", ["X-Amz-Expires", "x-amz-signature", "X-Amz-Credential"])
def test_own_parameters_are_refused(name: str) -> None:
    """No value of the query can pass for one of the signature's own parameters."""
    with pytest.raises(ArgumentError, match=f"what the signature sets itself, got '{name}'"):
        sign({name: "1"})


def checked_by_a_server(query: str, sent: Mapping[str, str]) -> str:
    """The signature that a server computes which takes the declared headers from the request, and
    of those that were not sent makes no line, as Ceph's gateway does.
    """
    pairs = [pair for pair in query.split("&") if not pair.startswith("X-Amz-Signature=")]
    declared = dict(parse_qsl(query))["X-Amz-SignedHeaders"].split(";")
    lines = "".join(f"{name}:{sent[name]}\n" for name in declared if name in sent)
    request = "\n".join(
        ["GET", "/test.txt", "&".join(sorted(pairs)), lines, ";".join(declared), "UNSIGNED-PAYLOAD"]
    )
    scope = "20130524/us-east-1/s3/aws4_request"
    digest = hashlib.sha256(request.encode()).hexdigest()
    text = f"AWS4-HMAC-SHA256\n20130524T000000Z\n{scope}\n{digest}"
    key = f"AWS4{CREDENTIALS.access_key_secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, text.encode(), "sha256").hex()


HOST = {"host": "examplebucket.s3.amazonaws.com"}


def test_forbidden_headers() -> None:
    """A forbidden header is declared without a line of its own: a server finds our signature
    without it, and another one with it, be it empty.
    """
    query = sign({}, forbidden=PUT_CHANGING_HEADERS)
    declared = dict(parse_qsl(query))["X-Amz-SignedHeaders"].split(";")
    assert declared == sorted({"host", *PUT_CHANGING_HEADERS})
    assert checked_by_a_server(query, HOST) == signature(query)
    for name in PUT_CHANGING_HEADERS:
        for value in ("", "/other-bucket/secret.txt"):
            assert checked_by_a_server(query, {**HOST, name: value}) != signature(query)


def test_headers_beside_forbidden_ones() -> None:
    """Headers that must be sent and those that must not stand side by side, in order of names."""
    sent = {"cache-control": "no-cache", "x-amz-tagging": "a=b"}
    query = sign({}, headers=sent, forbidden=["x-amz-acl", "x-amz-copy-source"])
    assert dict(parse_qsl(query))["X-Amz-SignedHeaders"] == (
        "cache-control;host;x-amz-acl;x-amz-copy-source;x-amz-tagging"
    )
    assert checked_by_a_server(query, {**HOST, **sent}) == signature(query)
    assert checked_by_a_server(query, HOST) != signature(query)


def test_signing_key_is_derived_once() -> None:
    """A signing key is derived once for a secret, day and region, and few are kept."""
    _signing_key.cache_clear()
    for _ in range(3):
        sign({})
    assert _signing_key.cache_info().misses == 1
    assert _signing_key.cache_info().maxsize == 8


def test_post() -> None:
    """A form carries its fields, the base64 policy over the conditions, and the signature."""
    fields = sign_post(
        {"key": "a"},
        [{"key": "a"}],
        credentials=S3Credentials("id", "secret", "token"),
        region="us-east-1",
        signed_at=MAY_24_2013,
        expires=60,
    )
    assert json.loads(base64.b64decode(fields["policy"])) == {
        "expiration": "2013-05-24T00:01:00Z",
        "conditions": [
            {"key": "a"},
            {"x-amz-algorithm": "AWS4-HMAC-SHA256"},
            {"x-amz-credential": "id/20130524/us-east-1/s3/aws4_request"},
            {"x-amz-date": "20130524T000000Z"},
            {"x-amz-security-token": "token"},
        ],
    }
    assert list(fields) == [
        "key",
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-security-token",
        "policy",
        "x-amz-signature",
    ]
