"""The commands ``flask thumbnails generate``, ``delete`` and ``prune``."""

from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from s3_saver import S3SaverError

from ._options import FORMATS
from ._queue import EXTENSION
from ._thumbnails import Thumbnails
from ._upkeep import (
    delete_thumbnails,
    find_originals,
    find_orphans,
    find_thumbnails,
    some_of,
)
from .exceptions import ThumbnailError


class _Commands(click.Group):
    """Reports what is wrong in one line, as Click reports a wrong command line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ThumbnailError, S3SaverError) as error:
            raise click.ClickException(str(error)) from error


@click.group("thumbnails", cls=_Commands)
def commands() -> None:
    """Make and delete thumbnails."""


def _place(command: Any) -> Any:
    """Add the options that say where the images are."""
    for option in (
        click.option(
            "--disk", is_flag=True, help="Images on the local disk, whatever the settings."
        ),
        click.option("--bucket", metavar="NAME", help="Images in that bucket on S3."),
        click.option("--dry-run", is_flag=True, help="Only tell what would be done."),
    ):
        command = option(command)
    return with_appcontext(command)


@commands.command()
@click.argument("sizes", nargs=-1, required=True, metavar="SIZE...")
@click.option("--prefix", default="", help="Only images whose names begin with this.")
@click.option("--crop", help="As of the filter: fit, top, '30%,40%', ...")
@click.option("--bg", metavar="COLOR", help="As of the filter.")
@click.option("--quality", type=int, help="As of the filter.")
@click.option("--upscale", is_flag=True, default=None, help="As of the filter.")
@click.option("--format", type=click.Choice(FORMATS), help="As of the filter.")
@_place
def generate(
    sizes: tuple[str, ...], prefix: str, disk: bool, bucket: str, dry_run: bool, **options: Any
) -> None:
    """Make thumbnails of all images, in each SIZE or alias.

    What is there already is left alone. Ends with exit code 1 if any failed, with their names and
    reasons. What is skipped is reported: SVG, and files that are no images by their names.
    """
    thumbnails, place = _read_place(disk, bucket)
    storage_type, bucket_name = ("s3", place) if place else ("", None)
    originals = find_originals(thumbnails, prefix, place)
    failures = []
    with click.progressbar(originals.images, label="Making thumbnails") as progress:
        for image in progress:
            wanted = [
                thumbnails.want(image, size, storage_type, bucket_name, **options) for size in sizes
            ]
            if dry_run:
                continue
            if reasons := [failure.reason for failure in thumbnails.generate(wanted)]:
                failures.append(f"{image}: {'; '.join(reasons)}")
    _tell(dry_run, "make thumbnails of", "image", originals.images)
    _tell_skipped(originals.svg, "SVG needs no thumbnails")
    _tell_skipped(originals.others, "no images by their names")
    if failures:
        raise click.ClickException("\n".join([f"{len(failures)} failed", *failures]))


@commands.command()
@click.argument("images", nargs=-1, required=True, metavar="IMAGE...")
@_place
def delete(images: tuple[str, ...], disk: bool, bucket: str, dry_run: bool) -> None:
    """Delete all thumbnails of each IMAGE, a name below MEDIA_FOLDER."""
    thumbnails, place = _read_place(disk, bucket)
    names = [name for image in images for name in find_thumbnails(thumbnails, image, place)]
    _delete(thumbnails, names, place, dry_run)


@commands.command()
@click.option("--force", is_flag=True, help="Even if it looks like a mistake.")
@_place
def prune(disk: bool, bucket: str, dry_run: bool, force: bool) -> None:
    """Delete all thumbnails whose image is gone.

    Refuses if there is no image left at all, or if images and thumbnails are in the same folder,
    where an upload may be named like a thumbnail: look with --force --dry-run first.
    """
    thumbnails, place = _read_place(disk, bucket)
    _delete(thumbnails, find_orphans(thumbnails, place, force=force), place, dry_run)


def _read_place(disk: bool, bucket: str | None) -> tuple[Thumbnails, str]:
    if disk and bucket:
        raise click.UsageError("--disk and --bucket exclude each other")
    thumbnails: Thumbnails = current_app.extensions[EXTENSION]
    storage_type = "" if disk else "s3" if bucket else None
    return thumbnails, thumbnails.places.bucket_of(storage_type, bucket)


def _delete(thumbnails: Thumbnails, names: list[str], place: str, dry_run: bool) -> None:
    if not dry_run:
        with click.progressbar(length=len(names), label="Deleting thumbnails") as progress:
            delete_thumbnails(thumbnails, names, place, progress.update)
    _tell(dry_run, "delete", "thumbnail", names)


def _tell(dry_run: bool, verb: str, what: str, names: list[str]) -> None:
    if dry_run:
        for name in names:
            click.echo(f"would {verb} {name}")
    click.echo(f"{len(names)} {what}{'' if len(names) == 1 else 's'}")


def _tell_skipped(names: list[str], why: str) -> None:
    if names:
        click.echo(f"skipped {len(names)} ({why}): {some_of(names)}")
