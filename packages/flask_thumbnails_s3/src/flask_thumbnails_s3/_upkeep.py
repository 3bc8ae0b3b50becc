"""Finding what is to be generated, deleted or pruned."""

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from s3_saver import BucketNotFoundError, UnsafeNameError

from ._names import is_svg, parse_thumbnail_name, stem_of
from ._places import Places
from ._thumbnails import Thumbnails
from .exceptions import OptionError, PruneRefusedError

_BATCH = 1000  # names in one delete, which is one request on S3


def find_thumbnails(thumbnails: Thumbnails, image: str, bucket: str) -> list[str]:
    """Return the names of all thumbnails of one image, and of no other.

    :raises OptionError: no image can have that name.
    """
    places = thumbnails.places
    try:
        return [
            name
            for name in places.find_thumbnails(bucket, stem_of(image))
            if (original := places.original_of(name, bucket)) and original[:2] == (bucket, image)
        ]
    except UnsafeNameError as error:
        raise OptionError(f"image {image!r}: must be its name below MEDIA_FOLDER") from error


def delete_thumbnails(
    thumbnails: Thumbnails,
    names: list[str],
    bucket: str,
    progress: Callable[[int], object] | None = None,
) -> None:
    """Delete thumbnails and forget them.

    :param progress: is told after each batch how many it had.
    """
    for start in range(0, len(names), _BATCH):
        batch = names[start : start + _BATCH]
        thumbnails.places.thumbnails(bucket).delete(*batch)
        thumbnails.memory.revoke(thumbnails.key(bucket, name) for name in batch)
        if progress:
            progress(len(batch))


def find_orphans(thumbnails: Thumbnails, bucket: str, *, force: bool = False) -> list[str]:
    """Return the names of the thumbnails whose original is gone.

    Both sides are listed, which costs a request for each thousand of files on S3.

    :param bucket: the originals'; ``THUMBNAIL_S3_BUCKET_NAME`` stands for all buckets.
    :param force: whether to believe what looks like a mistake.
    :raises PruneRefusedError: it looks as if files were lost by pruning that are not thumbnails, or
        not orphans.
    """
    places = thumbnails.places
    children: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name in places.find_thumbnails(bucket):
        if original := places.original_of(name, bucket):
            children[original[0]][original[1]].append(name)
    orphans = []
    for original_bucket, images in children.items():
        if _remove_living(places, original_bucket, bucket, images) or force:
            orphans += [name for names in images.values() for name in names]
        else:
            raise PruneRefusedError(
                f"no original is left in {places.originals(original_bucket)!r}: if that is right, "
                "and no disk is missing nor a setting wrong, prune with force=True or --force"
            )
    if orphans and places.is_shared and not force:
        raise PruneRefusedError(
            "originals and thumbnails are in the same folder, where an upload that is named like a "
            f"thumbnail is taken for one: if all of these are thumbnails ({some_of(orphans)}), "
            "prune with force=True or --force; or set MEDIA_THUMBNAIL_FOLDER to a folder of "
            "their own"
        )
    return sorted(orphans)


class Originals(NamedTuple):
    """The files that there are.

    :param images: those that thumbnails are made of.
    :param svg: those that are SVG, and shown as they are.
    :param others: those that are no images, by their names.
    """

    images: list[str]
    svg: list[str]
    others: list[str]


def find_originals(thumbnails: Thumbnails, prefix: str, bucket: str) -> Originals:
    """Return the names of all originals, but not of thumbnails among them."""
    places = thumbnails.places
    below = places.thumbnails_folder
    found = Originals([], [], [])
    for info in places.originals(bucket).find(prefix):
        if places.is_shared and parse_thumbnail_name(info.name):
            continue
        if below and info.name.startswith(below):
            continue
        if is_svg(info.name):
            found.svg.append(info.name)
        elif info.content_type.startswith("image/"):
            found.images.append(info.name)
        else:
            found.others.append(info.name)
    return found


def _remove_living(
    places: Places, original_bucket: str, bucket: str, images: dict[str, list[str]]
) -> bool:
    """Remove the images that are there; tell whether there is any original at all."""
    found = False
    try:
        for info in places.originals(original_bucket).find():
            found = found or not (places.is_shared and parse_thumbnail_name(info.name))
            images.pop(info.name, None)
    except BucketNotFoundError:
        if original_bucket == bucket:
            raise
        return True  # the bucket is gone, and so are its images: there is no doubt
    return found


def some_of(names: list[str]) -> str:
    """Return the first few names, and how many there are besides."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
