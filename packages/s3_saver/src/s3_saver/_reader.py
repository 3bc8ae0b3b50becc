"""An object in a bucket as a file: streamed, seekable, and read on when a connection breaks."""

import io
import shutil
from contextlib import closing
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from botocore.exceptions import IncompleteReadError

from ._answers import etag_of
from ._listing import find_entry
from ._s3_file import S3File
from ._sdk_errors import INTERRUPTIONS, translated
from .exceptions import ReplacedError, S3SaverError, StorageUnavailableError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MOST_IN_MEMORY = 8 * 1024 * 1024  # bytes, of a file that must be read at once
_ATTEMPTS = 4  # in a row that fail before the first byte


def open_object(
    client: "S3Client", bucket_name: str, key: str, name: str, *, etag: str | None = None
) -> BinaryIO:
    """Open an object for reading; a missing one raises now, not at the first read.

    :param etag: of the version that is wanted, with its quotes; any by default.
    """
    condition: Any = {"IfMatch": etag} if etag else {}
    answer: Any = client.get_object(Bucket=bucket_name, Key=key, **condition)
    if etag and answer.get("ETag") not in (etag, etag.strip('"')):
        answer["Body"].close()
        raise replaced(name)
    if answer.get("ETag") and answer.get("ContentLength") is not None:
        reader = _ObjectReader(client, bucket_name, key, name, answer)
        return S3File(reader, etag_of(answer))
    return _read_whole(client, bucket_name, key, answer)


def replaced(name: str) -> ReplacedError:
    return ReplacedError(f"{name!r} was replaced while it was being read: open it again", name=name)


def _read_whole(client: "S3Client", bucket_name: str, key: str, answer: Any) -> BinaryIO:
    """Read an object whose version or size the store does not report, into a temporary file.

    Asking for the rest later could return bytes of another version.
    """
    with closing(answer["Body"]) as body:
        size = answer.get("ContentLength")
        if size is None:
            size = find_entry(client, bucket_name, key).get("Size")
        file = cast("BinaryIO", SpooledTemporaryFile(max_size=_MOST_IN_MEMORY))  # noqa: SIM115
        try:
            shutil.copyfileobj(body, file)
        except BaseException:
            file.close()
            raise
    came = file.tell()
    if size not in (None, came):
        file.close()
        raise StorageUnavailableError(
            f"s3://{bucket_name}/{key} has {size} bytes, but {came} came: try again"
        )
    file.seek(0)
    return file


class _ObjectReader(io.RawIOBase):
    """Reads one version of an object, and continues where a connection broke.

    Every request after the first asks for a range of the same ETag, and the answer's is compared,
    so what is read is never put together from two versions. Seeking costs nothing until the next
    read.
    """

    def __init__(
        self, client: "S3Client", bucket_name: str, key: str, name: str, answer: Any
    ) -> None:
        self._client = client
        self._name = name
        self._address: dict[str, Any] = {"Bucket": bucket_name, "Key": key}
        self._position = 0
        self._body: Any = answer["Body"]
        self._size = answer["ContentLength"]
        self._etag = answer["ETag"]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError(f"cannot seek to {start + offset}, before the start")
        if start + offset != self._position:
            self._drop_body()
            self._position = start + offset
        return self._position

    def readinto(self, buffer: Any) -> int:
        if self.closed:
            raise ValueError("read of a closed file")
        if self._position >= self._size:
            return 0
        view = memoryview(buffer).cast("B")
        with translated(self._address["Bucket"], self._address["Key"], self._name):
            for attempt in range(1, _ATTEMPTS + 1):
                if self._body is None:
                    self._open_rest()  # if that fails, the SDK has tried often enough
                try:
                    data = self._body.read(len(view))
                    if not data and view:  # an answer without a length, cut on its way
                        raise IncompleteReadError(
                            actual_bytes=self._position, expected_bytes=self._size
                        )
                except INTERRUPTIONS:
                    self._drop_body()
                    if attempt == _ATTEMPTS:
                        raise
                else:
                    view[: len(data)] = data
                    self._position += len(data)
                    return len(data)
        raise AssertionError("unreachable")

    def close(self) -> None:
        self._drop_body()
        super().close()

    def _open_rest(self) -> None:
        answer = self._client.get_object(
            **self._address, Range=f"bytes={self._position}-", IfMatch=self._etag
        )
        self._body = answer["Body"]
        if answer.get("ETag") != self._etag:  # some stores do not know If-Match here
            self._drop_body()
            raise replaced(self._name)
        if not answer.get("ContentRange", "").startswith(f"bytes {self._position}-"):
            self._drop_body()
            raise S3SaverError(
                f"the store returned another part of {self._name!r} than was requested: it does "
                "not know the header Range, so read files from their start to their end there",
                name=self._name,
            )

    def _drop_body(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None
