"""The complete listing of a bucket, or an error."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from .exceptions import S3SaverError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_Entry = Any
_Page = Any


def list_objects(client: "S3Client", bucket_name: str, prefix: str) -> Iterator[_Entry]:
    """Yield the entries of all keys that begin with *prefix*, a page at a time.

    The SDK's own paginator takes a page without a token for the last one, even if the page is
    marked as truncated. Stores that only support version 1 of the call answer like that.

    :raises S3SaverError: the store truncates its listing and cannot continue it.
    """
    pages = _Pages(client, bucket_name, prefix)
    while page := pages.next():
        for entry in page.get("Contents", ()):
            if entry["Key"].startswith(prefix):  # who deletes what was listed must not rely on that
                yield entry


def find_entry(client: "S3Client", bucket_name: str, key: str) -> _Entry:
    """Return a listing's entry of one key; an empty one if it is not listed."""
    page = client.list_objects_v2(Bucket=bucket_name, Prefix=key, MaxKeys=10)
    return next((entry for entry in page.get("Contents", ()) if entry["Key"] == key), {})


class _Pages:
    """The pages of one listing, continued in the way that the store supports."""

    def __init__(self, client: "S3Client", bucket_name: str, prefix: str) -> None:
        self._query: dict[str, Any] = {"Bucket": bucket_name, "Prefix": prefix}
        self._client = client
        self._page: _Page = None
        self._token: str | None = None
        self._ways: tuple[Callable[[Any], _Page], ...] = (self._by_marker, self._by_start)

    def next(self) -> _Page:
        """Return the next page, or None behind the last one."""
        if self._page is None:
            self._page = self._client.list_objects_v2(**self._query)
        elif self._page.get("IsTruncated"):
            self._page = self._continue()
        else:
            return None
        return self._page

    def _continue(self) -> _Page:
        keys = _keys(self._page)
        token = self._page.get("NextContinuationToken")
        if token and token != self._token:
            self._token = token
            page = self._client.list_objects_v2(**self._query, ContinuationToken=token)
            if not (keys and keys == _keys(page)):  # it knows its own tokens
                return page
        last = self._page.get("NextMarker") or (keys[-1] if keys else None)
        for way in self._ways if last and not token else ():
            page = way(last)
            # A store that does not support the parameter returns the same page again.
            if set(keys).isdisjoint(_keys(page)):
                self._ways = (way,)
                return page
        raise S3SaverError(
            f"the store truncated its listing of s3://{self._query['Bucket']}/"
            f"{self._query['Prefix']} after {last!r} and does not say how to continue: it must "
            "support continuation tokens, StartAfter or Marker"
        )

    def _by_marker(self, last: str) -> _Page:
        return self._client.list_objects(**self._query, Marker=last)

    def _by_start(self, last: str) -> _Page:
        return self._client.list_objects_v2(**self._query, StartAfter=last)


def _keys(page: _Page) -> list[str]:
    return [entry["Key"] for entry in page.get("Contents", ())]
