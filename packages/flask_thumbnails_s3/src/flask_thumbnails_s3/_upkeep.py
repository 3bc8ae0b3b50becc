"""Finding what is to be generated, deleted or pruned."""

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from s3_saver import BucketNotFoundError, NotConfiguredError, UnsafeNameError

from ._image_files import ImageFiles
from ._memory import log
from ._names import is_svg, stem_of
from ._thumbnails import Thumbnails
from .exceptions import OptionError, PruneRefusedError

_BATCH = 1000  # names in one delete, which is one request on S3


def find_thumbnails(thumbnails: Thumbnails, image: str, bucket_name: str) -> list[str]:
    """Return the names of all thumbnails of one image, and of no other.

    :raises OptionError: no image can have that name.
    :raises NotConfiguredError: the settings do not allow its bucket.
    """
    files = thumbnails.files
    files.require(bucket_name)
    mine = bucket_name, image
    try:
        return [
            name
            for name in files.find_thumbnails(bucket_name, stem_of(image))
            if (original := files.original_of(name, bucket_name)) and original[:2] == mine
        ]
    except UnsafeNameError as error:
        raise OptionError(f"image {image!r}: must be its name below MEDIA_FOLDER") from error


def delete_thumbnails(
    thumbnails: Thumbnails,
    names: list[str],
    bucket_name: str,
    progress: Callable[[int], object] | None = None,
) -> None:
    """Delete thumbnails and forget them.

    :param progress: is called after each batch with how many it had.
    """
    for start in range(0, len(names), _BATCH):
        batch = names[start : start + _BATCH]
        thumbnails.files.thumbnails(bucket_name).delete(*batch)
        thumbnails.memory.revoke(thumbnails.key(bucket_name, name) for name in batch)
        if progress:
            progress(len(batch))


def find_orphans(thumbnails: Thumbnails, bucket_name: str, *, force: bool = False) -> list[str]:
    """Return the names of the thumbnails whose original is gone.

    Both sides are listed, which costs a request for each thousand of files on S3. Thumbnails of
    originals in a bucket that the settings do not allow (any more) are left alone.

    :param bucket_name: the originals'; ``S3_BUCKET_NAME`` stands for all buckets.
    :param force: whether to believe what looks like a mistake.
    :raises PruneRefusedError: it looks as if thumbnails were lost by pruning that are no orphans.
    """
    files = thumbnails.files
    children: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name in files.find_thumbnails(bucket_name):
        if original := files.original_of(name, bucket_name):
            children[original[0]][original[1]].append(name)
    orphans = []
    for original_bucket, images in children.items():
        try:
            files.require(original_bucket)
        except (NotConfiguredError, ValueError) as error:  # or no bucket can have that name
            log.warning("thumbnails of images in %r are left alone: %s", original_bucket, error)
            continue
        if _remove_living(files, original_bucket, bucket_name, images) or force:
            orphans += [name for names in images.values() for name in names]
        else:
            raise PruneRefusedError(
                f"no original is left in {files.originals(original_bucket)!r}: if that is right, "
                "and no disk is missing nor a setting wrong, prune with force=True or --force"
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


def find_originals(thumbnails: Thumbnails, prefix: str, bucket_name: str) -> Originals:
    """Return the names of all originals."""
    found = Originals([], [], [])
    for info in thumbnails.files.originals(bucket_name).find(prefix):
        if is_svg(info.name):
            found.svg.append(info.name)
        elif info.content_type.startswith("image/"):
            found.images.append(info.name)
        else:
            found.others.append(info.name)
    return found


def _remove_living(
    files: ImageFiles, original_bucket: str, bucket_name: str, images: dict[str, list[str]]
) -> bool:
    """Remove the images that are there; report whether there is any original at all."""
    found = False
    try:
        for info in files.originals(original_bucket).find():
            found = True
            images.pop(info.name, None)
    except BucketNotFoundError:
        if original_bucket == bucket_name:
            raise
        return True  # the bucket is gone, and so are its images: there is no doubt
    return found


def some_of(names: list[str]) -> str:
    """Return the first few names, and how many there are besides."""
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
