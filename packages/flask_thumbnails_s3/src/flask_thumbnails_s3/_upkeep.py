"""Finding what is to be generated, deleted or pruned."""

from collections import defaultdict
from collections.abc import Iterator

from s3_saver import BucketNotFoundError

from ._names import parse_thumbnail_name, stem_of
from ._thumbnails import Thumbnails

_BATCH = 1000  # names in one delete, which is one request on S3


def find_thumbnails(thumbnails: Thumbnails, image: str, bucket: str) -> list[str]:
    """Give the names of all thumbnails of one image, and of no other."""
    places = thumbnails.places
    prefix = places.folder(bucket) + stem_of(image)
    names = (info.name for info in places.thumbnails(bucket).find(prefix))
    return [
        name
        for name in names
        if (parsed := places.parse_thumbnail_name(name, bucket)) and parsed[0] == image
    ]


def delete_thumbnails(thumbnails: Thumbnails, names: list[str], bucket: str) -> Iterator[int]:
    """Delete thumbnails and forget them; tell after each batch how many it had."""
    for start in range(0, len(names), _BATCH):
        batch = names[start : start + _BATCH]
        thumbnails.places.thumbnails(bucket).delete(*batch)
        thumbnails.memory.forget(thumbnails.key(bucket, name) for name in batch)
        yield len(batch)


def find_orphans(thumbnails: Thumbnails, bucket: str) -> list[str]:
    """Give the names of all thumbnails in a bucket, or on disk, whose original is gone.

    Both sides are listed, which costs a request for each thousand of files on S3.
    """
    places = thumbnails.places
    children: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    orphans = {}  # a dict keeps the order
    for info in places.thumbnails(bucket).find():
        for original_bucket, image in places.possible_originals(info.name, bucket):
            children[original_bucket][image].append(info.name)
            orphans[info.name] = True
    for original_bucket, images in children.items():
        try:
            for info in places.originals(original_bucket).find():
                for name in images.get(info.name, ()):
                    orphans.pop(name, None)
        except BucketNotFoundError:
            if original_bucket == bucket:
                raise
    return list(orphans)


def find_originals(thumbnails: Thumbnails, prefix: str, bucket: str) -> Iterator[str]:
    """Give the names of all images, but for thumbnails among them."""
    settings = thumbnails.settings
    shared = settings.media_thumbnail_folder == settings.media_folder
    below = settings.media_thumbnail_folder.removeprefix(settings.media_folder).lstrip("/\\")
    for info in thumbnails.places.originals(bucket).find(prefix):
        if not info.content_type.startswith("image/") or info.content_type == "image/svg+xml":
            continue
        if parse_thumbnail_name(info.name) if shared else info.name.startswith(f"{below}/"):
            continue
        yield info.name
