"""A bucket on S3, or on anything that speaks its protocol, as a storage."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Unpack

from ._checks import check_header
from ._listed import ListedName, names_to_delete
from ._names import check_prefix
from ._s3_connection import S3Connection
from ._s3_files import from_head, is_file, is_hidden, list_all
from ._s3_options import ObjectOptions, Races, check_races, merged, object_arguments
from ._storage import FileInfo
from ._types import guess_content_type
from .exceptions import AlreadyExistsError, NotFoundError, S3SaverError

if TYPE_CHECKING:
    from botocore.config import Config
    from mypy_boto3_s3 import S3Client


class S3Storage(S3Connection):
    """Keeps files in a bucket. See :class:`Storage` for what each call promises.

    Without credentials in arguments the SDK's own chain finds them: environment, profile, role.
    Storages of one configuration share a client, which the first call makes; a storage may be
    shared by threads, survive a fork, and, without a ready *client*, be pickled.

    Files up to 8 MiB go up in one request, bigger ones in up to five parallel parts of 8 MiB, so
    that one save holds about 40 MiB in memory (beyond 78 GiB parts grow, for S3 takes 10,000).
    With ``overwrite=False`` files up to 5 GiB go in one request, which Amazon's S3 decides without
    a race; a stream that cannot seek is kept in a temporary file for it, and the object gets a
    metadata entry ``saved-by``, by which a repeated request knows its own object. Other stores are
    asked once a process and bucket whether they do so as well; see *races*.

    Requests are tried up to four times, so that a store that is gone is reported in about half a
    minute, and one that goes silent in about two.

    :param bucket_name: the bucket's name.
    :param client: a ready boto3 S3 client, instead of the options by which one is made
        (*region*, *endpoint_url*, the credentials, *config*).
    :param prefix: a folder in the bucket that all names are below; ``''`` for the whole bucket.
    :param region: such as ``'eu-north-1'``; by default the SDK's.
    :param endpoint_url: such as ``'https://minio.example.org'``, for stores other than Amazon's.
        These get checksums only where the protocol requires them, since many refuse others.
    :param access_key_id: by default, what the SDK finds.
    :param access_key_secret: belongs to *access_key_id*.
    :param session_token: belongs to temporary credentials.
    :param acl: such as ``'public-read'``. No ACL is sent by default: buckets made since April 2023
        refuse ACLs. Let a bucket policy or a CDN make files public.
    :param cache_control: such as ``'public, max-age=3600'``, for every file.
    :param storage_class: such as ``'STANDARD_IA'``, for every file.
    :param server_side_encryption: such as ``'aws:kms'``, for every file.
    :param kms_key_id: of the key for ``'aws:kms'``; by default Amazon's own.
    :param tags: up to ten, such as ``{'owner': 'ann'}``, for every file.
    :param extra_args: more parameters of S3's PutObject for every file, by their names there:
        ``{'Metadata': {'by': 'us'}}``. They go over the options above.
    :param races: what to do on a store that does not obey ``If-None-Match``, where
        ``overwrite=False`` can only look whether the name is taken and then save: ``'warn'`` does
        so and logs one warning, ``'allow'`` does so silently, ``'refuse'`` raises an error.
    :param config: a botocore ``Config``, laid over ours: 5 seconds to connect, 30 to read, four
        attempts, 64 connections.
    :raises ArgumentError: no store takes the bucket's name, *endpoint_url* has no scheme or is that
        of the bucket instead of the store's, or a header or tag is more than S3 takes.
    :raises ArgumentError: such options are passed together with a ready *client*.
    """

    def __init__(
        self,
        bucket_name: str,
        *,
        client: "S3Client | None" = None,
        prefix: str = "",
        region: str | None = None,
        endpoint_url: str | None = None,
        access_key_id: str | None = None,
        access_key_secret: str | None = None,
        session_token: str | None = None,
        acl: str | None = None,
        races: Races = "warn",
        config: "Config | None" = None,
        **options: Unpack[ObjectOptions],
    ) -> None:
        super().__init__(
            bucket_name,
            client=client,
            prefix=prefix,
            region=region,
            endpoint_url=endpoint_url,
            credentials={
                "access_key_id": access_key_id,
                "access_key_secret": access_key_secret,
                "session_token": session_token,
            },
            config=config,
        )
        check_header("acl", acl)
        check_races(races)
        self._races: Races = races
        self._extra_args = {**({"ACL": acl} if acl else {}), **object_arguments(options)}

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
            self.bucket_name if bucket_name is None else bucket_name,
            client=self._ready_client,
            prefix=self.prefix if prefix is None else prefix,
            extra_args={**self._extra_args, **(extra_args or {})},
            races=self._races,
            **self._given,
        )

    @property
    def conditional_writes(self) -> bool:
        """Whether the store itself decides ``overwrite=False``, so that there is no race.

        True for Amazon's S3. Any other store is asked by the first call of the process for this
        bucket, here or in :meth:`save`: three requests. Where it is false, *races* counts.
        """
        from ._conditions import decides

        with self.translate_errors():
            return decides(self.client, self._request(self.prefix + "any", {}))

    def save(
        self,
        name: str,
        file: IO[bytes],
        *,
        overwrite: bool = True,
        content_type: str | None = None,
        **options: Unpack[ObjectOptions],
    ) -> FileInfo:
        """As :meth:`Storage.save`.

        :param options: as of the class, for this file; they go over those: ``cache_control``,
            ``storage_class``, ``server_side_encryption``, ``kms_key_id``, ``tags``, ``extra_args``.
        """
        from ._uploads import upload

        check_header("content_type", content_type)
        key = self.key(name)
        wanted = {"ContentType": content_type or guess_content_type(name)}
        request = {**wanted, **self._request(key, object_arguments(options))}
        if not overwrite and not self._decides(request):
            self._refuse_taken(name)
            overwrite = True
        with self.translate_errors(name):
            stored = upload(self.client, request, file, overwrite=overwrite)
        return FileInfo(name, stored.size, stored.modified, stored.etag, request["ContentType"])

    def open(self, name: str) -> BinaryIO:
        from ._reader import open_object

        key = self.key(name)
        with self.translate_errors(name):
            return open_object(self.client, self.bucket_name, key, name)

    def stat(self, name: str) -> FileInfo:
        return self._info(name, self._head(name))

    def exists(self, name: str) -> bool:
        try:
            self._head(name)
        except NotFoundError:
            return False
        return True

    def delete(self, *names: str | FileInfo) -> None:
        from ._deletes import delete_keys

        keys = [
            self.prefix + name if isinstance(name, ListedName) else self.key(name)
            for name in names_to_delete(names)
        ]
        with self.translate_errors(keys[0].removeprefix(self.prefix) if len(keys) == 1 else None):
            delete_keys(self.client, self.bucket_name, keys)

    def find(self, prefix: str = "") -> Iterator[FileInfo]:
        return self._list(check_prefix(prefix))

    def copy(
        self,
        source: str,
        target: str,
        *,
        overwrite: bool = True,
        **options: Unpack[ObjectOptions],
    ) -> FileInfo:
        """As :meth:`Storage.copy`, inside S3: no byte passes through here.

        The copy keeps the source's type, metadata and other headers, but has the storage class,
        encryption and ACL of this storage. (Tags are kept up to 5 GiB.) With ``overwrite=False``,
        Amazon's S3 decides without a race. For files over 5 GiB, and on stores that don't know
        ``If-None-Match`` for a copy (Ceph up to 16), the target is only looked for beforehand,
        which leaves a moment in which a concurrent save can be overwritten. A store that cannot
        copy more than 5 GiB gets the bytes through here.

        :param options: as of :meth:`save`, in place of what the source has.
        """
        from ._copies import copy_object

        changes = object_arguments(options)
        key = self.key(target)
        head = self._head(source)
        info = self._info(source, head)
        if_absent = not overwrite and self._decides(self._request(key, changes))
        if not overwrite:
            self._refuse_taken(target)
        if source == target and not changes:
            return info
        with self.translate_errors(target):
            copy = copy_object(
                self.client,
                self.key(source),
                {"Bucket": self.bucket_name, "Key": key, **self._extra_args},
                changes,
                head,
                size=info.size,
                if_absent=if_absent,
            )
        content_type = changes.get("ContentType") or info.content_type
        return FileInfo(target, copy.size, copy.modified, copy.etag, content_type)

    def prune(
        self, *, older_than: timedelta = timedelta(days=1), dry_run: bool = False
    ) -> list[str]:
        """Delete hidden objects that killed processes left, which :meth:`find` does not list.

        Parts of unfinished uploads go by a lifecycle rule ``AbortIncompleteMultipartUpload``.

        :param older_than: by default a day. What is younger may be in use.
        :param dry_run: delete nothing.
        :return: their names.
        """
        before = datetime.now(UTC) - older_than
        old = (
            info
            for info in self._list("", files=False)
            if is_hidden(info) and info.modified <= before
        )
        names = [info.name for info in old]
        if not dry_run:
            self.delete(*names)
        return names

    def _request(self, key: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return {"Bucket": self.bucket_name, "Key": key, **merged(self._extra_args, arguments)}

    def _decides(self, request: dict[str, Any]) -> bool:
        from ._conditions import decides, may_look_first

        with self.translate_errors():
            if decides(self.client, request):
                return True
            may_look_first(self.client, request, self._races)
            return False

    def _refuse_taken(self, name: str) -> None:
        if self.exists(name):
            raise AlreadyExistsError(
                f"{name!r} exists in {self!r}: choose another name or pass overwrite=True",
                name=name,
            )

    def _head(self, name: str) -> Any:
        key = self.key(name)
        try:
            with self.translate_errors(name):
                return self.client.head_object(Bucket=self.bucket_name, Key=key)
        except NotFoundError:
            self._look_for_bucket()  # a HEAD has no body to say which of the two is missing
            raise
        except S3SaverError as error:
            if error.code == "400":
                self._say_what_is_wrong(name)
            raise

    def _info(self, name: str, head: Any) -> FileInfo:
        with self.translate_errors(name):
            return from_head(self.client, self.bucket_name, self.key(name), name, head)

    def _list(self, prefix: str, *, files: bool = True) -> Iterator[FileInfo]:
        """Yield the files, or what else is there: hidden objects, and markers of folders."""
        with self.translate_errors():
            for info in list_all(self.client, self.bucket_name, self.prefix, self.prefix + prefix):
                if is_file(info) == files:
                    yield info if files else replace(info, name=ListedName(info.name))
