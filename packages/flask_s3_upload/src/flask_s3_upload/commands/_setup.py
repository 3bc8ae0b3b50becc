"""The command ``flask uploads setup``: from nothing to a bucket that takes uploads."""

from typing import Any

import click
from flask import current_app

from s3_saver import ArgumentError, PrefixRegistry, S3SaverError, S3Storage
from s3_saver.setup import (
    BucketNeeds,
    PublicRead,
    Step,
    describe_plan,
    make_public_read,
    plan_setup,
    prefix_digest,
)

from .._state import State
from ..direct._object_headers import headers_of
from ..exceptions import ConfigError
from ._bucket_check import cors, is_minio, lifecycle
from ._check import ask_for_origins, check_state, origins_of, pages_option
from ._common import commands, each_state, one_store


@commands.command("setup")
@pages_option
@click.option("--dry-run", is_flag=True, help="Print the plan, do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@one_store
def setup(origins: tuple[str, ...], dry_run: bool, yes: bool, store: str | None) -> None:
    """Make the bucket and configure it for uploads, then check it.

    Rules and statements of others in the bucket stay, and what is there already is not done again.
    Where files are public (UPLOADS_PRIVATE is off) and no CDN serves them, a policy lets everybody
    read them, but not what is pending.
    """
    problems = 0
    for state in each_state(store):
        storage = state.storages.current
        if isinstance(storage, S3Storage):
            try:
                pages = origins_of(state, origins)
                if not pages:
                    raise click.UsageError(ask_for_origins(state))
                steps = _plan(state, storage, pages)
                click.echo(describe_plan(step.text for step in steps))
                if steps and not dry_run:
                    if not yes:
                        click.confirm("Do this?", abort=True)
                    for step in steps:
                        step.apply()
            except (ConfigError, S3SaverError) as error:
                raise click.ClickException(state.settings.in_settings(error)) from error
        if not dry_run:
            problems += check_state(state, origins, with_commands=False)
    if problems:
        raise SystemExit(1)


def _plan(state: State, storage: S3Storage, pages: list[str]) -> list[Step]:
    settings = state.settings
    try:
        minio = is_minio(storage)
    except S3SaverError as error:
        if error.code not in ("404", "NoSuchBucket"):
            raise
        minio = False
    headers = headers_of(settings.s3)
    rules = lifecycle(storage.prefix, settings.token_max_age, with_parts=not minio)["Rules"]
    needs = BucketNeeds(
        cors=[_named(rule, "flask-s3-upload", storage) for rule in _cors(state, pages, headers)],
        lifecycle=[_named(rule, rule["ID"], storage) for rule in rules],
        public_reads=[_public_read(state, storage)],
        public_acls=settings.s3.acl.startswith("public-"),
    )
    return plan_setup(storage, needs, region=settings.s3.region)


def _public_read(state: State, storage: S3Storage) -> PublicRead:
    """Return what a policy lets everybody read: nothing where files are private, or are opened by a
    CDN or by their ACL.
    """
    settings = state.settings
    is_closed = settings.private or settings.s3.cdn_domain
    try:
        return make_public_read(
            PrefixRegistry.of(current_app.extensions),
            storage,
            package="FlaskS3Upload",
            is_open=not (is_closed or settings.s3.acl.startswith("public-")),
        )
    except ArgumentError as error:
        key = settings.key_of(error.argument)
        message = f"{key} must be {error.rule}, got {error.value!r}{error.hint}"
        raise ConfigError(message, setting=key) from error


def _cors(state: State, pages: list[str], headers: dict[str, str]) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = cors(pages, state.settings.s3_direct_method, headers)["CORSRules"]
    return rules


def _named(rule: dict[str, Any], name: str, storage: S3Storage) -> dict[str, Any]:
    """Return a rule with an ID of its own in a bucket that stores and apps share, each with a
    prefix.
    """
    return {**rule, "ID": f"{name}-{prefix_digest(storage.prefix)}"}
