"""Direct uploads into a bucket: no byte of them passes through the app."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from s3_saver import AlreadyExistsError, ObjectOptions, ReplacedError, S3SaverError, S3Storage
from url_for_s3 import S3Bucket

from .._settings import Settings
from .._storages import with_disposition
from ..exceptions import NotUploadedError, changed
from ._object_headers import arguments_of, headers_of
from ._put_headers import headers_to_forbid
from ._upload import Checked, DirectUpload

if TYPE_CHECKING:
    from botocore.credentials import Credentials


class S3Transport:
    """Presigned forms, presigned parts, and a copy inside S3 at the end.

    :param address: where browsers find the bucket of the storage.
    """

    def __init__(self, storage: S3Storage, settings: Settings, address: S3Bucket) -> None:
        self._storage = storage
        self._settings = settings
        self._address = address
        self._headers = headers_of(settings.s3)

    @cached_property
    def _credentials(self) -> "Credentials":
        # They refresh themselves; finding them is half of what signing takes.
        return self._storage.credentials

    def form(self, upload: DirectUpload) -> dict[str, Any]:
        if self._settings.s3_direct_method == "PUT":
            url = self._presign(
                upload,
                content_type=upload.content_type,
                content_length=upload.size,
                headers=self._headers or None,
            )
            headers = {"Content-Type": upload.content_type, **self._headers}
            return {"method": "PUT", "url": url, "fields": {}, "headers": headers}
        post = self._address.presign_post(
            self._storage.key(upload.pending_name),
            self._credentials,
            expires=self._settings.direct_expires,
            content_length_range=(upload.size, upload.size),
            content_type=upload.content_type,
            headers=self._headers or None,
        )
        return {"method": "POST", "url": post.url, "fields": post.fields, "headers": {}}

    def begin(self, upload: DirectUpload) -> str:
        self._forbidden()  # a store that no part is signed for gets no upload that needs some
        with self._translated(upload):
            return self._storage.client.create_multipart_upload(
                **self._object(upload),
                ContentType=upload.content_type,
                **arguments_of(self._headers),
            )["UploadId"]

    def part(self, upload: DirectUpload, number: int) -> dict[str, Any]:
        url = self._presign(
            upload,
            content_length=upload.size_of_part(number),
            query={"partNumber": number, "uploadId": upload.upload_id},
        )
        return {"method": "PUT", "url": url, "headers": {}}

    def parts(self, upload: DirectUpload) -> dict[int, tuple[int, str]]:
        pages = self._storage.client.get_paginator("list_parts").paginate(**self._multipart(upload))
        with self._translated(upload):
            return {
                part["PartNumber"]: (part["Size"], part["ETag"])
                for page in pages
                for part in page.get("Parts", ())
            }

    def complete(self, upload: DirectUpload) -> None:
        # Asked of S3 rather than believed of the browser, which also need not read the ETags.
        parts = [
            {"PartNumber": number, "ETag": etag}
            for number, (_, etag) in sorted(self.parts(upload).items())
        ]
        with self._translated(upload):
            self._storage.client.complete_multipart_upload(
                **self._multipart(upload),
                MultipartUpload={"Parts": parts},  # type: ignore[typeddict-item]
            )

    def abort(self, upload: DirectUpload) -> None:
        with suppress(NotUploadedError), self._translated(upload):
            self._storage.client.abort_multipart_upload(**self._multipart(upload))

    def finish(self, checked: Checked, name: str, options: ObjectOptions) -> bool:
        # The browser's form still works while this runs: should it put something else under the
        # pending name, its etag is another, and S3 refuses to copy it. (Ceph up to 16 does copy.)
        pending = checked.upload.pending_name
        content_type = checked.found.content_type
        wanted = with_disposition({"tags": self._settings.s3.tags, **options}, content_type)
        condition = {"CopySourceIfMatch": f'"{checked.etag}"'} if checked.etag else {}
        wanted["extra_args"] = {
            **(wanted.get("extra_args") or {}),
            **condition,
            "MetadataDirective": "REPLACE",
            "ContentType": content_type,
        }
        try:
            copy = self._storage.copy(pending, name, overwrite=False, **wanted)
        except ReplacedError as error:
            raise changed() from error
        except AlreadyExistsError as error:
            if self._storage.stat(pending).etag == checked.etag:
                raise
            raise changed() from error
        self._tag(name, wanted.get("tags") or {})
        return bool(checked.etag) and copy.etag == checked.etag

    def _tag(self, name: str, tags: Mapping[str, str]) -> None:
        # Ceph up to 16 copies without the tags that it was asked for.
        if not tags or self._storage.is_amazons:
            return
        tag_set = [{"Key": key, "Value": value} for key, value in tags.items()]
        try:
            with self._storage.translate_errors(name):
                self._storage.client.put_object_tagging(
                    Bucket=self._storage.bucket_name,
                    Key=self._storage.key(name),
                    Tagging={"TagSet": tag_set},  # type: ignore[typeddict-item]
                )
        except BaseException:
            self._storage.delete(name)
            raise

    def _object(self, upload: DirectUpload) -> dict[str, Any]:
        return {"Bucket": self._storage.bucket_name, "Key": self._storage.key(upload.pending_name)}

    def _multipart(self, upload: DirectUpload) -> dict[str, Any]:
        return {**self._object(upload), "UploadId": upload.upload_id}

    def _presign(self, upload: DirectUpload, **values: Any) -> str:
        return self._address.presign(
            self._storage.key(upload.pending_name),
            self._credentials,
            method="PUT",
            expires=self._settings.direct_expires,
            forbid=self._forbidden(),
            **values,
        )

    def _forbidden(self) -> tuple[str, ...]:
        return headers_to_forbid(
            self._storage,
            self._address,
            self._headers,
            allow_unsigned=self._settings.s3_allow_unsigned_headers,
        )

    @contextmanager
    def _translated(self, upload: DirectUpload) -> Iterator[None]:
        try:
            with self._storage.translate_errors(upload.pending_name):
                yield
        except S3SaverError as error:
            # NoSuchKey is Ceph's word for an upload whose parts were put together.
            if error.code not in ("NoSuchUpload", "NoSuchKey", "InvalidPart"):
                raise
            raise NotUploadedError("This upload was cancelled: choose the file again.") from error
