"""The functions that are called like :func:`flask.url_for`, thin over :class:`S3Bucket`."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from ._address import check_scheme
from ._bucket import S3Bucket
from ._encode import encode_anchor, join_key
from ._lifetime import check_window
from ._post import PresignedPost, check_form_key
from ._values import check_query, check_values
from .exceptions import ArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import timedelta

    from ._credentials import BotocoreCredentials, S3Credentials


def url_for_s3(
    endpoint: str,
    bucket_name: str,
    bucket_domain: str | None = None,
    scheme: str = "https",
    url_style: str = "host",
    cdn_domain: str | None = None,
    filename: str | None = None,
    *,
    region: str | None = None,
    endpoint_url: str | None = None,
    query: Mapping[str, object] | None = None,
    _scheme: str | None = None,
    _anchor: str | None = None,
    _external: bool | None = None,
    _method: str | None = None,
    **values: object,
) -> str:
    """The URL of an object that anyone may read, called like :func:`flask.url_for`.

    Nothing is signed and nothing is asked of S3: the URL works if the bucket's policy or the CDN
    lets the public read. What is not listed here is as for :class:`S3Bucket`.

    :param endpoint: start of the key, such as ``'static'``; ``''`` for none. Slashes at its ends
        don't count.
    :param scheme: ``'https'``, ``'http'``, or ``''`` for a URL that starts with ``//``. That of
        ``endpoint_url`` wins over it.
    :param filename: rest of the key, after the endpoint and a slash; slashes at its start don't
        count. Percent-encoded here, so give it as it is stored.
    :param query: names and values. Lists, tuples and sets repeat the name; None is left out.
    :param _scheme: wins over ``scheme`` and over that of ``endpoint_url``.
    :param _anchor: the URL's fragment.
    :param _external: accepted as :func:`flask.url_for` does; the URL is always a whole one.
    :param _method: accepted as :func:`flask.url_for` does; without effect on a public URL.
    :param values: more of the query, by names that are not near to an argument's of this package.
    :raises ArgumentError: as :class:`S3Bucket`; a filename that is missing, has a ``.`` or ``..``
        segment, a NUL, no UTF-8 form, or with the endpoint more than 1,024 bytes of it.
    """
    bucket = _find_bucket(
        bucket_name, bucket_domain, scheme, url_style, cdn_domain, region, endpoint_url, _scheme
    )
    key = join_key(endpoint, filename)
    if values:
        query = _merge("url_for_s3", values, query)
    url = bucket.url(key, query=query)
    return url if _anchor is None else url + encode_anchor(_anchor)


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
    expires: "int | timedelta" = 3600,
    stable_for: "int | timedelta" = 0,
    download_as: str | None = None,
    content_type: str | None = None,
    content_length: int | None = None,
    response_content_type: str | None = None,
    response_content_disposition: str | None = None,
    headers: Mapping[str, str] | None = None,
    forbid: Iterable[str] = (),
    query: Mapping[str, object] | None = None,
    _scheme: str | None = None,
    _anchor: str | None = None,
    _external: bool | None = None,
    _method: str | None = None,
    **values: object,
) -> str:
    """Return a URL with which anyone can read or write one private object for a while.

    What is not listed here is as for :func:`url_for_s3` and :meth:`S3Bucket.presign`.

    :param cdn_domain: refused: a CDN does not know S3's signatures. See
        :class:`CloudFrontSigner`.
    :param stable_for: seconds, or a timedelta. Within each window of this length the URL stays the
        same, so that browsers cache what it gives; it ends up to ``stable_for`` later than
        ``expires`` asks, and never earlier. The window is cut so that both together are at most
        604,800 seconds.
    :param _method: wins over ``method``.
    :param values: more of the query, signed too: ``versionId``, or ``partNumber`` and
        ``uploadId``.
    :raises ArgumentError: as :func:`url_for_s3` and :meth:`S3Bucket.presign`.
    """
    _refuse_cdn(cdn_domain)
    bucket = _find_bucket(
        bucket_name, bucket_domain, scheme, url_style, None, region, endpoint_url, _scheme
    )
    key = join_key(endpoint, filename)
    url = bucket.presign(
        key,
        credentials,
        method=method if _method is None else _method,
        expires=expires,
        stable=check_window("stable_for", stable_for),
        download_as=download_as,
        content_type=content_type,
        content_length=content_length,
        response_content_type=response_content_type,
        response_content_disposition=response_content_disposition,
        headers=headers,
        forbid=forbid,
        query=_merge("presign_url_for_s3", values, query) if values else query,
    )
    return url if _anchor is None else url + encode_anchor(_anchor)


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
    expires: "int | timedelta" = 3600,
    content_length_range: tuple[int, int] | None = None,
    content_type: str | None = None,
    metadata: Mapping[str, str] | None = None,
    success_action_status: int | None = None,
    headers: Mapping[str, str] | None = None,
) -> PresignedPost:
    """A form by which a browser puts one file under exactly this key, for a while.

    The arguments are as for :func:`presign_url_for_s3` and :meth:`S3Bucket.presign_post`.

    :raises ArgumentError: as these two.
    """
    _refuse_cdn(cdn_domain)
    bucket = _find_bucket(
        bucket_name, bucket_domain, scheme, url_style, None, region, endpoint_url, None
    )
    return bucket.presign_post(
        check_form_key("filename", join_key(endpoint, filename)),
        credentials,
        expires=expires,
        content_length_range=content_length_range,
        content_type=content_type,
        metadata=metadata,
        success_action_status=success_action_status,
        headers=headers,
    )


def _find_bucket(*arguments: str | None) -> S3Bucket:
    try:
        return _make_bucket(*arguments)
    except TypeError:
        pass  # one that cannot be hashed, so its type is wrong
    return _make_bucket.__wrapped__(*arguments)


# Bounded, but larger than the number of buckets and hosts that one site uses.
@lru_cache(maxsize=256)
def _make_bucket(
    bucket_name: str,
    bucket_domain: str | None,
    scheme: str,
    url_style: str,
    cdn_domain: str | None,
    region: str | None,
    endpoint_url: str | None,
    scheme_override: str | None,
) -> S3Bucket:
    check_scheme(scheme)
    if scheme_override is not None:
        check_scheme(scheme_override)
    given = None if endpoint_url and not cdn_domain else scheme
    return S3Bucket(
        bucket_name,
        region=region,
        endpoint_url=endpoint_url,
        bucket_domain=bucket_domain,
        cdn_domain=cdn_domain,
        url_style=url_style,
        scheme=given if scheme_override is None else scheme_override,
    )


def _merge(
    function: str, values: Mapping[str, object], query: Mapping[str, object] | None
) -> Mapping[str, object]:
    check_values(function, values)
    return values if query is None else {**values, **check_query(query)}


def _refuse_cdn(cdn_domain: str | None) -> None:
    if cdn_domain:
        raise ArgumentError(
            "cdn_domain",
            cdn_domain,
            "left out where S3 signs, for its own host only",
            ": for CloudFront, CloudFrontSigner(...).sign(url_for_s3(..., cdn_domain=...))",
        )
