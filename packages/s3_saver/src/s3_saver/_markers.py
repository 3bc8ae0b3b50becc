"""What S3's console leaves in a bucket for folders: empty objects whose keys end in a slash."""

from collections.abc import Iterator
from dataclasses import replace

from ._listed import ListedName
from ._names import check_prefix
from ._s3 import S3Storage
from ._s3_files import is_marker, list_all
from ._storage import FileInfo


def find_markers(storage: S3Storage, prefix: str) -> Iterator[FileInfo]:
    """Yield the markers of folders, so that they can be deleted."""
    with storage.translate_errors():
        for info in list_all(
            storage.client,
            storage.bucket_name,
            storage.prefix,
            storage.prefix + check_prefix(prefix),
        ):
            if is_marker(info):
                yield replace(info, name=ListedName(info.name))
