"""A bucket on S3, or on anything that speaks its protocol, as a storage."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import UTC
from functools import cached_property
from typing import IO, TYPE_CHECKING, Any, BinaryIO, TypedDict

from ._checks import check_bucket, check_client, check_credentials, check_header, check_type
from ._names import check_name, check_prefix
from ._storage import FileInfo
from ._types import guess_content_type
from .exceptions import AccessDeniedError, AlreadyExistsError, BucketNotFoundError, NotFoundError

if TYPE_CHECKING:
    from botocore.config import Config
    from botocore.credentials import Credentials
    from mypy_boto3_s3 import S3Client

    from ._clients import ClientOptions

_DELETE_BATCH = 1000  # keys in one DeleteObjects request, S3's limit


class S3Options(TypedDict, total=False):
    """The options of :class:`S3Storage` that :class:`~s3_saver.S3Saver` passes on."""

    client: "S3Client | None"
    region_name: str | None
    endpoint_url: str | None
    session_token: str | None
    cache_control: str | None
    server_side_encryption: str | None
    extra_args: Mapping[str, Any] | None
    config: "Config | None"


class S3Storage:
    """Keeps files in a bucket. See :class:`Storage` for what each call promises.

    Without credentials in arguments the SDK's own chain finds them: environment, profile, role.
    All storages of one configuration share one client, which is made by the first call; a storage
    may be shared by threads, survive a fork, and, without a ready *client*, be pickled.

    Files up to 8 MiB go up in one request, bigger ones in up to five parallel parts of 8 MiB, so
    that one save holds about 40 MiB in memory (beyond 78 GiB parts grow, for S3 takes 10,000).
    With ``overwrite=False`` files up to 5 GiB go in one request, which S3 and its kin decide
    without a race; a stream that cannot seek is kept in a temporary file for it, and the object
    gets a metadata entry ``saved-by``, by which a repeated request knows its own object.

    :param bucket: the bucket's name.
    :param client: a ready boto3 S3 client, instead of the options by which one is made
        (*region_name*, *endpoint_url*, the credentials, *config*).
    :param prefix: a folder in the bucket that all names are below; ``''`` for the whole bucket.
    :param region_name: such as ``'eu-north-1'``; by default the SDK's.
    :param endpoint_url: such as ``'https://minio.example.org'``, for stores other than Amazon's.
        These get checksums only where the protocol requires them, since many refuse others.
    :param access_key_id: by default, what the SDK finds.
    :param access_key_secret: belongs to *access_key_id*.
    :param session_token: belongs to temporary credentials.
    :param acl: such as ``'public-read'``. No ACL is sent by default: buckets made since April 2023
        refuse ACLs. Let a bucket policy or a CDN make files public.
    :param cache_control: such as ``'public, max-age=3600'``, for every file.
    :param server_side_encryption: such as ``'aws:kms'``, for every file.
    :param extra_args: more parameters of S3's PutObject for every file, by their names there:
        ``{'StorageClass': 'STANDARD_IA'}``.
    :param config: a botocore ``Config``, laid over ours: 5 seconds to connect, 30 to read, four
        attempts, 64 connections.
    :raises ValueError: no store takes the bucket's name, *endpoint_url* has no scheme, a header has
        control characters, or options stand beside a ready *client*.
    """

    def __init__(
        self,
        bucket: str,
        *,
        client: "S3Client | None" = None,
        prefix: str = "",
        region_name: str | None = None,
        endpoint_url: str | None = None,
        access_key_id: str | None = None,
        access_key_secret: str | None = None,
        session_token: str | None = None,
        acl: str | None = None,
        cache_control: str | None = None,
        server_side_encryption: str | None = None,
        extra_args: Mapping[str, Any] | None = None,
        config: "Config | None" = None,
    ) -> None:
        check_bucket(bucket, ready_client=client is not None)
        check_type("prefix", prefix, str, "a str such as 'media/'")
        check_type("region_name", region_name or "", str, "a str such as 'eu-north-1'")
        secrets = {
            "access_key_id": access_key_id,
            "access_key_secret": access_key_secret,
            "session_token": session_token,
        }
        check_credentials(secrets)
        check_type("extra_args", extra_args or {}, Mapping, "a dict", secret=True)
        check_header("acl", acl)
        check_header("cache_control", cache_control)
        check_header("server_side_encryption", server_side_encryption)
        self.bucket = bucket
        self.prefix = check_prefix(prefix.strip("/") + "/") if prefix.strip("/") else ""
        self._ready_client = client
        self._given: dict[str, Any] = {
            "region_name": region_name,
            "endpoint_url": endpoint_url,
            **secrets,
            "config": config,
        }
        if client and (given := [key for key, value in self._given.items() if value]):
            raise ValueError(f"pass either client or {', '.join(given)}, not both")
        check_client(client, endpoint_url, config)
        headers = {
            "ACL": acl,
            "CacheControl": cache_control,
            "ServerSideEncryption": server_side_encryption,
        }
        self._extra_args = {key: value for key, value in headers.items() if value}
        self._extra_args.update(extra_args or {})
        self._bucket_was_seen = False

    def __repr__(self) -> str:
        return f"S3Storage({f'{self.bucket}/{self.prefix}'.rstrip('/')!r})"

    def __getstate__(self) -> dict[str, Any]:
        if self._ready_client:
            raise TypeError(
                f"{self!r} holds a ready client, which cannot be pickled: make it with options"
            )
        return self.__dict__

    def derive(
        self,
        *,
        bucket_name: str | None = None,
        prefix: str | None = None,
        extra_args: Mapping[str, Any] | None = None,
    ) -> "S3Storage":
        """Return a storage like this one, which shares its client.

        :param bucket_name: by default, the same bucket.
        :param prefix: by default, the same; ``''`` for the whole bucket.
        :param extra_args: as of the class; they go over those of this storage.
        """
        return S3Storage(
            self.bucket if bucket_name is None else bucket_name,
            client=self._ready_client,
            prefix=self.prefix if prefix is None else prefix,
            extra_args={**self._extra_args, **(extra_args or {})},
            **self._given,
        )

    @property
    def client(self) -> "S3Client":
        """The boto3 S3 client, for what a :class:`Storage` has no call for.

        Its calls raise the SDK's errors, unless :meth:`translate_errors` is around them. (Those of
        ``upload_file`` and its like, which boto3 wraps once more, stay as they are.)
        """
        if self._ready_client:
            return self._ready_client
        from ._clients import shared_client

        with self.translate_errors():
            return shared_client(self._options)

    def translate_errors(self, name: str | None = None) -> AbstractContextManager[None]:
        """Let calls of :attr:`client` raise what a storage's own calls do.

        Use it as ``with storage.translate_errors(): storage.client.put_bucket_policy(...)``. An
        error's :attr:`~s3_saver.S3SaverError.code` is S3's.

        :param name: of the file concerned; by default it is the bucket.
        """
        from ._sdk_errors import translated

        return translated(self.bucket, self.prefix + name if name else None, name)

    @cached_property
    def _options(self) -> "ClientOptions":
        from ._clients import ClientOptions

        return ClientOptions(**self._given)

    @property
    def region_name(self) -> str | None:
        """The region that requests are signed for; ``None`` where nobody has told any.

        With :attr:`endpoint_url` and :attr:`credentials`, this is what url-for-s3 makes URLs of.
        """
        from ._clients import region_of

        return region_of(self.client)

    @property
    def endpoint_url(self) -> str | None:
        """Where a store other than Amazon's answers; ``None`` on Amazon's own hosts."""
        from ._clients import endpoint_of

        return endpoint_of(self.client)

    @property
    def credentials(self) -> "Credentials":
        """What the client signs with, for signing URLs elsewhere; they may be temporary.

        They have ``access_key``, ``secret_key``, ``token`` and ``get_frozen_credentials()``.

        :raises AccessDeniedError: the SDK finds none.
        """
        from ._clients import credentials_of

        with self.translate_errors():
            return credentials_of(self.client)

    def key(self, name: str) -> str:
        """Give the object key of the file of that name, be it there or not."""
        return self.prefix + check_name(name)

    def save(
        self,
        name: str,
        file: IO[bytes],
        *,
        overwrite: bool = True,
        content_type: str | None = None,
        extra_args: Mapping[str, Any] | None = None,
    ) -> FileInfo:
        """As :meth:`Storage.save`.

        :param extra_args: as of the class, for this file; they go over those.
        """
        from ._uploads import upload

        check_header("content_type", content_type)
        request = {
            "Bucket": self.bucket,
            "Key": self.key(name),
            "ContentType": content_type or guess_content_type(name),
            **self._extra_args,
            **(extra_args or {}),
        }
        with self.translate_errors(name):
            uploaded = upload(self.client, request, file, overwrite=overwrite)
        return FileInfo(
            name, uploaded.size, uploaded.modified, uploaded.etag, request["ContentType"]
        )

    def open(self, name: str) -> BinaryIO:
        from ._reader import open_object

        with self.translate_errors(name):
            return open_object(self.client, self.bucket, self.key(name), name)

    def stat(self, name: str) -> FileInfo:
        key = self.key(name)
        try:
            with self.translate_errors(name):
                head = self.client.head_object(Bucket=self.bucket, Key=key)
        except NotFoundError:
            self._look_for_bucket()  # a HEAD has no body to say which of the two is missing
            raise
        return FileInfo(
            name,
            head["ContentLength"],
            head["LastModified"].astimezone(UTC),
            head["ETag"].strip('"'),
            head.get("ContentType") or guess_content_type(name),
        )

    def exists(self, name: str) -> bool:
        try:
            self.stat(name)
        except NotFoundError:
            return False
        return True

    def delete(self, *names: str) -> None:
        from ._deletes import delete_keys

        keys = list(dict.fromkeys(self.key(name) for name in names))
        with self.translate_errors(names[0] if len(names) == 1 else None):
            for start in range(0, len(keys), _DELETE_BATCH):
                delete_keys(self.client, self.bucket, keys[start : start + _DELETE_BATCH])

    def find(self, prefix: str = "") -> Iterator[FileInfo]:
        return self._list(self.prefix + check_prefix(prefix))

    def copy(self, source: str, target: str, *, overwrite: bool = True) -> FileInfo:
        """As :meth:`Storage.copy`, inside S3: no byte passes through here.

        The copy keeps the source's type, metadata and other headers. With ``overwrite=False``,
        Amazon's S3 decides without a race. For files over 5 GiB, and on stores that don't know
        ``If-None-Match`` for a copy (Ceph up to 16), the target is only looked for beforehand,
        which leaves a moment in which a concurrent save can be overwritten.
        """
        from ._uploads import copy_object

        info, key = self.stat(source), self.key(target)
        if not overwrite and self.exists(target):
            raise AlreadyExistsError(
                f"{target!r} exists in {self!r}: choose another name or pass overwrite=True",
                name=target,
            )
        if source == target:
            return info
        request = {"Bucket": self.bucket, "Key": key, **self._extra_args}
        with self.translate_errors(target):
            etag, modified = copy_object(
                self.client, self.key(source), request, size=info.size, overwrite=overwrite
            )
        return FileInfo(target, info.size, modified, etag, info.content_type)

    def _list(self, prefix: str) -> Iterator[FileInfo]:
        with self.translate_errors():
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=prefix
            )
            for page in pages:
                for entry in page.get("Contents", ()):
                    if entry["Key"].endswith("/") and not entry["Size"]:
                        continue  # a folder that S3's console made: no file
                    name = entry["Key"].removeprefix(self.prefix)
                    yield FileInfo(
                        name,
                        entry["Size"],
                        entry["LastModified"].astimezone(UTC),
                        entry["ETag"].strip('"'),
                        guess_content_type(name),
                    )

    def _look_for_bucket(self) -> None:
        if self._bucket_was_seen:
            return
        try:
            with self.translate_errors():
                self.client.head_bucket(Bucket=self.bucket)
        except AccessDeniedError:
            pass  # it is there, but these credentials may not list it
        except NotFoundError as error:
            no_bucket = BucketNotFoundError(
                f"there is no bucket {self.bucket!r}: create it, or correct the bucket name, "
                "region or endpoint",
                bucket_name=self.bucket,
            )
            no_bucket.code = error.code
            raise no_bucket from error
        self._bucket_was_seen = True
