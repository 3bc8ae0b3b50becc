"""What opening an object returns."""

import io

_BUFFER_SIZE = 128 * 1024  # bytes


class S3File(io.BufferedReader):
    """What :meth:`S3Storage.open` returns: one version of an object, as a file.

    A store that does not say the etag in its answer gets the object read into a temporary file
    instead, which has none.

    :param etag: of the version that is read, without quotes: :meth:`S3Storage.copy` with
        ``extra_args={'CopySourceIfMatch': f'"{file.etag}"'}`` copies that and no other.
    """

    def __init__(self, raw: io.RawIOBase, etag: str) -> None:
        super().__init__(raw, _BUFFER_SIZE)
        self.etag = etag
