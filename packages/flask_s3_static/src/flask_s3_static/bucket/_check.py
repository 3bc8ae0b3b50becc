"""Whether a deployment works: the bucket, our right to write, the public's to read, fonts."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException
from io import BytesIO
from urllib.error import HTTPError

from flask import Flask

from s3_saver import S3SaverError, S3Storage

from .._settings import Settings
from .._storage import make_storage, name_settings
from ..exceptions import CollectError, ConfigError, S3StaticError
from ..pushing._hash import without_digest
from ..pushing._plan import content_type_wanted, make_plan
from ..pushing._release import read_release
from ..serving._folders import static_folders
from ..serving._left_out import LeftOut
from ._ask import ORIGIN, USER_AGENT, get_headers
from ._bucket import cors_rules
from ._index import Index
from ._policy import check_announced, check_objects, policy_statement, shown_names
from ._store import read_index

_ADDRESS = ("S3_CDN_DOMAIN", "S3_PUBLIC_ENDPOINT_URL", "FLASKS3_BUCKET_DOMAIN", "S3_URL_STYLE")
_FONTS = (".woff2", ".woff", ".ttf", ".otf")


@dataclass(frozen=True)
class Finding:
    """What was looked at.

    :param fix: what to do if it is not as it should be; may have several lines.
    """

    what: str
    is_good: bool
    fix: str = ""


def check(app: Flask) -> Iterator[Finding]:
    """Look at all that serving static files from the bucket needs.

    It ends early where what follows depends on what failed.
    """
    settings = Settings.from_app(app)
    storage = make_storage(settings)
    left_out = LeftOut.of(app, settings)
    folders = static_folders(app)
    prefixes = left_out.key_prefixes(folders)
    try:
        stored = read_index(storage, settings.index_key)
    except (ConfigError, S3SaverError) as error:
        what = f"bucket {storage.bucket_name!r} lets us read"
        yield Finding(what, is_good=False, fix=_words(error, settings))
        return
    fix = f"`flask s3-static push` creates it, or correct the settings: {name_settings(settings)}"
    yield Finding(f"bucket {storage.bucket_name!r} exists", is_good=stored.has_bucket, fix=fix)
    if not stored.has_bucket:
        return
    yield _check_writing(storage, settings)
    refusal = ""
    try:
        check_announced(storage, prefixes, left_out)
        check_objects(storage, prefixes, stored.index, left_out, folders)
    except (S3StaticError, S3SaverError) as error:
        refusal = _words(error, settings)
    where = ", ".join(f"/{prefix}" for prefix in prefixes) or "no static folder"
    yield Finding(f"only static files are below {where}", is_good=not refusal, fix=refusal)
    present = {
        key for key in stored.index.current_keys() if not left_out.reason_of_key(folders, key)
    }
    # Rules for headers go by plain names, next to each of which its hashed one may be.
    keys = sorted(
        key for key in present if (plain := without_digest(key)) == key or plain not in present
    )
    if not keys:
        yield Finding("there are assets in the bucket", is_good=False, fix="flask s3-static push")
        return
    yield _check_changes(app, settings, left_out, stored.index)
    policy = refusal or _policy_advice(storage, prefixes)
    yield _check_reading(_sample(keys, ".css", ".js"), policy, settings)
    yield _check_cors(_sample(keys, *_FONTS), settings)


def _check_writing(storage: S3Storage, settings: Settings) -> Finding:
    name = f"{settings.own_folder}/check-{uuid.uuid4().hex}"
    try:
        storage.save(name, BytesIO(b""))
        storage.delete(name)
    except S3SaverError as error:
        return Finding("we may write", is_good=False, fix=_words(error, settings))
    return Finding("we may write", is_good=True)


def _check_changes(app: Flask, settings: Settings, left_out: LeftOut, index: Index) -> Finding:
    """Compare the static folders with the last push: bundles may have been made after it."""
    what = "the bucket has what is in the static folders"
    try:
        release = read_release(app, settings, left_out, include_hidden=False, filepath_filter=None)
    except CollectError as error:
        return Finding(what, is_good=False, fix=str(error))
    missing = [item.key for item in make_plan(release.items, index).uploads]
    names = shown_names(missing)
    fix = f"`flask s3-static push`: these are new or have changed since the last one: {names}"
    return Finding(what, is_good=not missing, fix=fix)


def _check_reading(key: str, policy: str, settings: Settings) -> Finding:
    url = _url(key, settings)
    wanted = content_type_wanted(settings.path(key), settings)
    try:
        headers = get_headers(url)
    except HTTPError as error:
        error.close()
        fix = f"S3 answered {error.code}. {policy}"
        if cdn := settings.s3.cdn_domain:
            fix = (
                f"{cdn} answered {error.code}. Look there first: a firewall or a rule against bots "
                f"may refuse requests such as this one (User-Agent: {USER_AGENT}), and the CDN "
                "must be allowed to read the bucket, by origin access control or a public policy"
            )
        return Finding(f"the public may read {url}", False, fix)
    except (HTTPException, OSError) as error:
        fix = f"{error}; correct {', '.join(_ADDRESS)}"
        return Finding(f"the public may read {url}", False, fix)
    sent = headers.get("Content-Type", "")
    if sent.partition(";")[0] != wanted.partition(";")[0]:
        fix = f"it has {sent!r}: look at FLASKS3_HEADERS, or `flask s3-static push --force`"
        return Finding(f"{url} has the content type {wanted!r}", False, fix)
    return Finding(f"the public may read {url}, as {sent}", True)


def _policy_advice(storage: S3Storage, prefixes: list[str]) -> str:
    try:
        statement = policy_statement(storage.bucket_name, prefixes)
    except ConfigError as error:
        return str(error)
    policy = _json({"Version": "2012-10-17", "Statement": [statement]})
    return f"`flask s3-static push --public-policy` adds this policy:\n{policy}"


def _check_cors(key: str, settings: Settings) -> Finding:
    url = _url(key, settings)
    what = f"pages of other origins may use {url}, such as web fonts"
    cdn = settings.s3.cdn_domain
    try:
        headers = get_headers(url)
    except HTTPError as error:
        error.close()
        if cdn:  # which need not have asked the bucket
            return Finding(what, False, f"not known while {cdn} answers {error.code}")
        headers = error.headers  # CORS is answered even where reading is refused
    except (HTTPException, OSError) as error:
        return Finding(what, False, str(error))
    allowed = headers.get("Access-Control-Allow-Origin")
    command = f"aws s3api put-bucket-cors --bucket {settings.s3.bucket_name} --cors-configuration"
    fix = (
        "`flask s3-static setup` merges this CORS configuration into the bucket's. Without it, "
        f"apply it yourself ({command} file://cors.json), which replaces the bucket's own: if that "
        "has a rule for these origins, as for uploads from the browser, add GET and HEAD to it "
        f"instead, since some servers go by the first that fits:\n{_json(cors_rules())}"
    )
    if cdn:
        fix = (
            f"let {cdn} pass the header Origin on to the bucket and cache by it, or add "
            f"Access-Control-Allow-Origin itself. If it passes it on, {fix}"
        )
    return Finding(what, allowed in ("*", ORIGIN), fix)


def _sample(keys: list[str], *extensions: str) -> str:
    return next((key for key in keys if key.endswith(extensions)), keys[0])


def _url(key: str, settings: Settings) -> str:
    return settings.url(settings.path(key))


def _words(error: Exception, settings: Settings) -> str:
    if isinstance(error, S3SaverError):
        return f"{error} ({name_settings(settings)})"
    return str(error)


def _json(value: object) -> str:
    return json.dumps(value, indent=2)
