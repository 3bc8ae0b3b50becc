"""Presigned URLs and forms: the edge that reads the clock."""

from collections.abc import Mapping
from time import time

from ._address import AMAZON_SUFFIXES, Address, find_address
from ._credentials import S3Credentials, read_credentials
from ._encode import encode_anchor, encode_key, object_key
from ._lifetime import find_lifetime

# _sigv4 is imported by the first signature: it loads OpenSSL, which takes longer than all the rest
# and which public URLs do without.

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._credentials import BotocoreCredentials

_LARGEST_UPLOAD = 5 * 1024**3
_LONGEST_EXPIRES = 604_800  # seven days, in seconds: what a signing key lives for


class PresignedPost:
    """A form that uploads one file. ``vars(post)`` is a dict of both attributes, ready for JSON.

    :param url: Where to post the form, as multipart/form-data.
    :param fields: Names and values of its hidden inputs; the input ``file`` comes after them.
    """

    def __init__(self, url: str, fields: dict[str, str]) -> None:
        self.url = url
        self.fields = fields

    def __repr__(self) -> str:
        return f"PresignedPost({self.url!r}, fields=...)"


def presign_url_for_s3(
    endpoint: str,
    bucket_name: str,
    bucket_domain: str | None = None,
    scheme: str = "https",
    url_style: str = "host",
    cdn_domain: str | None = None,
    filename: str | None = None,
    *,
    credentials: "S3Credentials | BotocoreCredentials",
    region: str | None = None,
    endpoint_url: str | None = None,
    method: str = "GET",
    expires: int = 3600,
    stable_for: int = 0,
    content_type: str | None = None,
    content_length: int | None = None,
    response_content_type: str | None = None,
    response_content_disposition: str | None = None,
    _scheme: str | None = None,
    _anchor: str | None = None,
    _external: bool | None = None,
    _method: str | None = None,
    **values: object,
) -> str:
    """The URL by which anyone who has it may read or write one private object, for a while.

    Signed here by Signature Version 4; nothing is asked of S3, so a URL is given for an object
    that is absent or that the credentials may not touch, too. What is not listed here is as for
    :func:`url_for_s3`.

    With temporary credentials (a role, SSO, a session token) the URL ends when they do, however
    long ``expires`` is.

    :param cdn_domain: Refused: a CDN does not know S3's signatures. See
        :func:`sign_url_for_cloudfront`.
    :param credentials: :class:`S3Credentials`, or botocore's, as
        ``boto3.Session().get_credentials()`` gives them.
    :param region: The bucket's region, required on Amazon's hosts. On others ``'us-east-1'``,
        unless given.
    :param method: ``'GET'`` or ``'PUT'``.
    :param expires: Seconds from now, 1 to 604,800 (seven days).
    :param stable_for: Seconds. Within each window of this length the URL stays the same, so that
        browsers cache what it gives; it ends up to ``stable_for`` seconds later than ``expires``
        asks, and never earlier. Both together are at most 604,800.
    :param content_type: For ``'PUT'``: the Content-Type that the request must send.
    :param content_length: For ``'PUT'``: the size of the body in bytes, neither more nor less; at
        most 5 GiB. Without it, whoever has the URL may send any size.
    :param response_content_type: For ``'GET'``: the Content-Type of the answer.
    :param response_content_disposition: For ``'GET'``: the Content-Disposition of the answer, such
        as ``'attachment; filename="a.pdf"'``.
    :param _method: Wins over ``method``.
    :param values: More of the query, signed too: ``versionId``, or ``partNumber`` and
        ``uploadId``.
    :raises ValueError: As :func:`url_for_s3`; no credentials or region, an expiry or method out
        of range, or an option of the other method.
    """
    from ._sigv4 import sign_query

    if _method is not None:
        method = _method
    if method not in {"GET", "PUT"}:
        raise ValueError(f"method={method!r}: 'GET' or 'PUT'")
    if content_type is not None:
        if method != "PUT":
            raise ValueError("content_type is for method='PUT'; for GET: response_content_type")
        _check_content_type(content_type)
    if content_length is not None:
        if method != "PUT":
            raise ValueError("content_length is for method='PUT'")
        if not _is_size(content_length) or not 0 <= content_length <= _LARGEST_UPLOAD:
            raise ValueError(
                f"content_length={content_length!r}: a whole number of bytes, from 0 to"
                f" {_LARGEST_UPLOAD:,}"
            )
    overrides = {
        "response-content-type": response_content_type,
        "response-content-disposition": response_content_disposition,
    }
    if method != "GET" and any(value is not None for value in overrides.values()):
        raise ValueError("response_content_type and response_content_disposition are for 'GET'")
    _refuse_cdn(cdn_domain)
    address = find_address(
        bucket_name, bucket_domain, scheme, url_style, None, region, endpoint_url, _scheme
    )
    key = encode_key(object_key(endpoint, filename))
    signed_at, lifetime = find_lifetime(time(), expires, stable_for, longest=_LONGEST_EXPIRES)
    query = sign_query(
        method,
        address.host,
        address.path + key,
        {**overrides, **values},
        content_type=content_type,
        content_length=content_length,
        credentials=read_credentials(credentials),
        region=_signing_region(region, address),
        signed_at=signed_at,
        expires=lifetime,
    )
    anchor = "" if _anchor is None else f"#{encode_anchor(_anchor)}"
    return f"{address.base}{key}?{query}{anchor}"


def presign_post_for_s3(
    endpoint: str,
    bucket_name: str,
    bucket_domain: str | None = None,
    scheme: str = "https",
    url_style: str = "host",
    cdn_domain: str | None = None,
    filename: str | None = None,
    *,
    credentials: "S3Credentials | BotocoreCredentials",
    region: str | None = None,
    endpoint_url: str | None = None,
    expires: int = 3600,
    content_length_range: tuple[int, int] | None = None,
    content_type: str | None = None,
    metadata: Mapping[str, str] | None = None,
    success_action_status: int | None = None,
) -> PresignedPost:
    """A form by which a browser puts one file under exactly this key, for a while.

    S3 holds the upload to everything given here: it refuses another key, a size out of range,
    another content type or other metadata. What is not listed here is as for
    :func:`presign_url_for_s3`.

    :param content_length_range: The smallest and the largest size of the file, in bytes; at most
        5 GiB.
    :param content_type: The Content-Type that the object gets. Without one, the form cannot set
        it.
    :param metadata: Names, without ``x-amz-meta-``, and values.
    :param success_action_status: S3's answer to an upload: 200, 201 (with XML that names the
        object) or 204, which it also gives without this.
    :raises ValueError: As :func:`presign_url_for_s3`; a size range, metadata or status that S3
        would not take; a filename with ``${filename}``, in whose place S3 puts the name that the
        client sends.
    """
    from ._sigv4 import sign_post

    _refuse_cdn(cdn_domain)
    address = find_address(
        bucket_name, bucket_domain, scheme, url_style, None, region, endpoint_url, None
    )
    key = object_key(endpoint, filename)
    if "${filename}" in key:
        raise ValueError(
            f"filename={filename!r}: S3 puts the client's own file name in place of ${{filename}}"
        )
    conditions: list[object] = []
    if content_length_range is not None:
        smallest, largest = _pair_of_sizes(content_length_range)
        if not 0 <= smallest <= largest <= _LARGEST_UPLOAD:
            raise ValueError(
                f"content_length_range={content_length_range!r}: the smallest and the largest size"
                f" in bytes, from 0 to {_LARGEST_UPLOAD:,}"
            )
        conditions.append(["content-length-range", smallest, largest])
    fields: dict[str, str] = {}
    if content_type is not None:
        _check_content_type(content_type)
        fields["Content-Type"] = content_type
    if metadata and not isinstance(metadata, Mapping):
        raise TypeError(f"metadata={metadata!r}: a dict of names and values")
    for name, value in (metadata or {}).items():
        _check_metadata(name, value)
        fields[f"x-amz-meta-{name}"] = value
    if success_action_status is not None:
        if success_action_status not in {200, 201, 204}:
            raise ValueError(f"success_action_status={success_action_status!r}: 200, 201 or 204")
        fields["success_action_status"] = str(success_action_status)
    conditions += [{name: value} for name, value in fields.items()]
    conditions += [{"bucket": bucket_name}, {"key": key}]
    signed_at, lifetime = find_lifetime(time(), expires, longest=_LONGEST_EXPIRES)
    return PresignedPost(
        address.base if address.path == "/" else address.base.removesuffix("/"),
        sign_post(
            {**fields, "key": key},
            conditions,
            credentials=read_credentials(credentials),
            region=_signing_region(region, address),
            signed_at=signed_at,
            expires=lifetime,
        ),
    )


def _refuse_cdn(cdn_domain: str | None) -> None:
    if cdn_domain:
        raise ValueError(
            f"cdn_domain={cdn_domain!r}: an S3 signature holds for S3's own host only. Sign for"
            " CloudFront: sign_url_for_cloudfront(url_for_s3(..., cdn_domain=...), ...)"
        )


def _signing_region(region: str | None, address: Address) -> str:
    if region:
        return region
    if address.host.endswith(AMAZON_SUFFIXES):
        raise ValueError(
            "region is required to sign for Amazon: the bucket's own, such as 'eu-north-1'"
        )
    return "us-east-1"


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _pair_of_sizes(value: object) -> tuple[int, int]:
    if isinstance(value, tuple | list) and len(value) == 2 and all(map(_is_size, value)):
        return value[0], value[1]
    raise TypeError(
        f"content_length_range={value!r}: the smallest and the largest size in bytes, such as"
        " (1, 10_000_000)"
    )


def _check_content_type(content_type: str) -> None:
    if not isinstance(content_type, str):
        raise TypeError(f"content_type={content_type!r}: a str, such as 'image/png'")
    if "/" not in content_type or not content_type.isprintable():
        raise ValueError(f"content_type={content_type!r}: a media type, such as 'image/png'")


def _check_metadata(name: str, value: str) -> None:
    if not all(isinstance(text, str) for text in (name, value)):
        raise TypeError(f"metadata[{name!r}]={value!r}: a str for a name, a str for its value")
    if not name.isascii() or not name.replace("-", "").replace("_", "").isalnum():
        raise ValueError(f"metadata: the name {name!r} is not of letters, digits, '-' and '_'")
    if not value.isprintable():
        raise ValueError(f"metadata[{name!r}]={value!r}: has control characters")
