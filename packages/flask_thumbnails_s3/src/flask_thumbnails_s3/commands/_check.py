"""The command ``flask thumbnails check``: whether a deployment works: its cache and storages, and
what strangers see of thumbnails.
"""

import os
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPException
from io import BytesIO
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import click
from flask import Flask, request
from flask.cli import ScriptInfo, pass_script_info, with_appcontext
from PIL import Image

from s3_saver import S3SaverError, S3Storage

from .._state import State
from .._thumbnails import Thumbnails
from ..background._queue import EXTENSION, Job
from ..exceptions import ConfigError
from ..memory._memory import new_owner
from ..naming._options import Spec
from ..storing._layout import DISK
from ._common import commands, is_opened_by_policy

_TIMEOUT = 10  # seconds
_WORKER_TIMEOUT = 10.0  # seconds
_POLL = 0.05  # seconds
_ADDRESS = "S3_REGION, S3_ENDPOINT_URL, S3_PUBLIC_ENDPOINT_URL, S3_CDN_DOMAIN and S3_URL_STYLE"


@commands.command()
@pass_script_info
@with_appcontext
def check(script: ScriptInfo) -> None:
    """Try what thumbnails need: the cache, the folders or the bucket, and what strangers may see.

    A small thumbnail is stored, its URL is fetched as a stranger would, and it is deleted. The exit
    code is 1 if something is wrong.
    """
    app = script.load_app()
    state: State = app.extensions[EXTENSION]
    report(look(app, state.stores.values()))


def report(findings: Iterable["Finding"]) -> None:
    """Print what was looked at; exit with the code 1 if something is wrong."""
    problems = 0
    for finding in findings:
        problems += not finding.is_good
        click.echo(f"{'✓' if finding.is_good else '✗'} {finding.what}")
        if not finding.is_good:
            click.echo(f"    {finding.fix}")
    if problems:
        raise SystemExit(1)


@dataclass(frozen=True)
class Finding:
    """What was looked at.

    :param fix: what to do if it is not as it should be.
    """

    what: str
    is_good: bool
    fix: str = ""


def look(app: Flask, stores: Iterable[Thumbnails]) -> Iterator[Finding]:
    """Look at all that the thumbnails of these stores need."""
    state: State = app.extensions[EXTENSION]
    yield _check_cache(state.first)
    if state.first.settings.mode == "queue":
        yield _check_worker(app, state.first)
    for thumbnails in stores:
        s3, folders = thumbnails.settings.s3, thumbnails.settings.folders
        if folders.originals and (not s3.storage_type or os.path.isdir(folders.originals)):
            fix = "make it, or correct MEDIA_FOLDER, which may be relative to app.instance_path"
            yield Finding(
                f"MEDIA_FOLDER {folders.originals} is there", os.path.isdir(folders.originals), fix
            )
            yield from _check_thumbnail(app, thumbnails, DISK)
        elif not (folders.originals or s3.storage_type):
            yield from _check_originals(thumbnails, DISK)
            yield from _check_thumbnail(app, thumbnails, DISK)
        if s3.bucket_name:
            yield from _check_originals(thumbnails, s3.bucket_name)
            yield from _check_thumbnail(app, thumbnails, s3.bucket_name)


def _check_cache(thumbnails: Thumbnails) -> Finding:
    memory, key = thumbnails.memory, f"check-{uuid.uuid4().hex}"
    memory.put(key, (1, 1))
    is_good = memory.get(key) == (1, 1)
    memory.forget([key])
    where = "is shared" if memory.is_shared else "is in each process"
    fix = "it does not keep what it is given: correct THUMBNAIL_CACHE, or start its server"
    return Finding(f"the cache, which {where}, works", is_good, fix)


def _check_worker(app: Flask, thumbnails: Thumbnails) -> Finding:
    """Report whether a worker does what the queue gets: it remembers that an image is missing."""
    image = f"check-{uuid.uuid4().hex}.png"
    bucket_name = thumbnails.files.bucket_of(None, None)
    name = thumbnails.files.thumbnail_name(bucket_name, image, Spec(1, 1))
    memory, key, owner = thumbnails.memory, thumbnails.wants.key(bucket_name, name), new_owner()
    memory.acquire(key, owner)
    # It is no news to whoever reads the worker's log.
    memory.is_news(key.rpartition(".")[0], f"MissingImageError {bucket_name} {image}")
    what = f"a worker of the queue answers within {_WORKER_TIMEOUT:g} s"
    try:
        thumbnails.queue.put(app, Job(bucket_name, [name], owner, thumbnails.store))
    except Exception as error:  # noqa: BLE001 - every broker has errors of its own
        return Finding(what, False, f"the queue takes no job: {error!r}")
    deadline = time.monotonic() + _WORKER_TIMEOUT
    while not (answer := memory.get(key)) and time.monotonic() < deadline:
        time.sleep(_POLL)
    memory.revoke([key])
    fix = "start one, which loads the module that makes the app, with the same settings"
    if not memory.is_shared:
        fix += "; THUMBNAIL_CACHE must be shared, so that its answer is seen here"
    return Finding(what, answer is not None, fix)


def _place(thumbnails: Thumbnails, bucket_name: str) -> str:
    of_store = f" of store {thumbnails.store!r}" if thumbnails.store else ""
    return f"{bucket_name or 'the disk'}{of_store}"


def _check_originals(thumbnails: Thumbnails, bucket_name: str) -> Iterator[Finding]:
    """Look whether originals can be read, and by whom."""
    files = thumbnails.files
    storage = files.originals(bucket_name)
    place = f"{'in' if bucket_name else 'on'} {_place(thumbnails, bucket_name)}"
    what = f"originals {place} can be read"
    try:
        listed = (one for one in storage.find() if files.is_original(bucket_name, one.name))
        first = next(listed, None)
        if first:
            storage.open(first.name).close()
    except S3SaverError as error:
        yield Finding(what, False, str(error))
        return
    yield Finding(what if first else f"originals {place} can be listed", True)
    if first and thumbnails.settings.s3.private and isinstance(storage, S3Storage):
        yield _refused(files.urls.unsigned(storage, first.name), "the original", None)


def _check_thumbnail(app: Flask, thumbnails: Thumbnails, bucket_name: str) -> Iterator[Finding]:
    """Store a thumbnail, fetch it as a stranger, and delete it."""
    files = thumbnails.files
    where = f"{'bucket ' if bucket_name else ''}{_place(thumbnails, bucket_name)}"
    image = f"check-{uuid.uuid4().hex}.png"
    name = files.thumbnail_name(bucket_name, image, Spec(1, 1))
    storage = files.thumbnails(bucket_name)
    data = BytesIO()
    Image.new("RGB", (1, 1)).save(data, "PNG")
    what = f"thumbnails can be kept on {where}"
    try:
        storage.save(name, data, content_type="image/png")
        storage.stat(name)
    except S3SaverError as error:
        yield Finding(what, False, str(error))
        return
    try:
        yield Finding(what, True)
        yield from _check_strangers(app, thumbnails, bucket_name, name)
    finally:
        try:
            storage.delete(name)
        except S3SaverError as error:
            yield Finding(f"thumbnails on {where} can be deleted", False, str(error))


def _check_strangers(
    app: Flask, thumbnails: Thumbnails, bucket_name: str, name: str
) -> Iterator[Finding]:
    files, settings = thumbnails.files, thumbnails.settings
    where = "on S3" if bucket_name else "on disk"
    is_static = not bucket_name and settings.folders.thumbnails_path is not None
    with app.test_request_context():
        try:
            url = files.thumbnail_url(bucket_name, name)
        except (ConfigError, S3SaverError) as error:
            yield Finding(f"a thumbnail {where} has a URL", False, str(error))
            return
        path = url.removeprefix(settings.domain).removeprefix(request.script_root)
    if settings.s3.private and is_static:
        yield _refused(path, "the static file of a thumbnail", app)
        return
    status = _status(path, app)
    fix = "the app's own handlers must let it through"
    if not bucket_name and is_static:
        fix = "MEDIA_THUMBNAIL_URL must lead to MEDIA_THUMBNAIL_FOLDER: leave both out"
    elif bucket_name:
        fix = f"correct {_ADDRESS}"
        if status == "403" and is_opened_by_policy(settings.s3):
            fix = (
                "`flask thumbnails setup` writes the policy by which everybody may read thumbnails;"
                f" or set THUMBNAIL_S3_PRIVATE = True. If it has been run, {fix}"
            )
        elif not settings.s3.private:
            fix += ", let the bucket's policy or the CDN show it, or set S3_PRIVATE = True"
    kind = "signed" if settings.s3.private else "public"
    shown = path.partition("?")[0]
    yield Finding(
        f"whoever has the {kind} URL of a thumbnail {where} sees it",
        status == "200",
        f"{shown} was answered by {status}: {fix}",
    )
    if settings.s3.private:
        storage = files.thumbnails(bucket_name)
        if not bucket_name:
            yield _refused(shown, f"a thumbnail {where}", app)
        elif isinstance(storage, S3Storage):
            yield _refused(files.urls.unsigned(storage, name), f"a thumbnail {where}", None)


def _refused(url: str, what: str, app: Flask | None) -> Finding:
    """Report whether strangers, who have no signature, are refused."""
    fix = (
        "take it out of the bucket's public policy and ACLs, or set S3_PRIVATE = False if "
        "everybody may see it"
        if app is None
        else "leave MEDIA_THUMBNAIL_FOLDER and MEDIA_THUMBNAIL_URL out, so that the app's own "
        "route sends them, or set THUMBNAIL_S3_PRIVATE = False if everybody may see them"
    )
    status = _status(url, app)
    if not status.isdecimal():
        fix = "nobody has answered, so this is not known"
    return Finding(
        f"strangers do not see {what}", status in ("401", "403", "404"), f"{url}: {status}; {fix}"
    )


def _status(url: str, app: Flask | None) -> str:
    """Return the status of an answer, or why there is none."""
    if url.startswith("/") and not url.startswith("//") and app:
        with app.test_client().get(url) as answer:
            return str(answer.status_code)
    if url.startswith("//"):
        url = f"https:{url}"
    try:
        # Some CDNs refuse what urllib calls itself.
        headers = {"User-Agent": "flask-thumbnails-s3"}
        with urlopen(Request(url, headers=headers), timeout=_TIMEOUT) as answer:  # noqa: S310
            return str(answer.status)
    except HTTPError as error:
        error.close()
        return str(error.code)
    except (HTTPException, OSError) as error:
        return str(error)
