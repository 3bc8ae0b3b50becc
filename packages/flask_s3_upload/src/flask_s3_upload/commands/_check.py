"""The command ``flask uploads check``: whether the storage has what uploads need."""

import json
import shlex
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlsplit

import click
from flask import current_app

from s3_saver import S3Storage

from .._state import State
from ..direct._object_headers import headers_of
from ..exceptions import ConfigError
from ._bucket_check import (
    Finding,
    check_browsers,
    check_bucket,
    check_folder,
    check_strangers,
    cors,
    is_minio,
    lifecycle,
)
from ._common import commands, each_state, one_store
from ._route_check import check_route


def _origin(url: str) -> str:
    """Return scheme and host of a URL, as browsers send them in ``Origin``."""
    parts = urlsplit(url.lower())
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise click.UsageError(f"{url!r} is no origin: write --origin https://www.example.com")
    default = {"http": ":80", "https": ":443"}[parts.scheme]
    return f"{parts.scheme}://{parts.netloc.removesuffix(default)}"


pages_option = click.option(
    "--origin",
    "origins",
    multiple=True,
    help="Scheme and host of the pages that upload; by default UPLOADS_DOMAIN. May be repeated.",
)


@commands.command("check")
@pages_option
@one_store
def check(origins: tuple[str, ...], store: str | None) -> None:
    """Try what uploads need: the folder, or the bucket, each permission, URLs and CORS.

    Fetches a URL of each kind as a stranger does, and asks for CORS as a browser does. Prints the
    commands that set the CORS and lifecycle configurations which the bucket should have. Without
    --origin and UPLOADS_DOMAIN all but CORS is tried. The exit code is 1 if something is missing.
    """
    if sum([check_state(state, origins, with_commands=True) for state in each_state(store)]):
        raise SystemExit(1)


def check_state(state: State, origins: tuple[str, ...], *, with_commands: bool) -> int:
    """Print what is found of one store; return the number of problems.

    :param with_commands: whether to print those that configure its bucket, too.
    """
    problems = _report(check_purposes(state))
    storage = state.storages.current
    if not isinstance(storage, S3Storage):
        problems += _report(check_folder(storage))
        return problems or _report(check_route(current_app, state.storages, state.settings))
    pages = origins_of(state, origins)
    return problems + _check_s3(state, storage, pages, with_commands=with_commands)


def check_purposes(state: State) -> Iterator[Finding]:
    """Look whether the purposes of columns are allowed, if there are such columns."""
    if not any(column.purpose for column in state.registered.columns):
        return
    try:
        state.direct.check_columns(state.registered)
    except ConfigError as error:
        yield Finding("purposes of columns", str(error))
    else:
        yield Finding("purposes of columns")


def origins_of(state: State, origins: tuple[str, ...]) -> list[str]:
    """Return the origins of the pages that upload; none if nobody says which they are."""
    return [_origin(url) for url in origins or (state.settings.domain,) if url or origins]


def ask_for_origins(state: State) -> str:
    """Return how to say which pages upload."""
    return f"pass --origin https://www.example.com, or set {state.store.key('UPLOADS_DOMAIN')}"


def _check_s3(state: State, storage: S3Storage, pages: list[str], *, with_commands: bool) -> int:
    settings = state.settings
    problems = _report(findings := list(check_bucket(storage, settings)))
    if findings[0].problem:  # nothing more can be said of a bucket that is not there
        return problems
    bucket = settings.bucket(storage)
    problems += _report(check_strangers(state.storages, bucket, private=settings.private))
    problems += _report(check_browsers(storage, settings, bucket, pages))
    if not pages:
        click.echo(f"- CORS was not checked: {ask_for_origins(state)}")
    minio = is_minio(storage)
    if with_commands and pages:
        headers = headers_of(settings.s3)
        _print_command("cors", storage, cors(pages, settings.s3_direct_method, headers))
    if with_commands:
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
