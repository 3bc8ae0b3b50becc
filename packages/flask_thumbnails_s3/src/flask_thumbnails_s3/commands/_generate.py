"""The command ``flask thumbnails generate``: thumbnails of all images."""

from typing import Any, NamedTuple

import click

from .._thumbnails import Thumbnails
from ..naming._names import is_svg
from ..naming._options import FORMATS
from ..naming._source import Source
from ._common import commands, count_of, list_names, read_location, with_location


@commands.command()
@click.argument("sizes", nargs=-1, required=True, metavar="SIZE...")
@click.option("--prefix", default="", help="Only images whose names begin with this.")
@click.option("--crop", help="As of the filter: fit, top, '30%,40%', ...")
@click.option("--bg", metavar="COLOR", help="As of the filter.")
@click.option("--quality", type=int, help="As of the filter.")
@click.option("--upscale", is_flag=True, default=None, help="As of the filter.")
@click.option("--format", type=click.Choice(FORMATS), help="As of the filter.")
@click.option("--dry-run", is_flag=True, help="Only print what would be made.")
@with_location
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
    thumbnails, bucket_name = read_location(disk, bucket_name, store)
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
        list_names(originals.images, "make thumbnails of")
    click.echo(count_of(originals.images, "image"))
    _list_skipped(originals.svg, "SVG needs no thumbnails")
    _list_skipped(originals.others, "no images by their names")
    if failures:
        raise click.ClickException("\n".join([f"{len(failures)} failed", *failures]))


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
        if not thumbnails.files.is_original(bucket_name, info.name):
            continue
        if is_svg(info.name):
            found.svg.append(info.name)
        elif info.content_type.startswith("image/") or thumbnails.hooks.source_of(
            info.content_type
        ):
            found.images.append(info.name)
        else:
            found.others.append(info.name)
    return found


def _list_skipped(names: list[str], why: str) -> None:
    if names:
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        click.echo(f"skipped {len(names)} ({why}): {', '.join(names[:5])}{more}")
