"""Signature Version 4 for S3: time and credentials in, a query or form fields out.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html
"""

import hmac
from binascii import b2a_base64
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from time import gmtime, strftime

from ._credentials import S3Credentials
from ._encode import encode_query, join_query, query_pairs
from .exceptions import ArgumentError

_ALGORITHM = "AWS4-HMAC-SHA256"
_NO_HEADERS: Mapping[str, str] = {}
_PARAMETERS = {
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-expires",
    "x-amz-security-token",
    "x-amz-signature",
    "x-amz-signedheaders",
}


def sign_query(
    method: str,
    host: str,
    path: str,
    values: Mapping[str, object],
    *,
    headers: Mapping[str, str] = _NO_HEADERS,
    forbidden: Iterable[str] = (),
    credentials: S3Credentials,
    region: str,
    signed_at: int,
    expires: int,
) -> str:
    """The whole query of a presigned URL.

    :param path: Encoded.
    :param headers: By names in lower case: what the request must send.
    :param forbidden: Names, in lower case, of headers that the request must not send. They are
        declared as signed, without a line of their own: a server that makes the canonical request
        of what is declared finds another signature as soon as one of them is sent.
    :param signed_at: Unix time, seconds.
    :param expires: Seconds after ``signed_at``.
    """
    for name in values:
        if name.lower() in _PARAMETERS:
            raise ArgumentError(
                "query", name, "without what the signature sets itself", ": leave it out"
            )
    timestamp = _timestamp(signed_at)
    scope = _scope(timestamp, region)
    lines = f"host:{host}\n"
    signed_headers = "host"
    if headers or forbidden:
        # The specification's Trimall: one space in place of several.
        sent = {"host": host} | {name: " ".join(headers[name].split()) for name in headers}
        lines = "".join([f"{name}:{sent[name]}\n" for name in sorted(sent)])
        signed_headers = ";".join(sorted({*sent, *forbidden}))
    # The order is botocore's, so that both give the same URL.
    pairs = query_pairs(values)
    pairs += [
        ("X-Amz-Algorithm", _ALGORITHM),
        ("X-Amz-Credential", encode_query(f"{credentials.access_key_id}/{scope}")),
        ("X-Amz-Date", timestamp),
        ("X-Amz-Expires", str(expires)),
        ("X-Amz-SignedHeaders", encode_query(signed_headers)),
    ]
    if credentials.session_token:
        pairs.append(("X-Amz-Security-Token", encode_query(credentials.session_token)))
    request = (
        f"{method}\n{path}\n{join_query(sorted(pairs))}\n"
        f"{lines}\n{signed_headers}\nUNSIGNED-PAYLOAD"
    )
    text = f"{_ALGORITHM}\n{timestamp}\n{scope}\n{sha256(request.encode()).hexdigest()}"
    signature = _signature(text, credentials, timestamp, region)
    return f"{join_query(pairs)}&X-Amz-Signature={signature}"


def sign_post(
    fields: Mapping[str, str],
    conditions: Sequence[object],
    *,
    credentials: S3Credentials,
    region: str,
    signed_at: int,
    expires: int,
) -> dict[str, str]:
    """The fields of a form, with the policy that holds ``conditions`` and its signature.

    :param signed_at: Unix time, seconds.
    :param expires: Seconds after ``signed_at``.
    """
    import json  # 8 ms that only forms pay for

    timestamp = _timestamp(signed_at)
    signing = {
        "x-amz-algorithm": _ALGORITHM,
        "x-amz-credential": f"{credentials.access_key_id}/{_scope(timestamp, region)}",
        "x-amz-date": timestamp,
    }
    if credentials.session_token:
        signing["x-amz-security-token"] = credentials.session_token
    document = {
        "expiration": strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(signed_at + expires)),
        "conditions": [*conditions, *({name: value} for name, value in signing.items())],
    }
    policy = b2a_base64(json.dumps(document).encode(), newline=False).decode()
    signature = _signature(policy, credentials, timestamp, region)
    return {**fields, **signing, "policy": policy, "x-amz-signature": signature}


def _timestamp(seconds: int) -> str:
    return strftime("%Y%m%dT%H%M%SZ", gmtime(seconds))


def _scope(timestamp: str, region: str) -> str:
    return f"{timestamp[:8]}/{region}/s3/aws4_request"


def _signature(text: str, credentials: S3Credentials, timestamp: str, region: str) -> str:
    key = _signing_key(credentials.access_key_secret, timestamp[:8], region)
    return hmac.digest(key, text.encode(), "sha256").hex()


# Few, so that secrets don't stay in memory for long after they are changed.
@lru_cache(maxsize=8)
def _signing_key(access_key_secret: str, date: str, region: str) -> bytes:
    key = f"AWS4{access_key_secret}".encode()
    for part in (date, region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    return key
