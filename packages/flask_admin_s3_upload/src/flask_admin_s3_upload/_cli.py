"""The command ``flask admin-uploads``."""

import sys
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import click
from flask.cli import AppGroup

from s3_saver import (
    PENDING_FOLDER,
    ArgumentError,
    FileInfo,
    NotConfiguredError,
    S3SaverError,
    Storages,
    StoredFile,
    location_of,
    parse_age,
)

from ._kept import LIFETIME
from ._locations import location
from ._views import file_columns, find_fields, views

_SAFE_AGE = timedelta(seconds=LIFETIME)

admin_uploads = AppGroup("admin-uploads", help="Look after the files of the admin's upload fields.")


def _age(_ctx: click.Context, _option: click.Parameter, value: str) -> timedelta:
    try:
        return parse_age(value)
    except ArgumentError as error:
        raise click.BadParameter(f"must be {error.rule}, got {value!r}") from error


@admin_uploads.command()
@click.option("--dry-run", is_flag=True, help="List the files, delete none.")
@click.option("--yes", is_flag=True, help="Delete without asking.")
@click.option(
    "--older-than",
    callback=_age,
    default=f"{LIFETIME // 3600}h",
    show_default=True,
    metavar="AGE",
    help="Spare files that are younger: their form or their commit may be under way. Less is only "
    "for --dry-run.",
)
def prune(dry_run: bool, yes: bool, older_than: timedelta) -> None:
    """List files that no row names, and delete them.

    Looks in every folder and bucket that an upload field of the admin saves to now. Files of
    others in there are listed too, so look before you say yes. An AGE is 0, or a number and one of
    s, m, h, d and w.
    """
    if older_than < _SAFE_AGE and not dry_run:
        raise click.UsageError(
            f"--older-than must be {LIFETIME // 3600}h or more without --dry-run: "
            "the form or the commit of a younger file may be under way"
        )
    try:
        _prune(older_than, dry_run=dry_run, is_agreed=yes)
    except (S3SaverError, ValueError) as error:
        raise click.ClickException(str(error)) from error


def _prune(older_than: timedelta, *, dry_run: bool, is_agreed: bool) -> None:
    now = datetime.now(UTC)
    orphans = [(file, info) for file, info in find_orphans() if now - info.modified > older_than]
    for file, info in orphans:
        click.echo(f"{info.size:>12} {info.modified:%Y-%m-%d %H:%M:%S} {location(file)}")
    click.echo(f"{len(orphans)} files that no row names")
    if orphans and not dry_run and (is_agreed or click.confirm("Delete them?")):
        # Rows may have come to name some while somebody read the list.
        still = {(location(file), info.etag) for file, info in find_orphans()}
        doomed = [one for one in orphans if (location(one[0]), one[1].etag) in still]
        for file, info in doomed:
            # By what was found: an object may have a key that we would never make.
            storages = cast("Storages", file.storages)
            storages.delete_names([info], file.storage_type, file.bucket_name)
        click.echo(f"{len(doomed)} deleted")


def find_orphans() -> Iterator[tuple[StoredFile, FileInfo]]:
    """Yield the files that no row of any model in the admin names.

    Of places that a model which SQLAlchemy does not know saves to, only the pending folder is
    searched: nobody knows what its rows name. Those of columns of stored files are found by
    sqlalchemy_s3_files.
    """
    named: set[str] = set()
    searched: dict[str, Storages] = {}
    unknown: set[str] = set()
    for found in find_fields():
        field = found.make()
        place = _folder_of(field.storages)
        searched[place] = field.storages
        rows = _rows(found.view, found.model, field.attributes(found.name))
        if rows is None:
            unknown.add(place)
        else:
            named.update(location(file) for row in rows for file in field.files_of(row))
    for view in views():
        # Fields over strings may keep their files in the same folder.
        named.update(_locations(_files_in_columns(view)))
        for column in file_columns(view).values():
            if column.direct is None:  # which keeps uploads in its own way
                storages = column.kind.find_storages()
                place = _folder_of(storages)
                if place not in searched:
                    searched[place] = storages
                    unknown.add(place)
    seen = set()
    for place, storages in searched.items():
        for info in storages.current.find(PENDING_FOLDER if place in unknown else ""):
            file = storages.stored(info)
            where = location(file)
            if where not in named and where not in seen:
                seen.add(where)
                yield file, info


def _locations(files: Iterable[StoredFile]) -> Iterator[str]:
    for file in files:
        try:
            yield location(file)
        except (NotConfiguredError, ArgumentError):
            continue  # it is in none of the places that are searched


def _folder_of(storages: Storages) -> str:
    """Return what distinguishes the pending folder of some storages from all others."""
    storage_type, bucket_name = location_of(storages.current)
    file = StoredFile(
        PENDING_FOLDER.strip("/"),
        storage_type=storage_type,
        bucket_name=bucket_name,
        store=storages.store,
    )
    return location(file.bind(storages))


def _rows(view: Any, model: type, attributes: tuple[str, ...]) -> list[tuple[Any, ...]] | None:
    if "sqlalchemy_s3_files" not in sys.modules:  # which no model of SQLAlchemy goes without
        return None
    from ._sessions import read_all

    return read_all(view, model, attributes)


def _files_in_columns(view: Any) -> Iterable[StoredFile]:
    if "sqlalchemy_s3_files" not in sys.modules:
        return []
    from ._sessions import read_file_columns

    return read_file_columns(view)
