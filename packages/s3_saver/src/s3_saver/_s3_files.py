"""The objects of a bucket as files."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ._answers import describe, describe_entry
from ._listed import listed
from ._listing import list_objects
from ._names import RESERVED_PREFIX
from ._storage import FileInfo
from ._types import guess_content_type

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


def from_head(client: "S3Client", bucket_name: str, key: str, name: str, head: Any) -> FileInfo:
    """Return what HeadObject's answer says of a file."""
    size, modified, etag = describe(client, bucket_name, key, head)
    return FileInfo(name, size, modified, etag, head.get("ContentType") or guess_content_type(name))


def list_all(client: "S3Client", bucket_name: str, folder: str, prefix: str) -> Iterator[FileInfo]:
    """Yield all objects whose keys begin with *prefix*, with those that are no files.

    :param folder: what names are relative to.
    """
    for entry in list_objects(client, bucket_name, prefix):
        name = listed(entry["Key"].removeprefix(folder))
        described = describe_entry(client, bucket_name, entry)
        yield FileInfo(name, *described, guess_content_type(name))


def is_file(info: FileInfo) -> bool:
    return not is_hidden(info) and not is_marker(info)


def is_hidden(info: FileInfo) -> bool:
    """Report whether it is the storage's own: left by a process that was killed."""
    return RESERVED_PREFIX in info.name and any(
        segment.startswith(RESERVED_PREFIX) for segment in info.name.split("/")
    )


def is_marker(info: FileInfo) -> bool:
    """Report whether it is an empty object that S3's console made for a folder."""
    return not info.size and (info.name.endswith("/") or not info.name)
