"""flask thumbnails setup: from nothing to a bucket that shows thumbnails."""

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from click.testing import Result
from flask import Flask
from image_files import ImageFile
from originals_keeper import Keeper
from thumbnail_place import Place

from flask_thumbnails_s3 import Thumbnail
from s3_saver import PrefixRegistry, S3Storage
from s3_saver.setup import put_policy, read_policy
from s3_saver.testing import S3Server

MakeApp = Callable[..., Flask]


def run(app: Flask, *arguments: str, answer: str | None = None) -> Result:
    runner = app.test_cli_runner()
    return runner.invoke(args=["thumbnails", "setup", *arguments], input=answer)


def numbered(result: Result) -> list[str]:
    """The first line of each step of the plan."""
    lines = result.output.splitlines()
    return [line.partition(". ")[2] for line in lines if line[:1].isdigit()]


def findings(result: Result) -> set[str]:
    return {line[0] for line in result.output.splitlines() if line[:1] in ("✓", "✗")}


def planned(result: Result) -> list[dict[str, Any]]:
    """The statements of the policy that the plan shows."""
    text = result.output.partition("write the bucket's policy\n")[2]
    statements: list[dict[str, Any]] = json.JSONDecoder().raw_decode(text)[0]["Statement"]
    return statements


@pytest.fixture(params=["settings", "store"])
def make_app(request: pytest.FixtureRequest, s3: Place, s3_server: S3Server) -> MakeApp:
    """Makes an app on S3 whose thumbnails are public, by settings alone or with what keeps the
    originals: they are below ``thumbs/``, or ``thumbnails/``.
    """

    def make(**config: Any) -> Flask:
        if request.param == "settings":
            return s3.app(thumbnail=Thumbnail(), **config)
        keeper = Keeper.of("s3", s3.root, s3_server, s3.bucket)
        config = {"THUMBNAIL_S3_PRIVATE": False, "S3_URL_STYLE": "path", **config}
        return keeper.app(**config)

    return make


@pytest.fixture
def bucket(s3: Place, s3_server: S3Server) -> S3Storage:
    """All of the bucket."""
    return s3_server.storage(s3.bucket)


def prefix_of(app: Flask) -> str:
    """What keys of its thumbnails begin with."""
    prefixes = [one.prefix for one in PrefixRegistry.of(app.extensions) if one.storage_type]
    return next(prefix for prefix in prefixes if prefix.startswith("thumb"))


def announce(app: Flask, bucket: S3Storage, folder: str, *, pending: bool = False) -> None:
    """Announce what another extension keeps in a folder of the thumbnails, on purpose."""
    registry = PrefixRegistry.of(app.extensions)
    place = {"bucket_name": bucket.bucket_name, "prefix": f"{prefix_of(app)}{folder}"}
    if pending:
        registry.announce_pending("sibling", storage_type="s3", **place)
    else:
        friends = ["flask_thumbnails_s3"]
        registry.announce("sibling", storage_type="s3", **place, shares_with=friends)


def status(storage: S3Storage, key: str) -> int:
    """What a stranger gets who asks for an object."""
    try:
        with urlopen(f"{storage.endpoint_url}/{storage.bucket_name}/{key}") as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code


def sids(storage: S3Storage) -> list[str]:
    return [one["Sid"] for one in read_policy(storage)["Statement"]]


THEIRS = {"Sid": "Theirs", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}


def write_theirs(bucket: S3Storage) -> None:
    """Write a policy of somebody else's."""
    statement = {**THEIRS, "Resource": f"arn:aws:s3:::{bucket.bucket_name}/shared/*"}
    put_policy(bucket, {"Version": "2012-10-17", "Statement": [statement]})


def test_from_nothing(make_app: MakeApp, bucket: S3Storage) -> None:
    """The plan is printed; after a yes the bucket is made and thumbnails are opened, and nothing
    else; every check holds, and a second time there is nothing to do."""
    app = make_app()
    bucket.client.delete_bucket(Bucket=bucket.bucket_name)
    result = run(app, answer="y\n")
    assert numbered(result) == [
        f"make the bucket '{bucket.bucket_name}' in {bucket.region}",
        "write the bucket's policy",
    ]
    assert "Do this? [y/N]: y" in result.output
    assert (result.exit_code, findings(result)) == (0, {"✓"}), result.output
    prefix = prefix_of(app)
    closed = (f"up/{prefix}a.jpg", "uploads/a.jpg", f"{prefix.rstrip('/')}-of-others/a.jpg")
    for key in (f"{prefix}a.jpg", *closed):
        bucket.save(key, BytesIO(b"x"))
    assert status(bucket, f"{prefix}a.jpg") == 200
    assert [status(bucket, key) for key in closed] == [403] * 3
    again = run(app)
    assert again.output.splitlines()[0] == "nothing to do"
    assert (again.exit_code, findings(again)) == (0, {"✓"})


@pytest.mark.parametrize(
    ("arguments", "answer", "exit_code"),
    [([], "n\n", 1), ([], "", 1), (["--dry-run"], None, 0)],
)
def test_without_a_yes_nothing_is_done(
    make_app: MakeApp, bucket: S3Storage, arguments: list[str], answer: str | None, exit_code: int
) -> None:
    """A no, no answer and a dry run leave everything as it is, and check nothing."""
    app = make_app()
    result = run(app, *arguments, answer=answer)
    assert (result.exit_code, findings(result)) == (exit_code, set())
    assert numbered(result) == ["write the bucket's policy"]
    assert read_policy(bucket)["Statement"] == []


def test_what_becomes_private_is_closed(make_app: MakeApp, bucket: S3Storage) -> None:
    """For private thumbnails no policy is written; an earlier setup's statement goes, those of
    others stay."""
    write_theirs(bucket)
    private = make_app(THUMBNAIL_S3_PRIVATE=True)
    assert run(private).output.splitlines()[0] == "nothing to do"
    assert run(make_app(), "--yes").exit_code == 0
    assert len(sids(bucket)) == 2
    result = run(private, "--yes")
    assert (result.exit_code, findings(result)) == (0, {"✓"}), result.output
    assert sids(bucket) == ["Theirs"]


def test_the_shared_setting(make_app: MakeApp) -> None:
    """S3_PRIVATE, which all packages share, opens thumbnails as well as their own setting."""
    settings: dict[str, Any] = {"THUMBNAIL_S3_PRIVATE": None, "S3_PRIVATE": False}
    assert numbered(run(make_app(**settings), "--dry-run")) == ["write the bucket's policy"]


@pytest.mark.parametrize(
    "config", [{"S3_CDN_DOMAIN": "cdn.example.com"}, {"S3_ACL": "public-read"}], ids="".join
)
def test_no_policy_is_needed(make_app: MakeApp, config: dict[str, Any]) -> None:
    """Where a CDN or ACLs open thumbnails, none is written."""
    assert run(make_app(**config), "--dry-run").output == "nothing to do\n"


def test_the_switch_against_public_access(make_app: MakeApp, bucket: S3Storage) -> None:
    """It is loosened for the policy, or for public ACLs, and no further."""
    closed: Any = dict.fromkeys(("BlockPublicAcls", "BlockPublicPolicy"), True)
    try:
        bucket.client.put_public_access_block(
            Bucket=bucket.bucket_name, PublicAccessBlockConfiguration=closed
        )
    except bucket.client.exceptions.ClientError as error:
        pytest.skip(f"this store has no such switch: {error}")
    for config, acls, policy in (
        ({}, "true", "false"),
        ({"S3_ACL": "public-read"}, "false", "true"),
    ):
        output = run(make_app(**config), "--dry-run").output
        assert f'"BlockPublicAcls": {acls}' in output
        assert f'"BlockPublicPolicy": {policy}' in output


def test_pending_places_of_siblings(make_app: MakeApp, bucket: S3Storage) -> None:
    """What another extension keeps pending among the thumbnails is denied to strangers."""
    app = make_app()
    announce(app, bucket, "pending", pending=True)
    arn = f"arn:aws:s3:::{bucket.bucket_name}/{prefix_of(app)}"
    allow, *deny = planned(run(app, "--dry-run"))
    assert (allow["Effect"], allow["Resource"]) == ("Allow", [f"{arn}*"])
    assert deny
    for one in deny:
        assert (one["Effect"], one["Resource"]) == ("Deny", [f"{arn}pending/*"])
        assert one["Condition"]


@pytest.mark.servers
def test_pending_places_stay_closed(make_app: MakeApp, bucket: S3Storage) -> None:
    """On a store that obeys policies strangers then read thumbnails and nothing pending, and the
    app reads both."""
    app = make_app()
    announce(app, bucket, "pending", pending=True)
    result = run(app, "--yes")
    assert (result.exit_code, findings(result)) == (0, {"✓"}), result.output
    for key in ("a.jpg", "pending/b.jpg"):
        bucket.save(prefix_of(app) + key, BytesIO(b"x"))
        bucket.open(prefix_of(app) + key).close()
    assert status(bucket, f"{prefix_of(app)}a.jpg") == 200
    assert status(bucket, f"{prefix_of(app)}pending/b.jpg") == 403
    assert run(app).output.splitlines()[0] == "nothing to do"


@pytest.mark.parametrize("folder", ["", "staff"])
def test_files_of_others_are_not_opened(make_app: MakeApp, bucket: S3Storage, folder: str) -> None:
    """What another extension keeps in the same place, or inside, is not made public."""
    app = make_app()
    announce(app, bucket, folder)
    result = run(app, "--yes")
    assert result.exit_code == 1
    assert "must be a folder of its own where files are public, got 'thumb" in result.output
    assert f"{prefix_of(app)}{folder}".rstrip("/") + "/ (of sibling)" in result.output
    assert read_policy(bucket)["Statement"] == []


def test_a_prefix_of_settings_that_is_a_pattern(s3: Place) -> None:
    """A folder that a policy would take for a pattern is refused by the name of its setting."""
    app = s3.app(thumbnail=Thumbnail(), MEDIA_THUMBNAIL_FOLDER=f"{s3.root}/th*mbs")
    result = run(app, "--yes")
    assert result.exit_code == 1
    assert "Error: MEDIA_THUMBNAIL_FOLDER, less THUMBNAIL_S3_STATIC_ROOT_P" in result.output
    assert "without '*', '?' and '$' where files are public, got 'th*mbs'" in result.output


def test_a_prefix_of_originals_that_is_a_pattern(s3: Place, s3_server: S3Server) -> None:
    """So is a prefix that is made of that of the originals."""
    keeper = Keeper.of("s3", s3.root, s3_server, s3.bucket, prefix="c*t", store="cats")
    result = run(keeper.app(THUMBNAIL_S3_PRIVATE=False), "--yes")
    assert result.exit_code == 1
    assert "next to that of the originals (CATS_S3_PREFIX), must be" in result.output
    assert "got 'c*t-thumbnails'" in result.output


def test_the_whole_bucket_is_not_opened(s3: Place, bucket: S3Storage) -> None:
    """Nor is a bucket opened as a whole, where code puts thumbnails without a prefix."""
    app = s3.app(thumbnail=Thumbnail(storage_for=lambda folder, name: bucket))
    result = run(app, "--yes")
    assert result.exit_code == 1
    assert "got '': a policy would let everybody read the whole bucket" in result.output
    assert read_policy(bucket)["Statement"] == []


def test_originals_in_the_whole_bucket(s3: Place, s3_server: S3Server) -> None:
    """Of a bucket whose originals have no prefix, the folder of thumbnails alone is opened."""
    keeper = Keeper.of("s3", s3.root, s3_server, s3.bucket, prefix="")
    (allow,) = planned(run(keeper.app(THUMBNAIL_S3_PRIVATE=False), "--dry-run"))
    assert allow["Resource"] == [f"arn:aws:s3:::{s3.bucket}/.thumbnails/*"]


def test_several_stores(s3: Place, s3_server: S3Server, bucket: S3Storage) -> None:
    """Each store's thumbnails have a statement of their own, or none; --store names one store."""
    first, second = (
        Keeper.of("s3", s3.root, s3_server, s3.bucket, prefix=prefix, store=store)
        for prefix, store in (("uploads", ""), ("invoices", "invoices"))
    )
    public: dict[str, Any] = {
        "S3_URL_STYLE": "path",
        "UPLOADS_PRIVATE": False,
        "INVOICES_PRIVATE": False,
    }
    app = first.app(second, **public)
    result = run(app, "--store", "invoices", "--yes")
    assert (result.exit_code, findings(result)) == (0, {"✓"}), result.output
    assert not result.output.startswith("store")
    assert [one["Resource"] for one in read_policy(bucket)["Statement"]] in (
        [[f"arn:aws:s3:::{s3.bucket}/invoices-thumbnails/*"]],
        [f"arn:aws:s3:::{s3.bucket}/invoices-thumbnails/*"],
    )
    result = run(app, "--yes")
    assert (result.exit_code, findings(result)) == (0, {"✓"}), result.output
    shown = [line for line in result.output.splitlines() if line.startswith(("store", "nothing"))]
    assert shown == ["store '':", "store 'invoices':", "nothing to do"]
    assert len(sids(bucket)) == 2
    assert run(first.app(second, **public | {"UPLOADS_PRIVATE": True}), "--yes").exit_code == 0
    assert len(sids(bucket)) == 1
    result = run(app, "--store", "nope")
    assert result.exit_code == 1
    assert "stores '', 'invoices', and not of 'nope'" in result.output


def test_on_disk_there_is_only_the_check(disk: Place, image_file: ImageFile) -> None:
    """An app that keeps thumbnails on disk needs no setup, and is checked."""
    disk.save("a.jpg", image_file())
    result = run(disk.app(thumbnail=Thumbnail()), "--yes")
    assert "nothing" not in result.output
    assert (result.exit_code, numbered(result), findings(result)) == (0, [], {"✓"})


def test_the_readme_names_the_permissions(make_app: MakeApp, bucket: S3Storage) -> None:
    """Every configuration that it reads or writes has its permission in the README."""
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    bucket.client.delete_bucket(Bucket=bucket.bucket_name)
    called = set()

    def note(model: Any, **_: Any) -> None:
        called.add(model.name)

    app = make_app()
    storages = [one.files.thumbnails(bucket.bucket_name) for one in stores_of(app)]
    (storage,) = [one for one in storages if isinstance(one, S3Storage)]
    events: Any = storage.client.meta.events
    events.register("before-call.s3", note, unique_id="note")
    try:
        assert run(app, "--yes").exit_code == 0
        assert run(app, "--yes").exit_code == 0  # it reads further where the bucket is there
        assert run(make_app(THUMBNAIL_S3_PRIVATE=True), "--yes").exit_code == 0
    finally:
        events.unregister("before-call.s3", unique_id="note")
    own = {name for name in called if "Bucket" in name or "PublicAccess" in name}
    assert own >= {"CreateBucket", "PutBucketPolicy", "GetPublicAccessBlock"}
    permissions = {name.replace("PublicAccess", "BucketPublicAccess") for name in own}
    assert not [name for name in permissions if f"`s3:{name}`" not in readme]


def stores_of(app: Flask) -> list[Any]:
    return list(app.extensions["flask_thumbnails_s3"].stores.values())
