"""The bytes that go to S3: read, edited and compressed, in bounded memory."""

import gzip
import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader, BytesIO
from typing import IO

from s3_saver import content_etag

from ._files import File, changed
from ._plan import Item

#: What is read at once, in bytes. It is also the size of the parts in which bigger files go up,
#: which shows in their ETags.
PART_SIZE = 8 * 1024 * 1024

_WORTHWHILE = 0.95  # of the size: unpacking costs the browser something, too


@dataclass(frozen=True, slots=True)
class Body:
    """What to store.

    :param data: all bytes, or ``None`` if they are too many to hold.
    :param stream: the same bytes.
    :param encoding: the Content-Encoding that they have now; may be empty.
    """

    data: bytes | None
    stream: IO[bytes]
    encoding: str

    def etag(self) -> str:
        """Return the ETag that S3 gives these bytes, unless it encrypts them by a key of KMS."""
        self.stream.seek(0)
        return content_etag(self.stream, in_parts=self.data is None)


@contextmanager
def open_body(item: Item) -> Iterator[Body]:
    """Open what is to be stored for an item.

    :raises CollectError: the file is not what it was when the plan was made.
    """
    file, encoding = item.file, item.request.encoding
    if file.size <= PART_SIZE:
        data = file.read()
        _check(file, hashlib.sha256(data).hexdigest())
        packed = _compress(data, encoding)
        if packed is not None:
            yield Body(packed, BytesIO(packed), encoding)
        else:
            yield Body(data, BytesIO(data), "")
        return
    with _open_big(file) as source:
        _check(file, hashlib.file_digest(source, "sha256").hexdigest())
        with tempfile.TemporaryFile() as target:
            stream: IO[bytes] = source
            size, used = file.size, ""
            if encoding:
                packed_size = _compress_big(source, target, encoding)
                if packed_size <= _WORTHWHILE * file.size:
                    stream, size, used = target, packed_size, encoding
            stream.seek(0)
            yield Body(stream.read() if size <= PART_SIZE else None, stream, used)


def _open_big(file: File) -> BytesIO | BufferedReader:
    return BytesIO(file.read()) if file.edits else open(file.source, "rb")


def _check(file: File, digest: str) -> None:
    if digest != file.digest:
        raise changed(file.source)


def _compress(data: bytes, encoding: str) -> bytes | None:
    if encoding == "gzip":
        packed = gzip.compress(data, 9, mtime=0)
    elif encoding == "br":
        import brotli  # type: ignore[import-untyped]

        packed = brotli.compress(data, quality=11)
    else:
        return None
    return packed if len(packed) <= _WORTHWHILE * len(data) else None


def _compress_big(source: IO[bytes], target: IO[bytes], encoding: str) -> int:
    source.seek(0)
    if encoding == "gzip":
        with gzip.GzipFile("", "wb", 9, target, mtime=0) as packer:
            shutil.copyfileobj(source, packer)
    else:
        import brotli

        compressor = brotli.Compressor(quality=9)  # 11 takes minutes for what is that big
        for chunk in iter(lambda: source.read(1024 * 1024), b""):
            target.write(compressor.process(chunk))
        target.write(compressor.finish())
    return target.tell()
