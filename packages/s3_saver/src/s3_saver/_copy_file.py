"""Copies one file from one storage to another, and verifies the copy."""

from ._checks import fit_for_header
from ._compare import same_content
from ._names import check_name
from ._storage import FileInfo, Storage, ensure_storage
from .exceptions import AlreadyExistsError, S3SaverError


def copy_file(
    source: Storage,
    target: Storage,
    name: str,
    *,
    target_name: str | None = None,
    overwrite: bool = False,
    content_type: str | None = None,
) -> FileInfo:
    """Copy one file from one storage to another, and compare the copy with the original.

    A file with the same bytes that is under the name already is taken for the copy, so a copy that
    was interrupted can be asked for again.

    :param target_name: the name in *target*; by default, the same.
    :param overwrite: whether to replace a file of *target* that differs.
    :param content_type: by default, what *source* says.
    :return: what *target* says of the copy.
    :raises AlreadyExistsError: *target* has another file of that name, and *overwrite* is false.
    :raises NotFoundError: there is no such file in *source*.
    :raises S3SaverError: the copy differs from the original, which was changed meanwhile.
    """
    ensure_storage(source, "source")
    ensure_storage(target, "target")
    copy_name = check_name(name if target_name is None else target_name)
    info = source.stat(name)
    with source.open(name) as file:
        try:
            target.save(
                copy_name,
                file,
                overwrite=overwrite,
                content_type=content_type or fit_for_header(info.content_type),
            )
        except AlreadyExistsError:
            if not target.exists(copy_name) or not same_content(
                source, target, source.stat(name), target.stat(copy_name)
            ):
                raise
    return verify(source, target, name, copy_name)


def verify(source: Storage, target: Storage, name: str, copy_name: str) -> FileInfo:
    """Return what *target* says of a copy.

    :raises S3SaverError: it differs from the original.
    """
    copy = target.stat(copy_name)
    if not same_content(source, target, source.stat(name), copy):
        raise S3SaverError(
            f"the copy of {name!r} in {target!r} differs from the file in {source!r}: it was "
            "changed meanwhile, or damaged on its way; copy it again with overwrite=True",
            name=name,
        )
    return copy
