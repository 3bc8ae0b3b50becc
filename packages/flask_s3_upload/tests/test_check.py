"""What a bucket must allow, and how `flask uploads check` reports what it does not."""

import json
import re
import shlex
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from sent_files import PART, big, picture, posted
from test_cli import documents, run
from upload_site import MakeSite, Site

from flask_s3_upload.commands._bucket_check import is_minio, lifecycle
from s3_saver import S3Storage

README = (Path(__file__).parents[1] / "README.md").read_text()
POLICY = next(
    policy
    for policy in map(json.loads, re.findall(r"(?ms)^```json\n(.*?)^```", README))
    if "Statement" in policy
)
ON_BUCKET, ON_OBJECTS = (statement["Action"] for statement in POLICY["Statement"])

#: What one may think is needed, besides what README lists: all is in Ceph's vocabulary.
NOT_ON_BUCKET = [
    "GetBucketAcl",
    "GetBucketLocation",
    "GetBucketLogging",
    "GetBucketPolicy",
    "GetBucketTagging",
    "GetBucketVersioning",
    "GetLifecycleConfiguration",
    "ListBucketVersions",
    "PutBucketAcl",
    "PutBucketCORS",
    "PutBucketTagging",
    "PutBucketVersioning",
    "PutLifecycleConfiguration",
]
NOT_ON_OBJECTS = [
    "DeleteObjectTagging",
    "DeleteObjectVersion",
    "GetObjectAcl",
    "GetObjectTagging",
    "GetObjectVersion",
    "PutObjectAcl",
    "PutObjectTagging",
    "PutObjectVersionAcl",
    "RestoreObject",
]

Deny = Callable[..., None]


@pytest.fixture
def site(make_s3: MakeSite) -> Site:
    return make_s3(
        UPLOADS_S3_PREFIX="media", UPLOADS_PRIVATE=True, UPLOADS_DOMAIN="https://example.com"
    )


@pytest.fixture
def deny(site: Site) -> Iterator[Deny]:
    """Forbids actions in the bucket, from now to the end of the test."""
    assert isinstance(site.storage, S3Storage)
    client, bucket = site.storage.client, site.storage.bucket_name

    def deny(*actions: str, below: str = "") -> None:
        policy = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": list(actions),
                    "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/{below}*"],
                }
            ],
        }
        client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))

    yield deny
    client.delete_bucket_policy(Bucket=bucket)
    # What could not be deleted, and is not listed.
    site.storage.derive(prefix="").prune(older_than=timedelta())


@pytest.mark.servers
@pytest.mark.parametrize("action", [*ON_BUCKET, *ON_OBJECTS])
def test_a_missing_permission_is_told_by_name(site: Site, deny: Deny, action: str) -> None:
    """Each permission of README's policy is needed, and the check names the one that is missing."""
    deny(action)
    result = run(site, "check")
    assert result.exit_code == 1
    failed = re.findall(r"✗ .*\n.*", result.output)
    assert any(action in line for line in failed), result.output


@pytest.mark.servers
@pytest.mark.parametrize("action", ["s3:ListBucketMultipartUploads", "s3:AbortMultipartUpload"])
def test_pruning_tells_what_it_may_not(site: Site, deny: Deny, action: str) -> None:
    """Where unfinished uploads must stay, the command fails and names the permission."""
    site.sign(big(), parts=True)
    deny(action)
    result = run(site, "prune-pending", "--older-than", "0s", "--yes")
    assert result.exit_code == 1
    assert f"allow {action}" in result.output


@pytest.mark.servers
def test_the_readme_s_permissions_are_enough(site: Site, deny: Deny) -> None:
    """With what README's policy allows and nothing else of the bucket, all goes: saving, reading,
    sending whole and in parts, claiming, cancelling, pruning, checking, deleting."""
    deny(*(f"s3:{name}" for name in [*NOT_ON_BUCKET, *NOT_ON_OBJECTS]))
    with site.app.app_context():
        stored = site.uploads.save(posted(picture(), "a.png"))
        with stored.open() as file:
            assert file.read() == picture()
        assert stored.exists()
        stored.delete()
    assert site.claim(site.upload(picture()), "a/").name == "a/cat.png"
    answer = site.sign(big(), parts=True)
    for part, data in [(1, big()[:PART]), (2, big()[PART:])]:
        site.send(site.ask("part", token=answer["token"], part=part), data)
    assert len(site.ask("parts", token=answer["token"])) == 2
    site.ask("complete", token=answer["token"])
    assert site.claim(answer["token"], "b/").name == "b/cat.png"
    site.ask("cancel", token=site.sign(big(), parts=True)["token"])
    site.upload(picture())
    site.sign(big(), parts=True)
    assert run(site, "prune-pending", "--older-than", "0s", "--yes").output.endswith("2 deleted\n")
    failed = re.findall("✗ .*", run(site, "check").output)
    assert failed == ["✗ CORS for https://example.com"]  # which nobody has set


@pytest.mark.servers
def test_nothing_outside_the_prefix_is_touched(site: Site, deny: Deny) -> None:
    """Objects outside UPLOADS_S3_PREFIX may be forbidden: nothing asks for them."""
    deny(*ON_OBJECTS, below="pending/")
    site.upload(picture())
    assert site.claim(site.upload(picture())).name == "cat.png"
    assert run(site, "prune-pending", "--older-than", "0s", "--yes").output.endswith("1 deleted\n")


def test_the_lifecycle_shown_is_the_one_printed(site: Site) -> None:
    """README's lifecycle configuration is what the check prints."""
    shown: list[Any] = [
        json.loads(block) for block in re.findall(r"(?ms)^```json\n(.*?)^```", README)
    ]
    assert documents(run(site, "check").output)[-1] in shown


@pytest.mark.parametrize(("hours", "days"), [(1, 2), (24, 2), (25, 3), (7 * 24, 8)])
def test_the_lifecycle_rule_outlasts_the_tokens(hours: int, days: int) -> None:
    """What a token can still claim, and the mark of one that was used, is not expired by S3."""
    (rule,) = lifecycle("", hours * 3600)["Rules"]
    assert rule["Expiration"]["Days"] == days
    assert rule["AbortIncompleteMultipartUpload"]["DaysAfterInitiation"] == days


@pytest.mark.parametrize(("server", "found"), [("MinIO", True), ("AmazonS3", False)])
def test_minio_gets_rules_that_it_takes(server: str, found: bool) -> None:
    """It says its name, and has no rule for uploads in parts that were never completed."""

    class Store(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.end_headers()

        def version_string(self) -> str:
            return server

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Store) as store:
        thread = threading.Thread(target=store.handle_request)
        thread.start()
        storage = S3Storage(
            "media",
            endpoint_url=f"http://127.0.0.1:{store.server_port}",
            access_key_id="key",
            access_key_secret="secret",
        )
        assert is_minio(storage) is found
        thread.join()
    (rule,) = lifecycle("uploads/", 3600, with_parts=not found)["Rules"]
    assert ("AbortIncompleteMultipartUpload" in rule) is not found
    assert rule["Filter"] == {"Prefix": "uploads/pending/"}


@pytest.mark.servers
@pytest.mark.parametrize("private", [True, False])
def test_urls_are_fetched_as_a_stranger(make_s3: MakeSite, private: bool) -> None:
    """The check fails where private files answer everybody, where public ones answer nobody, and
    where a policy opens what is pending."""
    site = make_s3(UPLOADS_PRIVATE=private, UPLOADS_DOMAIN="https://example.com")
    assert isinstance(site.storage, S3Storage)
    client, bucket = site.storage.client, site.storage.bucket_name
    closed = run(site, "check").output
    assert ("✗ public files answer" in closed) == (not private)
    assert "✓ pending uploads are closed to strangers" in closed
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{bucket}/*",
            }
        ],
    }
    client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    result = run(site, "check").output
    assert ("✗ private files are closed" in result) == private
    assert ("✓ public files answer" in result) == (not private)
    assert "✗ pending uploads are closed to strangers" in result
    assert site.names() == []


@pytest.mark.servers
def test_the_check_tries_unsigned_headers(make_s3: MakeSite) -> None:
    """What a store does with headers that nobody signed is one of the things that are tried."""
    site = make_s3(UPLOADS_DOMAIN="https://example.com", UPLOADS_S3_ALLOW_UNSIGNED_HEADERS=False)
    assert "✓ headers that nobody signed have no effect" in run(site, "check").output


@pytest.mark.parametrize("private", [True, False])
def test_the_route_is_fetched_as_a_stranger(make_local: MakeSite, private: bool) -> None:
    """On a disk the app's own route is asked: private files answer at their URLs alone."""
    site = make_local(UPLOADS_PRIVATE=private)
    output = run(site, "check").output
    assert f"✓ {'private' if private else 'public'} files answer at their URLs" in output
    assert ("✓ private files are closed to strangers" in output) == private
    assert "✗" not in output
    assert site.names() == []
    broken = make_local(UPLOADS_PRIVATE=private)
    broken.app.before_request(lambda: ("a login page", 200))
    assert "✗" in run(broken, "check").output


def test_the_printed_commands_can_be_pasted(make_s3: MakeSite) -> None:
    """Each command is whole: with its endpoint, and the configuration in quotes."""
    site = make_s3(UPLOADS_DOMAIN="https://example.com", UPLOADS_PRIVATE=True)
    assert isinstance(site.storage, S3Storage)
    output = run(site, "check").output
    commands = [line for line in shlex.split(output[output.index("aws s3api") :]) if line]
    assert commands[:3] == ["aws", "s3api", "put-bucket-cors"]
    for option in ("--cors-configuration", "--lifecycle-configuration"):
        assert isinstance(json.loads(commands[commands.index(option) + 1]), dict)
    assert commands[commands.index("--endpoint-url") + 1] == site.storage.endpoint_url
