"""The command ``flask s3-static``."""

import json
import sys
import textwrap
from datetime import timedelta
from typing import Any, Self

import click
from flask import Flask, current_app
from flask.cli import AppGroup, ScriptInfo

from s3_saver import ArgumentError, S3SaverError, format_size, parse_age
from s3_saver.setup import describe_plan

from ._report import PushReport
from ._settings import Settings
from ._storage import name_settings
from .bucket._check import check
from .bucket._prune import PruneReport, prune
from .bucket._releases import activate, releases
from .bucket._setup import plan
from .exceptions import PushError, S3StaticError
from .pushing._push import push


class _Group(AppGroup):
    """Shows our errors in words, not by a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except S3SaverError as error:  # which knows arguments, and not the settings
            app = ctx.ensure_object(ScriptInfo).load_app()
            where = name_settings(Settings.from_app(app))
            raise click.ClickException(f"{_words(error)} ({where})") from error
        except (S3StaticError, ValueError) as error:
            raise click.ClickException(_words(error)) from error
        except KeyboardInterrupt as error:
            click.echo(f"{_words(error)}\nInterrupted. Run it again to resume.", err=True)
            ctx.exit(130)


def _words(error: BaseException) -> str:
    """Return an error's message, and what else went wrong while it was on its way."""
    return "\n".join([str(error), *getattr(error, "__notes__", ())])


def _age(_ctx: click.Context, _option: click.Parameter, value: str) -> timedelta:
    try:
        return parse_age(value)
    except ArgumentError as error:
        raise click.BadParameter(f"must be {error.rule}, got {value!r}") from error


@click.group("s3-static", cls=_Group)
def s3_static() -> None:
    """Static files on S3."""


@s3_static.command("push")
@click.option("--dry-run", is_flag=True, help="Print the plan, upload nothing.")
@click.option("--force", is_flag=True, help="Upload everything.")
@click.option("--strict", is_flag=True, help="Fail if a file refers to one that is not there.")
@click.option("--include-hidden", is_flag=True, help="Also names that begin with a dot.")
@click.option("--filter", "pattern", metavar="REGEX", help="Only paths that match.")
@click.option("--public-policy", is_flag=True, help="Let everybody read, by the bucket's policy.")
@click.option("--invalidate", metavar="DISTRIBUTION", help="Let CloudFront forget plain names.")
def push_command(
    dry_run: bool,
    force: bool,
    strict: bool,
    include_hidden: bool,
    pattern: str | None,
    public_policy: bool,
    invalidate: str | None,
) -> None:
    """Upload what is not in the bucket yet."""
    app = _app()
    try:
        with _Progress() as progress:
            report = push(
                app,
                Settings.from_app(app),
                include_hidden=include_hidden,
                filepath_filter=pattern,
                put_bucket_acl=False,
                dry_run=dry_run,
                force=force,
                strict=strict,
                write_public_policy=public_policy,
                invalidate_distribution=invalidate,
                progress=progress,
                show_policy=_show_policy,
            )
    except PushError as error:
        _show_done(error.report)
        raise
    for warning in report.warnings:
        click.echo(f"warning: {warning}", err=True)
    if dry_run:
        _show_plan(report)
    else:
        _show_done(report)


@s3_static.command("setup")
@click.option("--dry-run", is_flag=True, help="Print the plan, do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def setup_command(dry_run: bool, yes: bool) -> None:
    """Make the bucket, configure it, upload the static files, and check all of it.

    What is there already stays as it is, so it can be run again at any time.
    """
    app = _app()
    setup = plan(app)
    texts = list(setup.texts())
    click.echo(describe_plan(texts))
    if dry_run:
        return  # the check writes an object, too
    if texts:
        if not yes:
            click.confirm("Do this?", abort=True)
        with _Progress() as progress:
            setup.apply(progress)
    _check(app)


@s3_static.command("check")
def check_command() -> None:
    """Check that the bucket exists, can be written, and is read by everybody, from any origin."""
    _check(_app())


def _check(app: Flask) -> None:
    is_good = True
    for finding in check(app):
        click.echo(f"{'✓' if finding.is_good else '✗'} {finding.what}")
        if not finding.is_good:
            is_good = False
            click.echo(textwrap.indent(finding.fix, "  "))
    if not is_good:
        raise click.exceptions.Exit(1)


@s3_static.command("releases")
def releases_command() -> None:
    """List the releases in the bucket, the latest first."""
    for release in releases(_app()):
        words = " active" if release.is_active else ""
        words += "" if release.can_be_activated else " (cannot be activated: it was pruned)"
        click.echo(f"{release.number:>4}  {release.time:%Y-%m-%d %H:%M} UTC {words}".rstrip())


@s3_static.command("activate")
@click.argument("number", type=click.IntRange(min=1))
def activate_command(number: int) -> None:
    """Let apps that load their manifest from the bucket load that of release NUMBER."""
    app = _app()
    activate(app, number)
    click.echo(f"release {number} is active: start the app's processes again to load it")
    if not Settings.from_app(app).manifest_from_bucket:
        click.echo("warning: FLASKS3_MANIFEST_FROM_BUCKET is off, so this app won't", err=True)


@s3_static.command("prune")
@click.option("--keep", type=click.IntRange(min=1), default=3, show_default=True, metavar="N")
@click.option("--older-than", callback=_age, default="30d", show_default=True, metavar="AGE")
@click.option("--dry-run", is_flag=True, help="List what would be deleted.")
@click.option("--yes", is_flag=True, help="Delete without asking.")
def prune_command(keep: int, older_than: timedelta, dry_run: bool, yes: bool) -> None:
    """Delete our objects that none of the last N releases has and that are out of use for AGE.

    An AGE is 0, or a number and one of s, m, h, d and w.
    """
    app = _app()
    if dry_run or not yes:
        report = prune(app, keep=keep, older_than=older_than, dry_run=True)
        for key in report.deleted:
            click.echo(f"would delete {key}")
        if dry_run:
            click.echo(f"would delete {_files(report)} of {report.releases} releases")
            return
        if report.deleted:
            click.confirm(f"Delete {_files(report)}?", abort=True)
    report = prune(app, keep=keep, older_than=older_than)
    for key in report.deleted:
        click.echo(f"deleted {key}")
    click.echo(f"deleted {_files(report)} of {report.releases} releases")


def _files(report: PruneReport) -> str:
    return _count(len(report.deleted), sum(report.deleted.values()))


def _show_policy(policy: dict[str, Any]) -> None:
    click.echo(f"the bucket's policy will be {json.dumps(policy, indent=2)}")


class _Progress:
    """A bar on a terminal; elsewhere nothing, so that logs stay short."""

    def __init__(self) -> None:
        self._bar: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        if self._bar:
            self._bar.render_finish()

    def __call__(self, done: int, total: int) -> None:
        if not sys.stderr.isatty():
            return
        if self._bar is None:
            self._bar = click.progressbar(length=total, label="uploading", file=sys.stderr)
        self._bar.update(done - self._bar.pos)


def _show_plan(report: PushReport) -> None:
    if report.creates_bucket:
        click.echo("would create the bucket")
    for verb, keys in (
        ("new", report.new),
        ("changed", report.changed),
        ("headers changed", report.headers_changed),
        ("gone", report.gone),
    ):
        for key in keys:
            click.echo(f"{verb}: {key}")
    for path, reason in report.left_out.items():
        click.echo(f"left out: /{path} ({reason})")
    for key in report.hashed_already:
        click.echo(f"holds a hash already: {key}")
    click.echo(_counts(report))


def _show_done(report: PushReport) -> None:
    if report.creates_bucket:
        click.echo("created the bucket")
    click.echo(_counts(report))
    there = f", {len(report.there)} were there" if report.there else ""
    click.echo(f"uploaded {_count(len(report.sent), report.sent_bytes)}{there}")
    if report.left_out:
        click.echo(f"{len(report.left_out):,} left out: `--dry-run` lists them")
    if report.hashed_already:
        count = len(report.hashed_already)
        click.echo(f"{count:,} with a hash in the name already: `--dry-run` lists them")
    if report.manifest:
        click.echo(f"manifest: {report.manifest}")
    if report.invalidation:
        click.echo(f"CloudFront invalidation: {report.invalidation}")


def _counts(report: PushReport) -> str:
    return (
        f"{len(report.new)} new, {len(report.changed)} changed, "
        f"{len(report.headers_changed)} with changed headers, {len(report.same)} the same, "
        f"{len(report.gone)} gone"
    )


def _count(files: int, size: float) -> str:
    return f"{files:,} file{'' if files == 1 else 's'} ({format_size(size)})"


def _app() -> Flask:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined] # noqa: SLF001
    return app
