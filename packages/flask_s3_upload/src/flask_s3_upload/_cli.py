"""The commands ``flask uploads``: check, prune-pending, migrate."""

import json
import re
from datetime import timedelta
from urllib.parse import urlsplit

import click
from flask.cli import AppGroup

from s3_saver import S3SaverError

from ._check import check_bucket, check_folder, cors, lifecycle
from ._migrate import Migration
from ._prune import prune
from ._settings import in_settings
from ._state import current_state
from .exceptions import UploadsError

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_EVER = timedelta(days=700_000)  # dates go no further back

commands = AppGroup("uploads", help="Check the storage of uploads, and keep it in order.")


def _age(_ctx: click.Context, _option: click.Parameter, value: str) -> timedelta:
    if value == "0":  # is the same in any unit
        return timedelta()
    if not (match := re.fullmatch(r"([0-9]{1,8})([smhdw])", value)):
        raise click.BadParameter(f"{value!r} is not an age: write 30m, 24h, 7d or 4w")
    return min(timedelta(**{_UNITS[match[2]]: int(match[1])}), _EVER)


def _origin(url: str) -> str:
    """Give scheme and host of a URL, as browsers send them in ``Origin``."""
    parts = urlsplit(url.lower())
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise click.UsageError(f"{url!r} is no origin: write --origin https://www.example.com")
    default = {"http": ":80", "https": ":443"}[parts.scheme]
    return f"{parts.scheme}://{parts.netloc.removesuffix(default)}"


@commands.command("check")
@click.option(
    "--origin",
    "origins",
    multiple=True,
    help="Scheme and host of the pages that upload; by default UPLOADS_DOMAIN. May be repeated.",
)
def check(origins: tuple[str, ...]) -> None:
    """Try what uploads need: the folder, or the bucket, each permission, and CORS.

    Prints the CORS and lifecycle configurations that the bucket should have. The exit code is 1 if
    something is missing.
    """
    places = current_state().places
    settings = places.settings
    if settings.storage == "local":
        findings = check_folder(places.local)
    else:
        if not origins and not settings.domain:
            raise click.UsageError("pass --origin https://www.example.com, or set UPLOADS_DOMAIN")
        pages = [_origin(url) for url in origins or (settings.domain,)]
        findings = check_bucket(places.bucket(), settings, pages)
    problems = 0
    for finding in findings:
        problems += bool(finding.problem)
        click.echo(f"{'✗' if finding.problem else '✓'} {finding.what}")
        if finding.problem:
            click.echo(f"    {in_settings(finding.problem)}")
    if settings.storage == "s3":
        name = settings.s3_bucket_name
        click.echo(f"\nCORS: aws s3api put-bucket-cors --bucket {name} --cors-configuration")
        click.echo(json.dumps(cors(pages, settings.s3_direct_method), indent=2))
        click.echo(
            "\nLifecycle: aws s3api put-bucket-lifecycle-configuration"
            f" --bucket {name} --lifecycle-configuration"
        )
        rules = lifecycle(places.bucket().prefix, settings.token_max_age)
        click.echo(json.dumps(rules, indent=2))
    if problems:
        raise SystemExit(1)


@commands.command("prune-pending")
@click.option("--older-than", callback=_age, default="24h", show_default=True, metavar="AGE")
@click.option("--dry-run", is_flag=True, help="Tell what would be deleted.")
def prune_pending(older_than: timedelta, dry_run: bool) -> None:
    """Delete direct uploads that nobody has claimed.

    An AGE is 0, or a number and s, m, h, d or w.
    """
    places = current_state().places
    keep_marks = timedelta(seconds=places.settings.token_max_age)
    count = 0
    try:
        for name in prune(places.storage, older_than, keep_marks=keep_marks, dry_run=dry_run):
            count += 1
            click.echo(f"{'would delete' if dry_run else 'deleted'} {name}")
    except (S3SaverError, UploadsError) as error:
        raise click.ClickException(in_settings(str(error))) from error
    click.echo(f"{count} {'to delete' if dry_run else 'deleted'}")


@commands.command("migrate")
@click.option("--to", "target", type=click.Choice(["s3", "local"]), required=True)
@click.option(
    "--delete-left-over",
    is_flag=True,
    help="Delete the originals, too, that an earlier run left because it was broken off.",
)
def migrate(target: str, delete_left_over: bool) -> None:
    """Move the files of all registered models to S3, or to the disk.

    Each file is copied and compared, then its object is committed; the originals of what was moved
    are deleted at the end. Run it again to go on after a stop: it lists what the earlier run did
    not come to delete.
    """
    state = current_state()
    if not state.uploads.models:
        raise click.ClickException(
            "no model is registered: call uploads.register_model(…) in the app"
        )
    try:
        migration = Migration(state.places, "s3" if target == "s3" else "")
    except UploadsError as error:
        raise click.ClickException(str(error)) from error
    failed = moved = 0
    for name, model in state.uploads.models.items():
        with click.progressbar(list(model.objects()), label=name) as bar:
            for obj in bar:
                try:
                    moved += migration.move(model, obj)
                except S3SaverError as error:
                    failed += 1
                    click.echo(f"\n{name}: {in_settings(str(error))}", err=True)
    try:
        migration.delete_originals()
        for original in migration.left_over():
            place = original.bucket_name or "the disk"
            if delete_left_over:
                migration.delete(original)
            done = "deleted" if delete_left_over else "left over by an earlier run"
            click.echo(f"{done}: {original.name} on {place}")
    except S3SaverError as error:
        raise click.ClickException(
            f"an original could not be deleted: {in_settings(str(error))}; to delete it, run this"
            " again with --delete-left-over"
        ) from error
    if migration.left_over() and not delete_left_over:
        click.echo("Run this again with --delete-left-over to delete these.")
    click.echo(f"{moved} moved to {target}, {failed} failed")
    if failed:
        raise SystemExit(1)
