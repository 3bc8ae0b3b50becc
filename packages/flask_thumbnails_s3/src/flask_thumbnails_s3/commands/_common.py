"""What the commands ``flask thumbnails`` share: where images are, and asking before a deletion."""

from typing import Any

import click
from flask.cli import with_appcontext

from s3_saver import S3SaverError
from s3_saver.settings import S3Settings

from .._deletes import delete_thumbnails
from .._state import current_state
from .._thumbnails import Thumbnails
from ..exceptions import ThumbnailError
from ..naming._source import Source


class _Commands(click.Group):
    """Reports what is wrong in one line, as Click reports a wrong command line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (ThumbnailError, S3SaverError) as error:
            raise click.ClickException(str(error)) from error


@click.group("thumbnails", cls=_Commands)
def commands() -> None:
    """Make and delete thumbnails, and set up and check where they are kept."""


def with_location(command: Any) -> Any:
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


def read_location(disk: bool, bucket_name: str | None, store: str | None) -> tuple[Thumbnails, str]:
    """Return the thumbnails of a store, and the bucket of the images, ``''`` for the disk."""
    if disk and bucket_name:
        raise click.UsageError("--disk and --bucket exclude each other")
    storage_type = "" if disk else "s3" if bucket_name else None
    thumbnails = current_state().require(Source("", storage_type, bucket_name, store))
    return thumbnails, thumbnails.files.bucket_of(storage_type, bucket_name)


def is_opened_by_policy(s3: S3Settings) -> bool:
    """Report whether a bucket's policy is to let everybody read thumbnails: where they are public,
    and neither a CDN nor their ACL opens them.
    """
    return not (s3.private or s3.cdn_domain or s3.acl.startswith("public-"))


def delete_found(
    thumbnails: Thumbnails, names: list[str], bucket_name: str, *, dry_run: bool, yes: bool
) -> None:
    """Ask, and delete thumbnails; or list those that would be deleted."""
    if dry_run:
        list_names(names, "delete")
    elif names and not yes:
        click.confirm(f"Delete {count_of(names, 'thumbnail')}?", abort=True)
    if not dry_run:
        with click.progressbar(length=len(names), label="Deleting thumbnails") as progress:
            delete_thumbnails(thumbnails, names, bucket_name, progress.update)
    click.echo(f"{count_of(names, 'thumbnail')} {'to delete' if dry_run else 'deleted'}")


def list_names(names: list[str], verb: str) -> None:
    for name in names:
        click.echo(f"would {verb} {name}")


def count_of(names: list[str], what: str) -> str:
    return f"{len(names)} {what}{'' if len(names) == 1 else 's'}"
