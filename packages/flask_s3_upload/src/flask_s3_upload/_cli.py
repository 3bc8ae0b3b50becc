"""The commands ``flask uploads``: check, prune-pending, migrate."""

import json
import shlex
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import click
from flask import current_app
from flask.cli import AppGroup

from s3_saver import ArgumentError, S3SaverError, S3Storage, parse_age

from ._migrate import Migration
from ._self_check import check_route
from ._state import State, chosen_states
from .direct._bucket_check import (
    Finding,
    check_browsers,
    check_bucket,
    check_folder,
    check_strangers,
    cors,
    is_minio,
    lifecycle,
)
from .direct._kept import headers_of
from .direct._prune import delete_pending, find_pending
from .exceptions import ConfigError

commands = AppGroup("uploads", help="Check the storage of uploads, and keep it in order.")


def _age(_ctx: click.Context, _option: click.Parameter, value: str) -> timedelta:
    try:
        return parse_age(value)
    except ArgumentError as error:
        raise click.BadParameter(f"{value!r} is not {error.rule}") from error


_one_store = click.option(
    "--store", metavar="NAME", help="Only this store, '' for the one without a name; else all."
)


def _states(store: str | None) -> Iterator[State]:
    """Yield the parts of the stores that a command is for, and say which comes next if there are
    several.
    """
    try:
        states = chosen_states(store)
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    for state in states:
        if len(states) > 1:
            click.echo(f"store {state.store.name!r}:")
        yield state


def _origin(url: str) -> str:
    """Return scheme and host of a URL, as browsers send them in ``Origin``."""
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
@_one_store
def check(origins: tuple[str, ...], store: str | None) -> None:
    """Try what uploads need: the folder, or the bucket, each permission, URLs and CORS.

    Fetches a URL of each kind as a stranger does, and asks for CORS as a browser does. Prints the
    commands that set the CORS and lifecycle configurations which the bucket should have. The exit
    code is 1 if something is missing.
    """
    if sum([_check(state, origins) for state in _states(store)]):
        raise SystemExit(1)


def _check(state: State, origins: tuple[str, ...]) -> int:
    storage = state.storages.current
    if not isinstance(storage, S3Storage):
        problems = _report(check_folder(storage))
        return problems or _report(check_route(current_app, state.storages, state.settings))
    domain = state.settings.domain
    if not origins and not domain:
        key = state.store.key("UPLOADS_DOMAIN")
        raise click.UsageError(f"pass --origin https://www.example.com, or set {key}")
    return _check_s3(state, storage, [_origin(url) for url in origins or (domain,)])


def _check_s3(state: State, storage: S3Storage, pages: list[str]) -> int:
    settings = state.settings
    problems = _report(findings := list(check_bucket(storage, settings)))
    if findings[0].problem:  # nothing more can be said of a bucket that is not there
        return problems
    bucket = settings.bucket(storage)
    problems += _report(check_strangers(state.storages, bucket, private=settings.private))
    problems += _report(check_browsers(storage, settings, bucket, pages))
    headers = headers_of(settings.s3)
    minio = is_minio(storage)
    _print_command("cors", storage, cors(pages, settings.s3_direct_method, headers))
    rules = lifecycle(storage.prefix, settings.token_max_age, with_parts=not minio)
    _print_command("lifecycle-configuration", storage, rules)
    if minio:
        click.echo(
            "\nMinIO has no rule for uploads in parts that were never completed, and does not list"
            " them for prune-pending: it removes them itself, after a day or what"
            " MINIO_API_STALE_UPLOADS_EXPIRY says. Its CORS is MINIO_API_CORS_ALLOW_ORIGIN."
        )
    return problems


def _report(findings: Iterable[Finding]) -> int:
    problems = 0
    for finding in findings:
        problems += bool(finding.problem)
        click.echo(f"{'✗' if finding.problem else '✓'} {finding.what}")
        if finding.problem:
            click.echo(f"    {finding.problem}")
    return problems


def _print_command(what: str, storage: S3Storage, configuration: dict[str, Any]) -> None:
    option = "cors-configuration" if what == "cors" else what
    endpoint = ["--endpoint-url", storage.endpoint_url] if storage.endpoint_url else []
    command = ["aws", "s3api", f"put-bucket-{what}", "--bucket", storage.bucket_name, *endpoint]
    click.echo(f"\n{shlex.join(command)} --{option} '")
    click.echo(json.dumps(configuration, indent=2) + "'")


@commands.command("prune-pending")
@click.option("--older-than", callback=_age, default="24h", show_default=True, metavar="AGE")
@click.option("--dry-run", is_flag=True, help="Show what would be deleted.")
@click.option("--yes", is_flag=True, help="Delete without asking.")
@_one_store
def prune_pending(older_than: timedelta, dry_run: bool, yes: bool, store: str | None) -> None:
    """Delete direct uploads that nobody has claimed.

    On a disk, hidden files that killed processes left go as well, when they are a day old.

    An AGE is 0, or a number and s, m, h, d or w.
    """
    for state in _states(store):
        _prune(state, older_than, dry_run=dry_run, yes=yes)


def _prune(state: State, older_than: timedelta, *, dry_run: bool, yes: bool) -> None:
    storage = state.storages.current
    keep_marks = timedelta(seconds=state.settings.token_max_age)
    deleted = 0
    try:
        found = find_pending(storage, older_than, keep_marks=keep_marks)
        lines = found.lines()
        if dry_run or not yes:
            for line in lines:
                click.echo(f"would delete {line}")
        if dry_run:
            click.echo(f"{len(lines)} to delete")
            return
        if lines and not yes:
            click.confirm(f"Delete these {len(lines)}?", abort=True)
        for name in delete_pending(storage, found, older_than):
            click.echo(f"deleted {name}")
            deleted += 1
    except S3SaverError as error:
        message = state.settings.in_settings(error)
        raise click.ClickException(f"{deleted} deleted, then: {message}") from error
    click.echo(f"{deleted} deleted")


@commands.command("migrate")
@click.option("--to", "target", type=click.Choice(["s3", "local"]), required=True)
@click.option(
    "--delete-left-over",
    is_flag=True,
    help="Delete the originals, too, that an earlier run left because it was broken off.",
)
@_one_store
def migrate(target: str, delete_left_over: bool, store: str | None) -> None:
    """Move the files of all registered models to S3, or to the disk.

    Each file is copied and compared, then its object is committed; the originals of what was moved
    are deleted at the end. Run it again to go on after a stop: it lists what the earlier run did
    not come to delete.
    """
    states = [state for state in _states(store) if state.models]
    if not states:
        raise click.ClickException(
            "no model is registered: call uploads.register_model(…) in the app"
        )
    if sum([_migrate(state, target, delete_left_over=delete_left_over) for state in states]):
        raise SystemExit(1)


def _migrate(state: State, target: str, *, delete_left_over: bool) -> int:
    bucket_name = state.settings.s3.bucket_name
    if target == "s3" and not bucket_name:
        key = state.settings.key_of("bucket_name")
        raise click.ClickException(f"{key} is missing: set it to the bucket's name")
    migration = Migration(state.storages, "s3" if target == "s3" else "", bucket_name)
    failed = moved = 0
    for name, model in state.models.items():
        with click.progressbar(list(model.objects()), label=name) as bar:
            for obj in bar:
                try:
                    moved += migration.move(model, obj)
                except (S3SaverError, ConfigError) as error:
                    failed += 1
                    click.echo(f"\n{name}: {state.settings.in_settings(error)}", err=True)
    try:
        for line in _finish(migration, delete_left_over=delete_left_over):
            click.echo(line)
    except S3SaverError as error:
        raise click.ClickException(
            f"an original could not be deleted: {state.settings.in_settings(error)}; to delete it,"
            " run this again with --delete-left-over"
        ) from error
    click.echo(f"{moved} moved to {target}, {failed} failed")
    return failed


def _finish(migration: Migration, *, delete_left_over: bool) -> Iterator[str]:
    migration.delete_originals()
    originals = migration.left_over()
    for original in originals:
        if delete_left_over:
            migration.delete(original)
        done = "deleted" if delete_left_over else "left over by an earlier run"
        yield f"{done}: {original.name} on {original.bucket_name or 'the disk'}"
    if originals and not delete_left_over:
        yield "Run this again with --delete-left-over to delete these."
