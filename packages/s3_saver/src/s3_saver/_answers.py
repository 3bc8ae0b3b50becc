"""What answers say of an object; what a store leaves out is asked for in another way."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from ._listing import find_entry
from .exceptions import S3SaverError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class Described(NamedTuple):
    """Size in bytes, time in UTC, and etag without quotes."""

    size: int
    modified: datetime
    etag: str


def etag_of(answer: Any) -> str:
    """Return the etag of an answer without quotes, or ``''``."""
    return (answer.get("ETag") or "").removeprefix("W/").strip('"')


def describe(client: "S3Client", bucket_name: str, key: str, answer: Any) -> Described:
    """Return what an answer to HeadObject or GetObject says.

    Proxies and some stores leave out Content-Length, ETag or Last-Modified. A listing has these,
    too, at the price of one more request.

    :raises S3SaverError: the listing lacks them as well.
    """
    size, modified, etag = answer.get("ContentLength"), answer.get("LastModified"), etag_of(answer)
    if size is None or modified is None or not etag:
        entry = find_entry(client, bucket_name, key)
        size = entry.get("Size") if size is None else size
        modified = modified or entry.get("LastModified")
        etag = etag or etag_of(entry)
    if size is None or modified is None or not etag:
        found = {"Content-Length": size, "Last-Modified": modified, "ETag": etag}
        missing = [header for header, value in found.items() if value in (None, "")]
        raise S3SaverError(
            f"the store does not say {' and '.join(missing)} of s3://{bucket_name}/{key}, which "
            "files cannot do without: let proxies pass these headers"
        )
    return Described(size, modified.astimezone(UTC), etag)


def describe_entry(client: "S3Client", bucket_name: str, entry: Any) -> Described:
    """Return what an entry of a listing says; what it leaves out is asked for by a HEAD."""
    size, modified, etag = entry.get("Size"), entry.get("LastModified"), etag_of(entry)
    if size is None or modified is None or not etag:
        head = client.head_object(Bucket=bucket_name, Key=entry["Key"])
        size = head.get("ContentLength") if size is None else size
        modified = modified or head.get("LastModified")
        etag = etag or etag_of(head)
    return describe(
        client,
        bucket_name,
        entry["Key"],
        {"ContentLength": size, "LastModified": modified, "ETag": etag},
    )
