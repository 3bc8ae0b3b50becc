"""Objects that need not be sent although the index lacks them, by a listing.

That is so after a push that was killed, whose index was never written, and where the index was lost
or never was, as after years with another tool.
"""

from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from s3_saver import FileInfo, S3SaverError, S3Storage

from ..bucket._index import Index
from ._plan import Item, Plan, Request

_PAGE = 1000  # objects in one answer to a listing

# What HEAD returns of an object, and PutObject may have been passed.
_SHOWN = (
    "CacheControl",
    "ContentDisposition",
    "ContentLanguage",
    "ContentType",
    "Expires",
    "Metadata",
    "ServerSideEncryption",
    "StorageClass",
    "WebsiteRedirectLocation",
)


def find_etags(
    storage: S3Storage, plan: Plan, index: Index, folders: Collection[str]
) -> dict[str, str]:
    """Return the ETags of objects that need not be sent again if their bytes have these.

    The bucket is listed only if that takes fewer requests than what it may save. A listing shows
    no headers, so one object of each kind is asked for its own and stands for all of its kind.

    :param folders: the prefixes of all keys.
    """
    candidates = {
        item.key: item
        for item in (*plan.new, *plan.changed)
        if (entry := index.objects.get(item.key)) is None
        or entry.headers == item.request.fingerprint
    }
    pages = len(folders) + len(index.objects) // _PAGE
    if index.objects and len(candidates) <= pages:
        return {}
    found = {info.name: info.etag for info in _list(storage, folders) if info.name in candidates}
    unknown = [candidates[key] for key in found if key not in index.objects]
    wrong = _kinds_with_other_headers(storage, unknown)
    return {
        key: etag
        for key, etag in found.items()
        if key in index.objects or candidates[key].request not in wrong
    }


def _list(storage: S3Storage, folders: Collection[str]) -> Iterator[FileInfo]:
    for folder in folders:
        yield from storage.find(folder)


def _kinds_with_other_headers(storage: S3Storage, items: Iterable[Item]) -> list[Request]:
    samples = {item.request.fingerprint: item for item in items}
    with ThreadPoolExecutor(8) as pool:
        as_wanted = pool.map(lambda item: _has_headers(storage, item), samples.values())
        return [
            item.request
            for item, is_right in zip(samples.values(), as_wanted, strict=True)
            if not is_right
        ]


def _has_headers(storage: S3Storage, item: Item) -> bool:
    wanted = {"StorageClass": "STANDARD", "Metadata": {}, **item.request.parameters}
    try:
        with storage.translate_errors(item.key):
            head = storage.client.head_object(Bucket=storage.bucket_name, Key=item.key)
    except S3SaverError:
        return False  # sending it is always right
    shown = {"StorageClass": "STANDARD", **head}
    if "ServerSideEncryption" not in wanted:
        shown.pop("ServerSideEncryption", None)  # the bucket's own default
    encodings = [wanted.get("ContentEncoding", item.request.encoding)]
    if "ContentEncoding" not in wanted:
        encodings.append("")  # of what does not get smaller
    return head.get("ContentEncoding", "") in encodings and all(
        shown.get(name) == wanted.get(name) for name in _SHOWN
    )
