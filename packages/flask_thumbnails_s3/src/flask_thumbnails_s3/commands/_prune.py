"""The command ``flask thumbnails prune``: all thumbnails whose image is gone."""

import click

from .._deletes import find_orphans
from ._common import commands, delete_found, read_location, with_location


@commands.command()
@click.option("--force", is_flag=True, help="Even if it looks like a mistake.")
@click.option("--dry-run", is_flag=True, help="Only print what would be deleted.")
@click.option("--yes", is_flag=True, help="Don't ask first.")
@with_location
def prune(
    disk: bool, bucket_name: str, store: str | None, dry_run: bool, yes: bool, force: bool
) -> None:
    """Delete all thumbnails whose image is gone.

    Refuses if there is no image left at all: look with --force --dry-run first.
    """
    thumbnails, bucket_name = read_location(disk, bucket_name, store)
    names = find_orphans(thumbnails, bucket_name, force=force)
    delete_found(thumbnails, names, bucket_name, dry_run=dry_run, yes=yes)
