"""The commands ``flask thumbnails generate``, ``delete``, ``prune`` and ``check``."""

from typing import Any

import click
from flask.cli import ScriptInfo, pass_script_info, with_appcontext

from s3_saver import S3SaverError

from ._state import current_state
from ._thumbnails import Thumbnails
from ._upkeep import (
    delete_thumbnails,
    find_originals,
    find_orphans,
    find_thumbnails,
    some_of,
)
from .commands._check import check as look
from .exceptions import ThumbnailError
from .naming._options import FORMATS
from .naming._source import Source


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


def _where(command: Any) -> Any:
    """Add the options that say where the images are."""
    for option in (
        click.option(
            "--disk", is_flag=True, help="Images on the local disk, whatever the settings."
        ),
        click.option(
            "--bucket", "bucket_name", metavar="NAME", help="Images in that bucket on S3."
        ),
        click.option("--store", metavar="NAME", help="Images of that store, where there are more."),
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
@click.option("--dry-run", is_flag=True, help="Only print what would be made.")
@_where
def generate(
    sizes: tuple[str, ...],
    prefix: str,
    disk: bool,
    bucket_name: str,
    store: str | None,
    dry_run: bool,
    **options: Any,
) -> None:
    """Make thumbnails of all images, in each SIZE or alias.

    What is there already is left alone. Ends with exit code 1 if any failed, with their names and
    reasons. What is skipped is reported: SVG, and files that are no images by their names.
    """
    thumbnails, bucket_name = _read_where(disk, bucket_name, store)
    storage_type = "s3" if bucket_name else ""
    originals = find_originals(thumbnails, prefix, bucket_name)
    failures = []
    with click.progressbar(originals.images, label="Making thumbnails") as progress:
        for image in progress:
            wanted = [
                thumbnails.wants.want(Source(image, storage_type, bucket_name), size, **options)
                for size in sizes
            ]
            if dry_run:
                continue
            if reasons := [failure.reason for failure in thumbnails.generate(wanted)]:
                failures.append(f"{image}: {'; '.join(reasons)}")
    if dry_run:
        _list(originals.images, "make thumbnails of")
    click.echo(_count(originals.images, "image"))
    _list_skipped(originals.svg, "SVG needs no thumbnails")
    _list_skipped(originals.others, "no images by their names")
    if failures:
        raise click.ClickException("\n".join([f"{len(failures)} failed", *failures]))


@commands.command()
@click.argument("images", nargs=-1, required=True, metavar="IMAGE...")
@click.option("--dry-run", is_flag=True, help="Only print what would be deleted.")
@click.option("--yes", is_flag=True, help="Don't ask first.")
@_where
def delete(
    images: tuple[str, ...],
    disk: bool,
    bucket_name: str,
    store: str | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Delete all thumbnails of each IMAGE, a name below MEDIA_FOLDER."""
    thumbnails, bucket_name = _read_where(disk, bucket_name, store)
    names = [name for image in images for name in find_thumbnails(thumbnails, image, bucket_name)]
    _delete(thumbnails, names, bucket_name, dry_run=dry_run, yes=yes)


@commands.command()
@click.option("--force", is_flag=True, help="Even if it looks like a mistake.")
@click.option("--dry-run", is_flag=True, help="Only print what would be deleted.")
@click.option("--yes", is_flag=True, help="Don't ask first.")
@_where
def prune(
    disk: bool, bucket_name: str, store: str | None, dry_run: bool, yes: bool, force: bool
) -> None:
    """Delete all thumbnails whose image is gone.

    Refuses if there is no image left at all: look with --force --dry-run first.
    """
    thumbnails, bucket_name = _read_where(disk, bucket_name, store)
    names = find_orphans(thumbnails, bucket_name, force=force)
    _delete(thumbnails, names, bucket_name, dry_run=dry_run, yes=yes)


@commands.command()
@pass_script_info
@with_appcontext
def check(script: ScriptInfo) -> None:
    """Try what thumbnails need: the cache, the folders or the bucket, and what strangers may see.

    A small thumbnail is stored, its URL is fetched as a stranger would, and it is deleted. The exit
    code is 1 if something is wrong.
    """
    problems = 0
    for finding in look(script.load_app()):
        problems += not finding.is_good
        click.echo(f"{'✓' if finding.is_good else '✗'} {finding.what}")
        if not finding.is_good:
            click.echo(f"    {finding.fix}")
    if problems:
        raise SystemExit(1)


def _read_where(disk: bool, bucket_name: str | None, store: str | None) -> tuple[Thumbnails, str]:
    if disk and bucket_name:
        raise click.UsageError("--disk and --bucket exclude each other")
    storage_type = "" if disk else "s3" if bucket_name else None
    thumbnails = current_state().require(Source("", storage_type, bucket_name, store))
    return thumbnails, thumbnails.files.bucket_of(storage_type, bucket_name)


def _delete(
    thumbnails: Thumbnails, names: list[str], bucket_name: str, *, dry_run: bool, yes: bool
) -> None:
    if dry_run:
        _list(names, "delete")
    elif names and not yes:
        click.confirm(f"Delete {_count(names, 'thumbnail')}?", abort=True)
    if not dry_run:
        with click.progressbar(length=len(names), label="Deleting thumbnails") as progress:
            delete_thumbnails(thumbnails, names, bucket_name, progress.update)
    click.echo(f"{_count(names, 'thumbnail')} {'to delete' if dry_run else 'deleted'}")


def _list(names: list[str], verb: str) -> None:
    for name in names:
        click.echo(f"would {verb} {name}")


def _count(names: list[str], what: str) -> str:
    return f"{len(names)} {what}{'' if len(names) == 1 else 's'}"


def _list_skipped(names: list[str], why: str) -> None:
    if names:
        click.echo(f"skipped {len(names)} ({why}): {some_of(names)}")
