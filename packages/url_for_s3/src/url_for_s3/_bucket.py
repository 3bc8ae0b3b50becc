"""A bucket as a value: where it answers, and every URL and form for its objects."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ._address import (
    Address,
    amazon_host,
    bucket_address,
    cdn_address,
    check_bucket_name,
    check_region,
    check_scheme,
)
from ._checks import check_text
from ._credentials import S3Credentials, read_credentials
from ._encode import check_key, encode_key, join_query, query_pairs
from ._hosts import check_endpoint_url, check_host, holds_bucket, without_password
from ._post import PresignedPost, check_form_key, presign_form
from ._presign import presign_url
from ._settings import endpoints_of
from ._values import check_query
from .exceptions import ArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import timedelta

    from ._credentials import BotocoreCredentials
    from ._settings import BucketSettings

_EXAMPLES = {
    "bucket_domain": "s3-accelerate.amazonaws.com",
    "cdn_domain": "cdn.example.com",
    "endpoint_url": "http://127.0.0.1:9000",
    "public_endpoint_url": "https://s3.example.com",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Bucket:
    """Where a bucket answers, checked once, when it is made. It never changes, can be compared,
    hashed, pickled and shared; :func:`dataclasses.replace` makes another one. Nothing is asked of
    S3.

    An empty string means the same as None, except for ``scheme``.

    :param bucket_name: by Amazon's naming rules
        (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html); with a
        host of another server, 3 to 255 letters, digits, dots, hyphens and underscores. An access
        point goes by its alias.
    :param region: the bucket's region, such as ``'eu-north-1'``. Without one, Amazon's global
        host, which redirects for buckets outside us-east-1; nothing can be signed for Amazon then.
        On other servers signatures are for ``'us-east-1'``, unless given.
    :param endpoint_url: where the app reaches the server, unless that is Amazon's for the region:
        scheme, host, optionally a port and a path, without the bucket's name.
    :param public_endpoint_url: where browsers reach the server, if that is another address. All
        URLs and forms are for it, as they are for browsers. What the app itself is to follow comes
        of ``replace(bucket, public_endpoint_url=None)``.
    :param bucket_domain: host, with an optional port, in place of Amazon's for the region, such
        as ``'s3-accelerate.amazonaws.com'``.
    :param cdn_domain: host, with an optional port, of a CDN, which stands in for the bucket in
        :meth:`url`. What is signed for S3 goes to S3's own host all the same: a CDN does not know
        these signatures (see :class:`CloudFrontSigner` for CloudFront's).
    :param url_style: ``'host'`` puts the bucket in the host name, ``'path'`` in the path. Where a
        host name cannot hold the bucket, the path does: a bucket with dots unless the scheme is
        ``'http'``, a name that is no host name, and a server given as an IP address or by a
        single label such as ``localhost``.
    :param scheme: ``'https'``, ``'http'``, or ``''`` for URLs that start with ``//``; by default
        the endpoint's, and without one ``'https'``.
    :raises ArgumentError: one of them is wrong, or two of them name the same.
    """

    bucket_name: str = field(kw_only=False)
    region: str | None = None
    endpoint_url: str | None = None
    public_endpoint_url: str | None = None
    bucket_domain: str | None = None
    cdn_domain: str | None = None
    url_style: str = "host"
    scheme: str | None = None
    _own: Address = field(init=False, repr=False, compare=False)
    _shown: Address = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        for argument, example in _EXAMPLES.items():
            if (value := getattr(self, argument)) is not None:
                check_text(argument, value, example)
        for argument in ("endpoint_url", "public_endpoint_url"):
            if self.bucket_domain and getattr(self, argument):
                raise ArgumentError(
                    "bucket_domain",
                    without_password(self.bucket_domain),
                    f"left out where {argument} is set",
                    ": both name the host",
                )
        if self.region:
            check_region(self.region)
        if self.url_style not in ("host", "path"):
            raise ArgumentError("url_style", self.url_style, "'host' or 'path'")
        if self.scheme is not None:
            check_scheme(self.scheme)
        other = self.bucket_domain or self.endpoint_url or self.public_endpoint_url
        check_bucket_name(self.bucket_name, anywhere=bool(other))
        # The app's own is checked even where the public one stands for it.
        address = self._find_address("endpoint_url", self.endpoint_url)
        if self.public_endpoint_url:
            address = self._find_address("public_endpoint_url", self.public_endpoint_url)
        object.__setattr__(self, "_own", address)
        if self.cdn_domain:
            scheme = "https" if self.scheme is None else self.scheme
            address = cdn_address(scheme, check_host("cdn_domain", self.cdn_domain))
        object.__setattr__(self, "_shown", address)

    @classmethod
    def from_settings(
        cls,
        settings: "BucketSettings",
        *,
        bucket_name: str | None = None,
        region: str | None = None,
        endpoint_url: str | None = None,
        bucket_domain: str | None = None,
        scheme: str | None = None,
    ) -> "S3Bucket":
        """Make a bucket of what an app has set.

        :param settings: such as ``s3_saver.settings.S3Settings``: ``bucket_name``, ``region``,
            ``endpoint_url``, ``public_endpoint_url``, ``url_style``, and ``cdn_of(bucket_name)``.
        :param bucket_name: as *region* and *endpoint_url* in place of that of the settings, if it
            is not None. *bucket_domain* is in place of all endpoints.
        :raises ArgumentError: as :class:`S3Bucket`.
        """
        bucket_name = settings.bucket_name if bucket_name is None else bucket_name
        return cls(
            bucket_name,
            region=(settings.region if region is None else region) or None,
            cdn_domain=settings.cdn_of(bucket_name) or None,
            url_style=settings.url_style,
            scheme=scheme,
            **endpoints_of(settings, endpoint_url, bucket_domain),
        )

    def _find_address(self, argument: str, endpoint_url: str | None) -> Address:
        scheme, path = "https", ""
        if endpoint_url:
            scheme, host, path = check_endpoint_url(argument, endpoint_url)
        elif self.bucket_domain:
            argument, host = "bucket_domain", check_host("bucket_domain", self.bucket_domain)
        else:
            host = amazon_host(self.region)
        if part := holds_bucket(host, path, self.bucket_name):
            raise ArgumentError(
                argument,
                endpoint_url or self.bucket_domain,
                "without the bucket's name",
                f": leave out {part!r}, which is put there for each URL",
            )
        scheme = scheme if self.scheme is None else self.scheme
        return bucket_address(self.bucket_name, scheme, host, path, self.url_style)

    def url(self, key: str, *, query: Mapping[str, object] | None = None) -> str:
        """The URL of an object that anyone may read. Nothing is signed: it works if the bucket's
        policy or the CDN lets the public read.

        :param key: the object's key, as it is stored; percent-encoded here, once.
        :param query: names and values. Lists, tuples and sets repeat the name; None is left out.
        :raises ArgumentError: a key that no URL can carry: empty, with a segment ``.`` or ``..``,
            a NUL, no UTF-8 form, or more than 1,024 bytes of it.
        """
        url = self._shown.base + encode_key(check_key(key))
        if query is not None and (encoded := join_query(query_pairs(check_query(query)))):
            return f"{url}?{encoded}"
        return url

    def presign(
        self,
        key: str,
        credentials: "S3Credentials | BotocoreCredentials",
        *,
        method: str = "GET",
        expires: "int | timedelta" = 3600,
        stable: "bool | int | timedelta" = True,
        download_as: str | None = None,
        response_content_type: str | None = None,
        response_content_disposition: str | None = None,
        content_type: str | None = None,
        content_length: int | None = None,
        headers: Mapping[str, str] | None = None,
        forbid: Iterable[str] = (),
        query: Mapping[str, object] | None = None,
    ) -> str:
        """Return a URL with which anyone can read or write one private object for a while.

        Signed here by Signature Version 4, for an object that is absent or that the credentials
        may not touch, too. With temporary credentials (a role, SSO, a session token) the URL ends
        when they do, however long ``expires`` is.

        :param key: the object's key, as it is stored.
        :param credentials: :class:`S3Credentials`, or botocore's, as
            ``boto3.Session().get_credentials()`` gives them.
        :param method: ``'GET'`` or ``'PUT'``.
        :param expires: seconds from now, or a timedelta; 1 to 604,800 seconds (seven days).
        :param stable: keep the URL the same for a while, so that browsers cache what it gives: it
            ends up to that much later than ``expires`` asks, and never earlier. True: a ``'GET'``
            for as long as ``expires``, a ``'PUT'`` not at all; otherwise seconds or a timedelta.
            Both together are cut to 604,800 seconds, so beyond 302,400 the URL changes more often,
            and with 604,800 each second.
        :param download_as: for ``'GET'``: save the answer as a file of this name, of any script.
        :param response_content_type: for ``'GET'``: the Content-Type of the answer.
        :param response_content_disposition: for ``'GET'``: the Content-Disposition of the answer,
            in ASCII.
        :param content_type: for ``'PUT'``: the Content-Type that the request must send.
        :param content_length: for ``'PUT'``: the size of the body in bytes, neither more nor less;
            at most 5 GiB. Without it, whoever has the URL may send any size.
        :param headers: what the request must send besides, as it is here: see
            :func:`object_headers`. Parts take little of it, since Amazon wants to know how an
            object is kept when its multipart upload begins.
        :param forbid: for ``'PUT'``: names of headers that the request must not send, such as
            :data:`PUT_CHANGING_HEADERS`; those in ``headers`` are signed instead. Not for Amazon
            and servers like it, which refuse headers of S3 that are not signed anyway, and may
            refuse this. For servers that obey such headers, as Ceph does.
        :param query: more of the query, signed too: ``versionId``, or ``partNumber`` and
            ``uploadId``.
        :raises ArgumentError: one of them is wrong, nothing is there to sign with, or the region
            is not known.
        """
        if isinstance(stable, bool):
            stable = expires if stable and method == "GET" else 0
        return presign_url(
            self._own,
            check_key(key),
            credentials=read_credentials(credentials),
            region=self._signing_region(),
            method=method,
            expires=expires,
            stable=stable,
            download_as=download_as,
            content_type=content_type,
            content_length=content_length,
            response_content_type=response_content_type,
            response_content_disposition=response_content_disposition,
            headers=headers,
            forbid=forbid,
            query=check_query(query) if query is not None else {},
        )

    def presign_post(
        self,
        key: str,
        credentials: "S3Credentials | BotocoreCredentials",
        *,
        expires: "int | timedelta" = 3600,
        content_length_range: tuple[int, int] | None = None,
        content_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
        success_action_status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> PresignedPost:
        """A form by which a browser puts one file under exactly this key, for a while.

        S3 holds the upload to everything given here: it refuses another key, a size out of range,
        another content type or other metadata.

        :param key: the object's key, as it is stored.
        :param credentials: as for :meth:`presign`.
        :param expires: seconds from now, or a timedelta; 1 to 604,800 seconds (seven days).
        :param content_length_range: the smallest and the largest size of the file, in bytes; at
            most 5 GiB.
        :param content_type: the Content-Type that the object gets. Without one, the form cannot
            set it.
        :param metadata: names, without ``x-amz-meta-``, and values, 2,048 bytes in all.
        :param success_action_status: S3's answer to an upload: 200, 201 (with XML that names the
            object) or 204, which it also gives without this.
        :param headers: how the object is kept, as :func:`object_headers` gives it; written as the
            form's fields.
        :raises ArgumentError: as :meth:`presign`; also a key with ``${filename}``, in whose place
            S3 puts the name that the client sends.
        """
        return presign_form(
            self._own,
            self.bucket_name,
            check_form_key("key", check_key(key)),
            credentials=read_credentials(credentials),
            region=self._signing_region(),
            expires=expires,
            content_length_range=content_length_range,
            content_type=content_type,
            metadata=metadata,
            success_action_status=success_action_status,
            headers=headers,
        )

    def _signing_region(self) -> str:
        if not self.region and self._own.is_amazons:
            raise ArgumentError(
                "region", self.region, "the bucket's own, such as 'eu-north-1', to sign for Amazon"
            )
        return self.region or "us-east-1"
