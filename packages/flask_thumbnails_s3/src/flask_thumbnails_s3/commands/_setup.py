"""The command ``flask thumbnails setup``: from nothing to a bucket that shows thumbnails."""

import click
from flask import current_app
from flask.cli import ScriptInfo, pass_script_info, with_appcontext

from s3_saver import ArgumentError, PrefixRegistry, S3Storage
from s3_saver.setup import (
    BucketNeeds,
    PublicRead,
    Step,
    describe_plan,
    make_public_read,
    plan_setup,
)

from .._state import current_state
from .._thumbnails import Thumbnails
from ..exceptions import ConfigError
from ..naming._source import Source
from ..storing._announce import OWNER
from ._check import look, report
from ._common import commands, is_opened_by_policy


@commands.command("setup")
@click.option("--dry-run", is_flag=True, help="Print the plan, do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--store", metavar="NAME", help="Only this store, '' for the one without a name; else all."
)
@pass_script_info
@with_appcontext
def setup(script: ScriptInfo, dry_run: bool, yes: bool, store: str | None) -> None:
    """Make the bucket and let everybody read public thumbnails, then check it.

    Statements of others in the bucket's policy stay, and what is there already is not done again.
    Where thumbnails are public (THUMBNAIL_S3_PRIVATE is off) and no CDN serves them, a policy lets
    everybody read them, but not what others keep pending there. Where they are private, it loses
    the statements that an earlier setup has written.
    """
    stores = _chosen(store)
    for thumbnails in stores:
        if len(stores) > 1:
            click.echo(f"store {thumbnails.store!r}:")
        bucket_name = thumbnails.settings.s3.bucket_name
        storage = thumbnails.files.thumbnails(bucket_name) if bucket_name else None
        if isinstance(storage, S3Storage):
            steps = _plan(thumbnails, storage)
            click.echo(describe_plan(step.text for step in steps))
            if steps and not dry_run:
                if not yes:
                    click.confirm("Do this?", abort=True)
                for step in steps:
                    step.apply()
    if not dry_run:
        report(look(script.load_app(), stores))


def _chosen(store: str | None) -> list[Thumbnails]:
    state = current_state()
    if store is None:
        return list(state.stores.values())
    return [state.require(Source("", store=store))]


def _plan(thumbnails: Thumbnails, storage: S3Storage) -> list[Step]:
    s3 = thumbnails.settings.s3
    needs = BucketNeeds(
        public_reads=[_public_read(thumbnails, storage)],
        public_acls=s3.acl.startswith("public-"),
    )
    return plan_setup(storage, needs, region=s3.region or storage.region or "")


def _public_read(thumbnails: Thumbnails, storage: S3Storage) -> PublicRead:
    """Return what a policy lets everybody read of thumbnails.

    :raises ConfigError: a policy would open more than these.
    """
    try:
        return make_public_read(
            PrefixRegistry.of(current_app.extensions),
            storage,
            package="FlaskThumbnailsS3",
            is_open=is_opened_by_policy(thumbnails.settings.s3),
            owner=OWNER,
        )
    except ArgumentError as error:
        key = "MEDIA_THUMBNAIL_FOLDER"
        what = f"{key}, less THUMBNAIL_S3_STATIC_ROOT_PARENT,"
        if not thumbnails.settings.folders.thumbnails_prefix:
            key = f"{thumbnails.store.upper() or 'UPLOADS'}_S3_PREFIX"
            what = f"the prefix of thumbnails, which is next to that of the originals ({key}),"
        message = f"{what} must be {error.rule}, got {error.value!r}{error.hint}"
        raise ConfigError(message, setting=key) from error
