"""The command ``flask thumbnails delete``: all thumbnails of some images."""

import click

from .._deletes import find_thumbnails
from ._common import commands, delete_found, read_location, with_location


@commands.command()
@click.argument("images", nargs=-1, required=True, metavar="IMAGE...")
@click.option("--dry-run", is_flag=True, help="Only print what would be deleted.")
@click.option("--yes", is_flag=True, help="Don't ask first.")
@with_location
def delete(
    images: tuple[str, ...],
    disk: bool,
    bucket_name: str,
    store: str | None,
    dry_run: bool,
    yes: bool,
) -> None:
    """Delete all thumbnails of each IMAGE, a name below MEDIA_FOLDER."""
    thumbnails, bucket_name = read_location(disk, bucket_name, store)
    names = [name for image in images for name in find_thumbnails(thumbnails, image, bucket_name)]
    delete_found(thumbnails, names, bucket_name, dry_run=dry_run, yes=yes)
