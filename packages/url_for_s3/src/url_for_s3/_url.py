"""The public URL of an object."""

from ._address import find_address
from ._encode import encode_anchor, encode_key, join_query, object_key, query_pairs


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
    _scheme: str | None = None,
    _anchor: str | None = None,
    _external: bool | None = None,
    _method: str | None = None,
    **values: object,
) -> str:
    """The URL of an object that anyone may read, called like :func:`flask.url_for`.

    Nothing is signed and nothing is asked of S3: the URL works if the bucket's policy or the CDN
    lets the public read.

    :param endpoint: Start of the key, such as ``'static'``; ``''`` for none. Slashes at its ends
        don't count.
    :param bucket_name: By Amazon's naming rules
        (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html); with
        ``bucket_domain`` or ``endpoint_url``, 3 to 255 letters, digits, dots, hyphens and
        underscores.
    :param bucket_domain: Host, with an optional port, in place of Amazon's for the region, such
        as ``'s3-accelerate.amazonaws.com'``.
    :param scheme: ``'https'``, ``'http'``, or ``''`` for a URL that starts with ``//``.
    :param url_style: ``'host'`` puts the bucket in the host name, ``'path'`` in the path. Where a
        host name cannot hold the bucket, the path does: a bucket with dots unless the scheme is
        ``'http'``, a name that is no host name, and a server given as an IP address or by a
        single label such as ``localhost``.
    :param cdn_domain: Host, with an optional port, that stands in for the bucket's; the bucket is
        not in the URL then.
    :param filename: Rest of the key, after the endpoint and a slash; slashes at its start don't
        count. Percent-encoded here, so give it as it is stored.
    :param region: The bucket's region, such as ``'eu-north-1'``. Without one, Amazon's global
        host, which redirects for buckets outside us-east-1.
    :param endpoint_url: Another S3 server than Amazon's: scheme, host, optionally a port and a
        path. Its scheme wins over ``scheme``.
    :param _scheme: Wins over ``scheme`` and over that of ``endpoint_url``.
    :param _anchor: The URL's fragment.
    :param _external: Accepted as :func:`flask.url_for` does; the URL is always a whole one.
    :param _method: Accepted as :func:`flask.url_for` does; without effect on a public URL.
    :param values: The query. Lists, tuples and sets repeat the name; ``None`` is left out.
    :raises ValueError: A bad bucket name, region, style, scheme or host; a filename that is
        missing, has a ``.`` or ``..`` segment, a NUL, no UTF-8 form, or with the endpoint more
        than 1,024 bytes of it.
    """
    address = find_address(
        bucket_name, bucket_domain, scheme, url_style, cdn_domain, region, endpoint_url, _scheme
    )
    url = address.base + encode_key(object_key(endpoint, filename))
    if values:
        if "credentials" in values:
            raise TypeError("url_for_s3 takes no credentials: presign_url_for_s3 signs")
        if query := join_query(query_pairs(values)):
            url += f"?{query}"
    if _anchor is not None:
        url += f"#{encode_anchor(_anchor)}"
    return url
