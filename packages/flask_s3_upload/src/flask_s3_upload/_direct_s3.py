"""Direct uploads into a bucket: no byte of them passes through the app."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any

from s3_saver import AlreadyExistsError, S3SaverError, S3Storage
from url_for_s3 import presign_post_for_s3, presign_url_for_s3

from ._places import headers_on_s3
from ._settings import Settings
from .exceptions import NotUploadedError, changed

if TYPE_CHECKING:
    from botocore.credentials import Credentials

    from ._direct import Checked, DirectUpload


class S3Transport:
    """Presigned forms, presigned parts, and a copy inside S3 at the end."""

    def __init__(self, storage: S3Storage, settings: Settings, address: dict[str, Any]) -> None:
        self._storage = storage
        self._settings = settings
        self._address = address

    @cached_property
    def _credentials(self) -> "Credentials":
        # They refresh themselves; finding them is half of what signing takes.
        return self._storage.credentials

    def form(self, upload: "DirectUpload") -> dict[str, Any]:
        if self._settings.s3_direct_method == "PUT":
            url = self._presign(
                upload, content_type=upload.content_type, content_length=upload.size
            )
            headers = {"Content-Type": upload.content_type}
            return {"method": "PUT", "url": url, "fields": {}, "headers": headers}
        post = presign_post_for_s3(
            **self._place(upload),
            content_length_range=(upload.size, upload.size),
            content_type=upload.content_type,
        )
        return {"method": "POST", "url": post.url, "fields": post.fields, "headers": {}}

    def begin(self, upload: "DirectUpload") -> str:
        with self._translated(upload):
            return self._storage.client.create_multipart_upload(
                **self._object(upload), ContentType=upload.content_type
            )["UploadId"]

    def part(self, upload: "DirectUpload", number: int) -> dict[str, Any]:
        url = self._presign(
            upload,
            content_length=upload.size_of_part(number),
            partNumber=number,
            uploadId=upload.upload_id,
        )
        return {"method": "PUT", "url": url, "headers": {}}

    def parts(self, upload: "DirectUpload") -> dict[int, tuple[int, str]]:
        pages = self._storage.client.get_paginator("list_parts").paginate(**self._multipart(upload))
        with self._translated(upload):
            return {
                part["PartNumber"]: (part["Size"], part["ETag"])
                for page in pages
                for part in page.get("Parts", ())
            }

    def complete(self, upload: "DirectUpload") -> None:
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

    def abort(self, upload: "DirectUpload") -> None:
        with suppress(NotUploadedError), self._translated(upload):
            self._storage.client.abort_multipart_upload(**self._multipart(upload))

    def finish(self, checked: "Checked", name: str) -> str:
        # The browser's form still works while this runs: should it put something else under the
        # pending name, its etag is another, and S3 refuses to copy it. (Ceph up to 16 does copy.)
        copier = S3Storage(
            self._storage.bucket_name,
            client=self._storage.client,
            prefix=self._storage.prefix,
            acl=self._settings.s3_acl or None,
            extra_args={
                "MetadataDirective": "REPLACE",
                "CopySourceIfMatch": f'"{checked.etag}"',
                "ContentType": checked.content_type,
                **headers_on_s3(checked.content_type),
            },
        )
        pending = checked.upload.pending_name
        try:
            return copier.copy(pending, name, overwrite=False).etag
        except AlreadyExistsError as error:
            if self._storage.stat(pending).etag == checked.etag:
                raise
            raise changed() from error

    def _object(self, upload: "DirectUpload") -> dict[str, Any]:
        return {"Bucket": self._storage.bucket_name, "Key": self._storage.key(upload.pending_name)}

    def _multipart(self, upload: "DirectUpload") -> dict[str, Any]:
        return {**self._object(upload), "UploadId": upload.upload_id}

    def _place(self, upload: "DirectUpload") -> dict[str, Any]:
        return {
            "endpoint": "",
            "bucket_name": self._storage.bucket_name,
            "filename": self._storage.key(upload.pending_name),
            "credentials": self._credentials,
            "expires": self._settings.direct_expires,
            **self._address,
        }

    def _presign(self, upload: "DirectUpload", **values: Any) -> str:
        return presign_url_for_s3(**self._place(upload), method="PUT", **values)

    @contextmanager
    def _translated(self, upload: "DirectUpload") -> Iterator[None]:
        try:
            with self._storage.translate_errors(upload.pending_name):
                yield
        except S3SaverError as error:
            # NoSuchKey is Ceph's word for an upload whose parts were put together.
            if error.code not in ("NoSuchUpload", "NoSuchKey", "InvalidPart"):
                raise
            raise NotUploadedError(
                "This upload was cancelled or pruned: choose the file again."
            ) from error
