"""What compose.yaml runs, runs: its commands, settings and checks, in what its Dockerfile makes."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
import requests
from deployed.visitor import Visitor, is_added, photo
from servers.processes import wait_for

from s3_saver.testing import S3Server

from .composed import SERVICES, WORKERS, Composed, compose_up
from .image import build, instructions

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


FLASK = ("flask", "--app", "example_app")
CHECK = (*FLASK, "uploads", "check", "--origin", "http://localhost:8000")


@pytest.fixture(scope="module")
def composed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Composed]:
    image = build(tmp_path_factory.mktemp("image"))
    with compose_up(image, tmp_path_factory.mktemp("volumes")) as running:
        yield running


def test_instructions() -> None:
    """Lines of a Dockerfile that go on are one instruction."""
    text = "# A comment\nFROM a\n\nRUN b \\\n && c\nENV D=e\n"
    assert instructions(text) == [("FROM", "a"), ("RUN", "b && c"), ("ENV", "D=e")]


def test_thumbnails_appear(composed: Composed) -> None:
    """A picture that is uploaded gets its thumbnail from a worker, and browsers get both."""
    visitor = Visitor(composed.url)
    assert "PostgreSQL" in visitor.see("/status").text
    assert is_added(visitor.add("cat.jpg", photo("cat")))

    def thumbnail() -> str:
        (picture,) = visitor.see("/gallery").pictures
        return picture.thumbnail if picture.is_ready else ""

    wait_for(thumbnail, seconds=240)
    assert requests.get(thumbnail(), timeout=60).headers["Content-Type"] == "image/jpeg"
    (picture,) = visitor.see("/gallery").pictures
    assert visitor.fetch(picture.original).content == photo("cat")


def test_uploads_check(composed: Composed) -> None:
    """deploy.md's check before the first request finds nothing to be done; what it prints can be
    pasted into a shell, is about the bucket, and leaves all well.
    """
    printed = all_is_well(composed)
    commands = re.findall(r"(?m)^aws s3api [^']+'[^']+'$", printed)
    configurations = [pasted(composed, command) for command in commands]
    assert len(configurations) == 2, printed
    cors, lifecycle = configurations
    client = admin_of_the_store(composed)
    client.put_bucket_cors(Bucket="pictures", CORSConfiguration=cors)
    client.put_bucket_lifecycle_configuration(Bucket="pictures", LifecycleConfiguration=lifecycle)
    all_is_well(composed)


def all_is_well(composed: Composed) -> str:
    checked = composed.run(*CHECK)
    found = [line for line in checked.stdout.splitlines() if line[:1] in "✓✗"]
    assert any(line.startswith("✓ s3:PutObject") for line in found), checked.stdout
    assert any(line.startswith("✓ CORS") for line in found), checked.stdout
    assert not [line for line in found if line.startswith("✗")], checked.stdout
    assert checked.returncode == 0
    return checked.stdout


def pasted(composed: Composed, command: str) -> Any:
    """Return the configuration that a shell hands to AWS's command, which is not installed here."""
    words = shlex.split(command)
    flags = dict(zip(words[3::2], words[4::2], strict=True))
    assert flags.pop("--bucket") == composed.environment("web")["S3_BUCKET_NAME"] == "pictures"
    assert flags.pop("--endpoint-url") == composed.environment("web")["S3_ENDPOINT_URL"]
    (configuration,) = flags.values()
    return json.loads(configuration)


def admin_of_the_store(composed: Composed) -> "S3Client":
    settings = composed.environment("web")
    server = S3Server(
        settings["S3_ENDPOINT_URL"], settings["S3_ACCESS_KEY_ID"], settings["S3_ACCESS_KEY_SECRET"]
    )
    return server.client


def test_a_mistyped_bucket_is_no_new_one(composed: Composed) -> None:
    """With a bucket's name that nobody made, the check fails instead of making the bucket."""
    for _ in range(2):
        checked = composed.run(*CHECK, S3_BUCKET_NAME="pictuers")
        assert "no bucket 'pictuers'" in checked.stdout, checked.stdout
        assert checked.returncode == 1


def test_static_files_are_pushed(composed: Composed) -> None:
    """deploy.md's push stores all static files, and a second one has nothing to do."""
    push = (*FLASK, "s3-static", "push", "--strict")
    pushed = composed.run(*push)
    assert pushed.returncode == 0, pushed.stdout
    assert "0 new" in composed.run(*push).stdout


@pytest.mark.parametrize("command", ["uploads prune-pending", "thumbnails prune"])
def test_upkeep_finds_nothing_to_do(composed: Composed, command: str) -> None:
    """deploy.md's commands for cron run, and leave an upload that was just begun alone."""
    bucket, key = "pictures", "uploads/pending/begun"
    client = admin_of_the_store(composed)
    upload = client.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]
    pruned = composed.run(*FLASK, *command.split(), "--dry-run")
    assert pruned.returncode == 0, pruned.stdout
    assert "begun" not in pruned.stdout
    client.abort_multipart_upload(Bucket=bucket, Key=key, UploadId=upload)


def test_redis_wants_its_password(composed: Composed) -> None:
    """Without the password Redis takes no command, and its check would fail."""
    command = ["redis-cli", "-e", *composed.flags["redis"], "ping"]
    environment = composed.environment("redis")
    password = environment.pop("REDISCLI_AUTH")
    assert password in composed.environment("web")["REDIS_URL"]
    refused = subprocess.run(command, env=environment, stderr=subprocess.PIPE, text=True)
    assert "NOAUTH" in refused.stderr
    assert refused.returncode == 1


@pytest.mark.parametrize("service", SERVICES)
def test_a_dead_service_is_seen(composed: Composed, service: str) -> None:
    """A service's check says that it is healthy; when it is killed, it says that it is not; when
    it is back, that it is healthy again. A worker's check is about that worker alone.
    """
    name = WORKERS[0] if service == "worker" else service
    assert composed.is_healthy(service, name)
    composed.programs[name].kill()
    assert not composed.is_healthy(service, name)
    if service == "worker":
        assert composed.is_healthy(service, WORKERS[1])
    composed.programs[name].start()
    assert composed.is_healthy(service, name)
