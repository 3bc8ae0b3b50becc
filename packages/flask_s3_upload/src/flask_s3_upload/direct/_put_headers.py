"""Which headers a presigned PUT must forbid: does the store obey such that nobody has signed?

A signature covers the headers that it names, and a store may obey others: with a presigned PUT and
``x-amz-copy-source`` Ceph copies any object that the app's keys can read, and with ``x-amz-acl`` it
opens the upload to the world. Amazon's S3 refuses headers of its own that are not signed. So each
store other than Amazon's is tried out by what really happens, once a process, before the first PUT
is signed for it:

- unsigned headers have no effect: the plain URL is safe;
- they have, but not those that the URL declares: ``forbid`` declares them
  (:data:`url_for_s3.PUT_CHANGING_HEADERS`);
- otherwise nothing is signed, unless a setting allows it knowingly.
"""

import io
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import quote

from s3_saver import S3SaverError, S3Storage
from url_for_s3 import PUT_CHANGING_HEADERS, S3Bucket

from .._names import PENDING
from ..exceptions import ConfigError
from ._http import Answer, send
from ._object_headers import arguments_of

Kind = Literal["plain", "forbid", "unsafe"]

_SETTING = "UPLOADS_S3_ALLOW_UNSIGNED_HEADERS"
_SECRET = b"what only the owner's keys can read"
_SENT = b"x"

_Store = tuple[str, str]  # its endpoint, and the bucket
_known: dict[_Store, Kind] = {}
_locks: dict[_Store, threading.Lock] = {}


def headers_to_forbid(
    storage: S3Storage, address: S3Bucket, headers: dict[str, str], *, allow_unsigned: bool
) -> tuple[str, ...]:
    """Return the headers that a presigned PUT into a bucket is to forbid.

    :param address: where it answers.
    :param headers: that the bucket may demand of everything that is put.
    :raises ConfigError: none would help, and *allow_unsigned* is not set.
    :raises S3SaverError: the store cannot be asked.
    """
    kind = kind_of(storage, address, headers)
    if kind == "unsafe" and not allow_unsigned:
        raise ConfigError(
            f"the store of bucket {storage.bucket_name!r} obeys headers of a presigned PUT that"
            " nobody has signed: whoever uploads could copy any object that the app's keys can read"
            " into the upload, or open it to the world. Files in one request can go by"
            " UPLOADS_S3_DIRECT_METHOD = 'POST'; to sign PUTs, which parts are, too, nevertheless,"
            f" set {_SETTING} = True",
            setting=_SETTING,
        )
    return PUT_CHANGING_HEADERS if kind == "forbid" else ()


def kind_of(storage: S3Storage, address: S3Bucket, headers: dict[str, str]) -> Kind:
    """Return of which kind a store is; it is tried out by the first call of the process."""
    if storage.is_amazons:
        return "plain"
    store = (storage.client.meta.endpoint_url, storage.bucket_name)
    with _locks.setdefault(store, threading.Lock()):
        if store not in _known:
            with _Trial(storage, address, headers).running() as trial:
                _known[store] = trial.kind()
        return _known[store]


class _Trial:
    """Tries a store out on two objects of its own, and an upload in parts."""

    def __init__(self, storage: S3Storage, address: S3Bucket, headers: dict[str, str]) -> None:
        name = f"{PENDING}trial-{secrets.token_hex(8)}"
        self._storage = storage
        # As the app reaches it, and not through a CDN.
        self._address = replace(address, public_endpoint_url=None, cdn_domain=None)
        self._headers = headers
        self._source, self._target = f"{name}-source", f"{name}-target"
        self._object: dict[str, Any] = {
            "Bucket": storage.bucket_name,
            "Key": storage.key(self._target),
        }
        self._upload_id = ""

    @contextmanager
    def running(self) -> Iterator["_Trial"]:
        storage = self._storage
        try:
            storage.save(self._source, io.BytesIO(_SECRET))
            with storage.translate_errors(self._target):
                made = storage.client.create_multipart_upload(
                    **self._object, **arguments_of(self._headers)
                )
                self._upload_id = made["UploadId"]
            yield self
        finally:
            with suppress(S3SaverError), storage.translate_errors(self._target):
                if self._upload_id:
                    storage.client.abort_multipart_upload(**self._object, UploadId=self._upload_id)
            with suppress(S3SaverError):
                storage.delete(self._source, self._target)

    def kind(self) -> Kind:
        control = self._put(())
        if not control.is_good:
            raise S3SaverError(
                f"the store of bucket {self._storage.bucket_name!r} refuses our presigned PUT:"
                f" {control.status} {control.body[:300].decode(errors='replace')}"
            )
        if not self._has_effect(()):
            return "plain"
        if (
            not self._put(PUT_CHANGING_HEADERS).is_good
            or not self._put(PUT_CHANGING_HEADERS, part=True).is_good
        ):
            return "unsafe"
        return "unsafe" if self._has_effect(PUT_CHANGING_HEADERS) else "forbid"

    def _has_effect(self, forbid: tuple[str, ...]) -> bool:
        """Report whether a header that nobody signed changes what a PUT does."""
        attempts: tuple[Callable[[tuple[str, ...]], bool], ...] = (
            self._copies,
            self._copies_part,
            self._opens,
        )
        return any(attempt(forbid) for attempt in attempts)

    def _copies(self, forbid: tuple[str, ...]) -> bool:
        self._put(())
        self._put(forbid, {"x-amz-copy-source": self._copy_source})
        with self._storage.open(self._target) as file:
            return file.read() == _SECRET

    def _copies_part(self, forbid: tuple[str, ...]) -> bool:
        self._put((), part=True)
        self._put(forbid, {"x-amz-copy-source": self._copy_source}, part=True)
        with self._storage.translate_errors(self._target):
            answer = self._storage.client.list_parts(**self._object, UploadId=self._upload_id)
        return any(part["Size"] != len(_SENT) for part in answer.get("Parts", ()))

    def _opens(self, forbid: tuple[str, ...]) -> bool:
        url = self._address.url(self._storage.key(self._target))
        self._put(())
        was_open = send(url).is_good
        self._put(forbid, {"x-amz-acl": "public-read"})
        return not was_open and send(url).is_good

    @property
    def _copy_source(self) -> str:
        return quote(f"/{self._storage.bucket_name}/{self._storage.key(self._source)}")

    def _put(
        self, forbid: tuple[str, ...], unsigned: dict[str, str] | None = None, *, part: bool = False
    ) -> Answer:
        signed = {} if part else self._headers
        url = self._address.presign(
            self._object["Key"],
            self._storage.credentials,
            method="PUT",
            expires=300,
            content_length=len(_SENT),
            headers=signed,
            forbid=forbid,
            query={"partNumber": 1, "uploadId": self._upload_id} if part else None,
        )
        return send(url, "PUT", {**signed, **(unsigned or {})}, _SENT)
