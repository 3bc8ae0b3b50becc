"""Deleting thumbnails: those of an image, and those whose image is gone."""

from collections import defaultdict
from collections.abc import Callable
from itertools import islice
from os.path import commonprefix

from s3_saver import BucketNotFoundError, NotConfiguredError, UnsafeNameError

from ._log import log
from ._thumbnails import Thumbnails
from .exceptions import OptionError, PruneRefusedError
from .naming._names import is_svg, stem_of
from .storing._image_files import ImageFiles

_BATCH = 1000  # names in one delete, which is one request on S3; or that one list returns
_MANY = 10


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
        thumbnails.memory.revoke(thumbnails.wants.key(bucket_name, name) for name in batch)
        originals = {
            original[:2]
            for name in batch
            if (original := thumbnails.files.original_of(name, bucket_name))
        }
        thumbnails.memory.forget(thumbnails.wants.preview_key(*one) for one in originals)
        if progress:
            progress(len(batch))


def delete_all_thumbnails(thumbnails: Thumbnails, images: list[str], bucket_name: str) -> None:
    """Delete the thumbnails of images that are gone or replaced, which may be many.

    Of a few, each image's thumbnails are listed. Of many it may take fewer requests to list all
    that is next to them, so that is tried first, and given up where it would take more.
    """
    files = thumbnails.files
    gone = {
        image: stem_of(image)
        for image in images
        if not is_svg(image) and files.is_original(bucket_name, image)
    }
    found: list[str] | None = None
    if len(gone) >= _MANY:
        most = _BATCH * len(gone) // 2
        prefix = commonprefix(list(gone.values()))  # noqa: RUF071 - as a prefix of keys is
        found = list(islice(files.find_thumbnails(bucket_name, prefix), most + 1))
        found = found if len(found) <= most else None
    if found is None:
        found = [
            name for stem in gone.values() for name in files.find_thumbnails(bucket_name, stem)
        ]
    names = [
        name
        for name in found
        if (original := files.original_of(name, bucket_name))
        and original[0] == bucket_name
        and original[1] in gone
    ]
    delete_thumbnails(thumbnails, list(dict.fromkeys(names)), bucket_name)


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
