"""The commands: check, prune-pending, migrate."""

import io
import json
import os
import re
import time
from datetime import timedelta
from typing import Any

import pytest
from click.testing import Result
from sent_files import PART, big, picture, posted
from upload_site import MakeSite, Site
from web import fetch

from flask_s3_upload import StoredFile
from flask_s3_upload.commands._pending import delete_pending, find_pending
from s3_saver import LocalStorage, S3Storage
from s3_saver.testing import S3Server


def run(site: Site, *arguments: str) -> Result:
    return site.app.test_cli_runner().invoke(args=["uploads", *arguments])


def documents(output: str) -> list[Any]:
    """The JSON documents in what a command printed."""
    decoder, found, at = json.JSONDecoder(), [], output.find("{")
    while at >= 0:
        document, end = decoder.raw_decode(output, at)
        found.append(document)
        at = output.find("{", end)
    return found


def test_check_on_disk(make_local: MakeSite) -> None:
    """On disk the folder is tried, and nothing of that stays."""
    site = make_local()
    result = run(site, "check")
    assert result.exit_code == 0, result.output
    assert "✓ write to" in result.output
    assert site.names() == []


def test_check_on_disk_where_nothing_can_be_written(make_local: MakeSite, tmp_path: Any) -> None:
    """A folder that cannot be written to is a failure."""
    (tmp_path / "files").write_text("no folder")
    result = run(make_local(), "check")
    assert result.exit_code == 1
    assert "✗ write to" in result.output


def test_check_names_what_is_missing(make_s3: MakeSite) -> None:
    """A bucket whose CORS is for another site fails the check, in words that say what browsers will
    do; the permissions are all there by name."""
    site = make_s3(UPLOADS_PRIVATE=True)
    assert isinstance(site.storage, S3Storage)
    rules: Any = {"AllowedOrigins": ["https://other.example"], "AllowedMethods": ["PUT", "POST"]}
    site.storage.client.put_bucket_cors(
        Bucket=site.storage.bucket_name, CORSConfiguration={"CORSRules": [rules]}
    )
    result = run(site, "check", "--origin", "https://example.com")
    assert result.exit_code == 1
    for name in ("PutObject", "GetObject", "ListBucket", "DeleteObject", "AbortMultipartUpload"):
        assert f"✓ s3:{name}" in result.output
    assert "✗ CORS" in result.output
    assert "does not let pages of https://example.com send a" in result.output
    assert site.names() == []


def test_the_printed_configurations_are_what_is_missing(make_s3: MakeSite) -> None:
    """Set on the bucket as printed, the CORS and lifecycle JSON are taken, and the check passes."""
    site = make_s3(
        UPLOADS_DOMAIN="https://example.com", UPLOADS_S3_PREFIX="some/folder", UPLOADS_PRIVATE=True
    )
    assert isinstance(site.storage, S3Storage)
    cors, lifecycle = documents(run(site, "check").output)
    client, bucket = site.storage.client, site.storage.bucket_name
    client.put_bucket_cors(Bucket=bucket, CORSConfiguration=cors)
    client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration=lifecycle)
    result = run(site, "check")
    assert result.exit_code == 0, result.output
    assert lifecycle["Rules"][0]["Filter"] == {"Prefix": "some/folder/pending/"}


@pytest.mark.servers
def test_the_printed_cors_lets_browsers_upload(make_s3: MakeSite) -> None:
    """The bucket answers a browser's preflight from the allowed origin, and from no other."""
    site = make_s3(UPLOADS_S3_DIRECT_METHOD="PUT")
    assert isinstance(site.storage, S3Storage)
    cors = documents(run(site, "check", "--origin", "https://example.com").output)[0]
    site.storage.client.put_bucket_cors(Bucket=site.storage.bucket_name, CORSConfiguration=cors)
    url = site.sign(picture())["url"]
    asked = {
        "Access-Control-Request-Method": "PUT",
        "Access-Control-Request-Headers": "content-type",
    }
    good = fetch(url, "OPTIONS", headers={"Origin": "https://example.com", **asked})
    assert good.status == 200
    assert good.headers["Access-Control-Allow-Origin"] == "https://example.com"
    bad = fetch(url, "OPTIONS", headers={"Origin": "https://evil.example", **asked})
    assert bad.headers["Access-Control-Allow-Origin"] is None


CORS = {
    "any": ({}, True),
    "its own": ({"AllowedOrigins": ["https://www.example.com"]}, True),
    "any page of the host": ({"AllowedOrigins": ["https://*.example.com"]}, True),
    "any scheme": ({"AllowedOrigins": ["*://www.example.com"]}, True),
    "the host alone": ({"AllowedOrigins": ["https://*.www.example.com"]}, False),
    "another": ({"AllowedOrigins": ["https://example.com", "http://www.example.com"]}, False),
    "another end": ({"AllowedOrigins": ["https://www.*.org"]}, False),
    "another method": ({"AllowedMethods": ["POST", "GET"]}, False),
    "a header's pattern": ({"AllowedHeaders": ["x-amz-*", "CONTENT-*"]}, True),
    "another header": ({"AllowedHeaders": ["x-amz-*"]}, False),
    "no header": ({"AllowedHeaders": []}, False),
}


@pytest.mark.servers
@pytest.mark.parametrize(("rule", "allowed"), CORS.values(), ids=CORS)
def test_cors_is_asked_as_browsers_ask(
    make_s3: MakeSite, rule: dict[str, list[str]], allowed: bool
) -> None:
    """What the store answers to a preflight decides, whatever wildcards its rules have."""
    site = make_s3(UPLOADS_S3_DIRECT_METHOD="PUT", UPLOADS_PRIVATE=True)
    assert isinstance(site.storage, S3Storage)
    rules: Any = {
        "AllowedOrigins": ["*"],
        "AllowedMethods": ["PUT"],
        "AllowedHeaders": ["*"],
        **rule,
    }
    client, bucket = site.storage.client, site.storage.bucket_name
    client.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": [rules]})
    result = run(site, "check", "--origin", "https://www.example.com/")
    assert ("✓ CORS" in result.output) == allowed, result.output
    assert (result.exit_code == 0) == allowed


def test_forms_need_no_header(make_s3: MakeSite) -> None:
    """For POST, and for parts, browsers ask for no header: rules without any are enough."""
    site = make_s3(UPLOADS_PRIVATE=True)
    assert isinstance(site.storage, S3Storage)
    rules: Any = {"AllowedOrigins": ["https://*"], "AllowedMethods": ["POST", "PUT"]}
    site.storage.client.put_bucket_cors(
        Bucket=site.storage.bucket_name, CORSConfiguration={"CORSRules": [rules]}
    )
    assert run(site, "check", "--origin", "https://example.com").exit_code == 0


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://Example.com/path/", "https://example.com"),
        ("https://example.com:443", "https://example.com"),
        ("http://localhost:5000", "http://localhost:5000"),
        ("example.com", None),
        ("*", None),
    ],
)
def test_origins(make_s3: MakeSite, given: str, origin: str | None) -> None:
    """A page's URL is taken for its origin, as browsers send that; what has none is refused."""
    result = run(make_s3(), "check", "--origin", given)
    if origin:
        assert documents(result.output)[0]["CORSRules"][0]["AllowedOrigins"] == [origin]
    else:
        assert (result.exit_code, f"{given!r} is no origin" in result.output) == (2, True)


def test_check_without_a_bucket(make_s3: MakeSite) -> None:
    """A bucket that isn't there is the only thing that is reported."""
    site = make_s3(UPLOADS_S3_BUCKET_NAME="no-such-bucket-here")
    result = run(site, "check", "--origin", "https://example.com")
    assert result.exit_code == 1
    assert "✗ bucket no-such-bucket-here" in result.output
    assert "there is no bucket 'no-such-bucket-here': create it" in result.output
    assert "PutObject" not in result.output


@pytest.mark.servers
def test_check_with_a_wrong_secret(make_s3: MakeSite) -> None:
    """Where the keys are wrong the check says so, and not that a permission is missing."""
    site = make_s3(UPLOADS_S3_ACCESS_KEY_SECRET="wrong")
    result = run(site, "check", "--origin", "https://example.com")
    assert "SignatureDoesNotMatch" in result.output
    assert "PutObject" not in result.output


def test_check_asks_for_the_origin(make_s3: MakeSite) -> None:
    """CORS is for pages of some host: if no setting names it, the check asks which, and tries all
    else; setup, which writes it, does nothing.
    """
    output = run(make_s3(), "check").output
    assert "✓ s3:PutObject" in output
    assert "- CORS was not checked: pass --origin https://www.example.com, or set" in output
    assert "put-bucket-cors" not in output
    assert "put-bucket-lifecycle-configuration" in output
    result = run(make_s3(), "setup")
    assert (result.exit_code, "pass --origin" in result.output) == (2, True)


def _pending(site: Site) -> str:
    """Uploads of each kind: unclaimed, claimed, in parts; gives the claimed one's name."""
    site.upload(picture())
    name = site.claim(site.upload(picture())).name
    _begin_parts(site)
    return name


def _begin_parts(site: Site) -> str:
    token: str = site.sign(big(), parts=True)["token"]
    site.send(site.ask("part", token=token, part=2), big()[PART:])
    return token


@pytest.mark.servers
def test_prune_pending_leaves_young_parts(site: Site) -> None:
    """An upload in parts that is under way can go on."""
    token = _begin_parts(site)
    site.send(site.ask("part", token=token, part=1), big()[:PART])
    assert run(site, "prune-pending", "--older-than", "1h", "--yes").output == "0 deleted\n"
    site.ask("complete", token=token)
    assert site.claim(token).size == len(big())


def test_parts_that_end_while_they_are_pruned(make_s3: MakeSite) -> None:
    """An upload in parts that is cancelled after it was listed stops nobody."""
    site = make_s3()
    tokens = [site.sign(big(), parts=True)["token"] for _ in range(2)]
    zero = timedelta()
    found = find_pending(site.storage, zero, keep_marks=zero)
    for token in tokens:
        site.ask("cancel", token=token)
    assert len(set(delete_pending(site.storage, found, zero))) == 2


def test_prune_pending_leaves_the_young(site: Site) -> None:
    """What is younger than the given age stays."""
    site.upload(picture())
    site.claim(site.upload(picture()))
    before = site.names()
    assert run(site, "prune-pending", "--older-than", "1h", "--yes").output == "0 deleted\n"
    assert site.names() == before


def test_prune_pending(site: Site) -> None:
    """What nobody claimed goes, parts of unfinished uploads too; stored files stay, and so do the
    marks of tokens that still hold."""
    stored = _pending(site)
    dry = run(site, "prune-pending", "--older-than", "0s", "--dry-run")
    assert dry.output.count("would delete pending/") == 2
    assert dry.output.endswith("2 to delete\n")
    wet = run(site, "prune-pending", "--older-than", "0s", "--yes")
    assert wet.output.count("deleted pending/") == 2
    marks = [name for name in site.names() if name.endswith(".claimed")]
    assert sorted(site.names()) == sorted([stored, *marks])
    assert len(marks) == 1
    assert run(site, "prune-pending", "--older-than", "0s").output == "0 deleted\n"


def test_prune_pending_of_odd_keys(make_s3: MakeSite, s3_server: S3Server) -> None:
    """An object whose key no upload has goes like the others, and stops none."""
    site = make_s3()
    storage = site.storage
    assert isinstance(storage, S3Storage)
    for name in ("pending/a//b", "pending/./c", "pending/d"):
        key = f"{storage.prefix}{name}"
        s3_server.client.put_object(Bucket=storage.bucket_name, Key=key, Body=b"x")
    output = run(site, "prune-pending", "--older-than", "0s", "--yes").output
    assert output.endswith("3 deleted\n")
    assert site.names() == []


def test_marks_go_with_their_tokens(site: Site) -> None:
    """When no token holds any more, marks are pruned as well."""
    stored = _pending(site)
    zero = timedelta()
    found = find_pending(site.storage, zero, keep_marks=zero)
    assert len(list(delete_pending(site.storage, found, zero))) == 3
    assert site.names() == [stored]


@pytest.mark.parametrize(
    ("age", "seconds"),
    [("0", 0), ("0s", 0), ("30m", 1800), ("24h", 86400), ("7d", 7 * 86400), ("4w", 28 * 86400)],
)
def test_ages(make_local: MakeSite, age: str, seconds: int) -> None:
    """An age is 0, or a number of seconds, minutes, hours, days or weeks."""
    site = make_local()
    site.upload(picture())
    (name,) = site.names("pending/")
    assert isinstance(site.storage, LocalStorage)
    result = run(site, "prune-pending", "--older-than", "99999999w")
    assert result.output == "0 deleted\n"
    for older, count in [(-30, 0), (30, 1)]:
        then = time.time() - seconds - older
        os.utime(site.storage.path(name), (then, then))
        result = run(site, "prune-pending", "--older-than", age, "--dry-run")
        assert result.output.endswith(f"{count} to delete\n"), result.output


@pytest.mark.parametrize("age", ["24", "h", "-1h", "1.5h", "1y", "1 h", "٣h", "", "9" * 30 + "d"])
def test_an_age_is_a_number_and_a_unit(make_local: MakeSite, age: str) -> None:
    """Another age is a usage error that shows how to write it."""
    result = run(make_local(), "prune-pending", f"--older-than={age}")
    assert result.exit_code == 2
    assert f"{age!r} is not an age such as 30m, 24h, 7d or 4w" in result.output


class Picture:
    """A row of a table."""

    def __init__(self, file: Any) -> None:
        self.file = file


class Commits(list[Any]):
    """What was committed, until Ctrl-C after some."""

    most = 100

    def add(self, row: Any) -> None:
        if len(self) >= self.most:
            raise KeyboardInterrupt
        self.append(row)


Album = tuple[Site, list[Picture], Commits]


@pytest.fixture(params=["", "some/folder"], ids=["no prefix", "prefix"])
def album(request: pytest.FixtureRequest, make_s3: MakeSite) -> Album:
    """A site on S3, with pictures that are still on disk, and a list of commits."""
    site = make_s3(UPLOADS_USE_S3=False, UPLOADS_S3_PREFIX=request.param)
    with site.app.app_context():
        rows = [
            Picture(site.uploads.save(posted(picture(), f"{n}.png"), to="a/").to_dict())
            for n in range(3)
        ]
        rows.append(Picture(site.uploads.save(posted(b"<p>", "page.html"))))
        rows.append(Picture(None))
    commits = Commits()
    site.uploads.register_model("pictures", lambda: rows, "file", commit=commits.add)
    return site, rows, commits


def test_migrate_there_and_back(album: Album) -> None:
    """All files of a model move to S3, and back: rows are committed and read on, originals are
    gone; what a row held, a dict or a StoredFile, it holds again."""
    site, rows, commits = album
    folder = site.app.config["UPLOADS_FOLDER"]
    result = run(site, "migrate", "--to", "s3")
    assert (result.exit_code, "4 moved to s3, 0 failed" in result.output) == (0, True)
    assert commits == rows[:4]
    assert [row.file["storage_type"] for row in rows[:3]] == ["s3"] * 3
    assert isinstance(rows[3].file, StoredFile)
    assert [name for _, _, names in os.walk(folder) for name in names] == []
    with site.app.app_context():
        with StoredFile.from_dict(rows[0].file).bind(site.uploads.storages).open() as file:
            assert file.read() == picture()
        page: Any = rows[3].file
        bucket: Any = site.app.extensions["flask_s3_upload"][""].storages.find(
            "s3", site.app.config["UPLOADS_S3_BUCKET_NAME"]
        )
        head = bucket.client.head_object(Bucket=bucket.bucket_name, Key=bucket.key(page.name))
        assert head["ContentDisposition"] == "attachment"

    result = run(site, "migrate", "--to", "local")
    assert "4 moved to local, 0 failed" in result.output
    assert site.read("a/0.png") == picture()
    assert rows[0].file["storage_type"] == ""
    with site.app.app_context():
        assert list(bucket.find()) == []


def test_migrate_goes_on_after_a_stop(album: Album) -> None:
    """Broken off in the middle, nothing is lost; run again, only the rest is moved."""
    site, rows, commits = album
    commits.most = 2
    result = run(site, "migrate", "--to", "s3")
    assert result.exit_code != 0
    with site.app.app_context():
        for row in rows[:3]:
            with StoredFile.from_dict(row.file).bind(site.uploads.storages).open() as file:
                assert file.read() == picture()
    commits.most = 100
    result = run(site, "migrate", "--to", "s3")
    assert result.exit_code == 0, result.output
    assert {row.file["storage_type"] for row in rows[:3]} == {"s3"}
    assert "0 moved to s3, 0 failed" in run(site, "migrate", "--to", "s3").output


def test_migrate_a_file_that_rows_share(album: Album) -> None:
    """A file of two rows moves once and stays for both."""
    site, rows, _ = album
    rows.append(Picture(dict(rows[0].file)))
    assert "5 moved to s3, 0 failed" in run(site, "migrate", "--to", "s3").output
    assert rows[-1].file == rows[0].file


def test_migrate_tells_what_failed(album: Album) -> None:
    """A file that cannot be moved is reported and stays, for whatever row; the others move, and
    their originals are deleted."""
    site, rows, _ = album
    with site.app.app_context():
        bucket: Any = site.app.extensions["flask_s3_upload"][""].storages.find(
            "s3", site.app.config["UPLOADS_S3_BUCKET_NAME"]
        )
        bucket.save("a/0.png", io.BytesIO(b"another"))
    result = run(site, "migrate", "--to", "s3")
    assert result.exit_code == 1
    assert "3 moved to s3, 1 failed" in result.output
    assert "a/0.png" in result.output
    assert site.names() == ["a/0.png"]
    assert rows[0].file["storage_type"] == ""
    bucket.delete("a/0.png")
    result = run(site, "migrate", "--to", "s3")
    assert "1 moved to s3, 0 failed" in result.output
    assert site.names() == []


def test_migrate_a_missing_file(album: Album) -> None:
    """A file that is missing is reported, and the rest moves."""
    site, rows, _ = album
    site.storage.delete(rows[0].file["name"])
    result = run(site, "migrate", "--to", "s3")
    assert (result.exit_code, "3 moved to s3, 1 failed" in result.output) == (1, True)
    assert "a/0.png" in result.output


@pytest.mark.parametrize("target", ["s3", "local"])
def test_migrate_lists_what_an_earlier_run_left(album: Album, target: str) -> None:
    """Originals of rows that a killed run had moved are listed by the next, and deleted if asked
    for; a file of the same name with other bytes is none of them, and stays."""
    site, rows, _ = album
    with site.app.app_context():
        storages = site.app.extensions["flask_s3_upload"][""].storages
        bucket_name = site.app.config["UPLOADS_S3_BUCKET_NAME"]
        old: Any = storages.find(*(("", "") if target == "s3" else ("s3", bucket_name)))
    if target == "local":
        run(site, "migrate", "--to", "s3")
    run(site, "migrate", "--to", target)
    old.save("a/0.png", io.BytesIO(picture()))  # as if that run had not come to its end
    old.save("a/1.png", io.BytesIO(b"another"))
    again = run(site, "migrate", "--to", target)
    assert again.exit_code == 0
    assert re.findall("left over by an earlier run: (.*) on", again.output) == ["a/0.png"]
    assert "--delete-left-over" in again.output
    assert [info.name for info in old.find()] == ["a/0.png", "a/1.png"]
    result = run(site, "migrate", "--to", target, "--delete-left-over")
    assert re.findall("deleted: (.*) on", result.output) == ["a/0.png"]
    assert [info.name for info in old.find()] == ["a/1.png"]
    with site.app.app_context():
        for row in rows[:3]:
            with StoredFile.from_dict(row.file).bind(site.uploads.storages).open() as file:
                assert file.read() == picture()


def test_migrate_without_models(make_s3: MakeSite, make_local: MakeSite) -> None:
    """Without registered models, or without a bucket, the command says what to do."""
    result = run(make_s3(), "migrate", "--to", "s3")
    assert result.exit_code == 1
    assert "register_model" in result.output
    site = make_local()
    site.uploads.register_model("pictures", list, "file", commit=print)
    result = run(site, "migrate", "--to", "s3")
    assert result.exit_code == 1
    assert "S3_BUCKET_NAME is missing" in result.output
