"""The command: what it prints, and its exit codes."""

import contextlib
import os
import subprocess
import sys
import uuid
from pathlib import Path

import boto3
import pytest
from click.testing import Result
from flask import Flask
from proxy import Proxy
from static_site import Site

from flask_s3_static._cli import s3_static
from flask_s3_static.bucket._cloudfront import invalidation_paths
from s3_saver.testing import S3Server


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(s3_static, arguments)


def test_push(site: Site) -> None:
    """A push prints counts and bytes, and ends with 0; the next one has nothing to do."""
    site.write("static/a.css", "a" * 1500)
    site.write("static/b.css", "b")
    result = run(site.app(), "push")
    assert result.exit_code == 0
    assert result.output.splitlines() == [
        "created the bucket",
        "2 new, 0 changed, 0 with changed headers, 0 the same, 0 gone",
        "uploaded 2 files (1.5 kB)",
    ]
    result = run(site.app(), "push")
    assert result.output.splitlines()[0].startswith("0 new, 0 changed, 0 with changed headers, 2 ")


def test_dry_run(site: Site) -> None:
    """--dry-run prints the plan, file by file."""
    site.write("static/a.css", "a")
    site.write("static/b.css", "b")
    site.push()
    site.write("static/a.css", "other")
    (site.folder / "static/b.css").unlink()
    site.write("static/c.css", "c")
    result = run(site.app(), "push", "--dry-run")
    assert result.output.splitlines() == [
        "new: static/c.css",
        "changed: static/a.css",
        "gone: static/b.css",
        "1 new, 1 changed, 0 with changed headers, 0 the same, 1 gone",
    ]


def test_push_tells_what_it_took_for_hashed(site: Site) -> None:
    """--dry-run lists the names that seem to hold a hash; a push counts them."""
    site.write("static/app.34280c69.css", "a")
    site.write("static/logo-YouTubeX.svg", "b")
    output = run(site.app(), "push", "--dry-run").output.splitlines()
    assert "holds a hash already: static/app.34280c69.css" in output
    assert not [line for line in output if "already" in line and "YouTube" in line]
    assert (
        "1 with a hash in the name already: `--dry-run` lists them"
        in run(site.app(), "push").output
    )


def test_failure(site: Site, proxy: Proxy) -> None:
    """If anything failed the exit code is not 0, and it is named next to what was done."""
    site.write("static/a.css", "a")
    site.write("static/b.css", "b")
    proxy.spoil = lambda method, path: 400 if method == "PUT" and "a.css" in path else None
    result = run(site.app(), "push")
    assert result.exit_code == 1
    assert "uploaded 1 file (1 B)\n" in result.output
    assert "Error: 1 file failed:\nstatic/a.css: " in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("arguments", [["push"], ["check"], ["prune"]])
def test_no_bucket_name(site: Site, arguments: list[str]) -> None:
    """Every command says which setting is missing."""
    site.write("static/a.css", "a")
    result = run(site.app(FLASKS3_BUCKET_NAME=None), *arguments)
    assert result.exit_code == 1
    assert "Error: S3_BUCKET_NAME is missing: set it" in result.output


def test_strict(site: Site) -> None:
    """A missing reference is a warning, and with --strict an error."""
    site.write("static/a.css", "i { background: url(none.png) }")
    app = site.app(FLASKS3_HASHED_NAMES=True)
    result = run(app, "push", "--strict")
    assert result.exit_code == 1
    assert "refers to 'none.png', which is not there" in result.output
    result = run(app, "push")
    assert result.exit_code == 0
    assert "warning: " in result.stderr
    assert f"manifest: {site.folder}/instance/static-manifest.json" in result.output


def test_public_policy(site: Site) -> None:
    """--public-policy says what the policy will be, before it writes it."""
    site.write("static/a.css", "a")
    result = run(site.app(), "push", "--public-policy")
    assert result.output.startswith("the bucket's policy will be {")
    assert f"arn:aws:s3:::{site.bucket}/static/*" in result.output


def test_check(site: Site, proxy: Proxy) -> None:
    """check prints a line for each thing it looked at, fixes below, and ends with 1 if need be."""
    site.write("static/a.css", "a")
    proxy.hidden = {"access-control-allow-origin"}
    site.push(write_public_policy=True)
    result = run(site.app(), "check")
    assert result.exit_code == 1
    assert "✓ we may write" in result.output
    assert '"AllowedOrigins"' in result.output


def test_prune(site: Site) -> None:
    """prune takes what to keep and an age, and prints what it deleted."""
    for content in ["1", "2"]:
        site.write("static/a.css", content)
        site.push(config={"FLASKS3_HASHED_NAMES": True})
    result = run(site.app(), "prune", "--keep", "1", "--older-than", "30d")
    assert result.output == "deleted 0 files (0 B) of 2 releases\n"
    result = run(site.app(), "prune", "--keep", "1", "--older-than", "0d", "--dry-run")
    assert result.output.splitlines()[-1] == "would delete 1 file (1 B) of 2 releases"
    result = run(site.app(), "prune", "--keep", "1", "--older-than", "0h", "--yes")
    assert result.output.splitlines()[-1] == "deleted 1 file (1 B) of 2 releases"
    result = run(site.app(), "prune", "--older-than", "old")
    assert (
        result.exit_code,
        "must be an age such as 30m, 24h, 7d or 4w, got 'old'" in result.output,
    ) == (2, True)


def test_prune_asks_first(site: Site) -> None:
    """prune lists what it would delete and asks; without a yes nothing is deleted."""
    for content in ["1", "2"]:
        site.write("static/a.css", content)
        site.push(config={"FLASKS3_HASHED_NAMES": True})
    before = site.keys()
    arguments = ["prune", "--keep", "1", "--older-than", "0"]
    runner = site.app().test_cli_runner()
    for answer in ["", "n\n"]:
        result = runner.invoke(s3_static, arguments, input=answer)
        assert result.exit_code == 1
        assert result.output.startswith("would delete static/a.")
        assert "Delete 1 file (1 B)?" in result.output
        assert site.keys() == before
    result = runner.invoke(s3_static, arguments, input="y\n")
    assert result.output.endswith("\ndeleted 1 file (1 B) of 2 releases\n")
    assert len(site.keys()) == len(before) - 1


@pytest.mark.parametrize("age", ["0", "0s", "0m", "0h", "0d", "0w", "1w"])
def test_ages(site: Site, age: str) -> None:
    """An age is 0, or a number with its unit: seconds, minutes, hours, days or weeks."""
    for content in ["1", "2"]:
        site.write("static/a.css", content)
        site.push(config={"FLASKS3_HASHED_NAMES": True})
    result = run(site.app(), "prune", "--keep", "1", "--older-than", age, "--dry-run")
    wanted = "would delete 0 files (0 B)" if age == "1w" else "would delete 1 file (1 B)"
    assert result.output.splitlines()[-1] == f"{wanted} of 2 releases"


@pytest.mark.parametrize("age", ["7", "-1d", "1.5h", "1y", "d", "", "999999999w"])
def test_wrong_ages(site: Site, age: str) -> None:
    """What is no age is refused with what is one."""
    result = run(site.app(), "prune", "--older-than", age)
    assert result.exit_code == 2
    assert f"must be an age such as 30m, 24h, 7d or 4w, got {age!r}" in result.output


@pytest.mark.parametrize(
    "command", [["push"], ["push", "--public-policy"], ["check"], ["prune"], ["push", "--dry-run"]]
)
def test_no_credentials(site: Site, command: list[str]) -> None:
    """Without credentials, what a user of this package sets is named, and no argument of code."""
    site.write("static/a.css", "a")
    config = {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}
    result = run(site.app(**config), *command)
    assert result.exit_code == 1
    for words in [
        "S3_ACCESS_KEY_ID is missing, and no credentials were found",
        "AWS_PROFILE",
        "a role",
    ]:
        assert words in result.output
    assert "access_key_id" not in result.output


@pytest.mark.parametrize("command", [["push", "--public-policy"], ["check"]])
def test_nobody_there(site: Site, command: list[str]) -> None:
    """A server that does not answer is reported, with the setting that may be wrong."""
    site.write("static/a.css", "a")
    result = run(site.app(FLASKS3_ENDPOINT_URL="http://127.0.0.1:1"), *command)
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "FLASKS3_ENDPOINT_URL is 'http://127.0.0.1:1'" in result.output


def test_installed_command(site: Site, tmp_path: Path) -> None:
    """`flask s3-static` is there by installing the package."""
    script = tmp_path / "wsgi.py"
    script.write_text("from flask import Flask\napp = Flask(__name__)\n")
    command = [sys.executable, "-m", "flask", "--app", str(script), "s3-static", "push"]
    ran = subprocess.run(command, capture_output=True, text=True)
    assert ran.returncode == 1
    assert ran.stderr == (
        "Error: S3_BUCKET_NAME is missing: set it, or FLASKS3_BUCKET_NAME for static files alone\n"
    )


@pytest.fixture
def distribution(s3_server: S3Server, only_on_moto: None, monkeypatch: pytest.MonkeyPatch) -> str:
    """A CloudFront distribution on moto's server."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFRONT", s3_server.endpoint_url)
    client = boto3.client(
        "cloudfront", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    origin = {
        "Id": "o",
        "DomainName": "b.s3.amazonaws.com",
        "S3OriginConfig": {"OriginAccessIdentity": ""},
    }
    answer = client.create_distribution(
        DistributionConfig={
            "CallerReference": uuid.uuid4().hex,
            "Origins": {"Quantity": 1, "Items": [origin]},
            "DefaultCacheBehavior": {"TargetOriginId": "o", "ViewerProtocolPolicy": "allow-all"},
            "Comment": "",
            "Enabled": True,
        }
    )
    return str(answer["Distribution"]["Id"])


def invalidated(distribution: str) -> list[str]:
    """The paths of a distribution's only invalidation."""
    client = boto3.client(
        "cloudfront", "us-east-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    (made,) = client.list_invalidations(DistributionId=distribution)["InvalidationList"]["Items"]
    found = client.get_invalidation(DistributionId=distribution, Id=made["Id"])
    paths: list[str] = found["Invalidation"]["InvalidationBatch"]["Paths"]["Items"]
    return paths


def test_invalidate(site: Site, distribution: str) -> None:
    """--invalidate lets CloudFront forget the plain names that were uploaded, and no others."""
    site.write("static/a b.css", "a")
    site.write("static/same.css", "a")
    app = site.app(FLASKS3_HASHED_NAMES=True)
    assert run(app, "push").exit_code == 0
    site.write("static/a b.css", "b")
    result = run(app, "push", "--invalidate", distribution)
    assert "CloudFront invalidation: " in result.output
    assert invalidated(distribution) == ["/static/a%20b.css"]
    assert "invalidation" not in run(app, "push", "--invalidate", distribution).output


def test_invalidate_nothing_known(site: Site, distribution: str) -> None:
    """A distribution that does not exist fails, and says that the files are uploaded."""
    site.write("static/a.css", "a")
    result = run(site.app(), "push", "--invalidate", "NONE")
    assert result.exit_code == 1
    assert "'NONE'" in result.output
    assert "These files are uploaded" in result.output
    assert "/static/a.css" in result.output


def test_invalidate_fails_after_a_failure(site: Site, proxy: Proxy, distribution: str) -> None:
    """If a push fails, and the invalidation of what it sent as well, both are reported."""
    for name in ("a.css", "b.css"):
        site.write(f"static/{name}", name)
    proxy.spoil = lambda method, path: 403 if method == "PUT" and "b.css" in path else None
    result = run(site.app(), "push", "--invalidate", "NONE")
    assert result.exit_code == 1
    assert "static/b.css: S3 refused" in result.output
    assert "'NONE': " in result.output
    assert result.output.endswith("and invalidate /static/a.css\n")


def test_invalidate_by_nobody(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A CloudFront that does not answer is reported, with what is left to do."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDFRONT", "http://127.0.0.1:1")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    site.write("static/a.css", "a")
    result = run(site.app(), "push", "--invalidate", "EDFDVBD632BHDS5")
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert "These files are uploaded" in result.output


def test_invalidate_after_a_failure(site: Site, proxy: Proxy, distribution: str) -> None:
    """What a push stored before it failed is invalidated, as no later push will name it."""
    site.write("static/a.css", "a")
    site.write("static/b.css", "b")
    proxy.spoil = lambda method, path: 400 if method == "PUT" and "a.css" in path else None
    result = run(site.app(), "push", "--invalidate", distribution)
    assert result.exit_code == 1
    assert "static/a.css: " in result.output
    assert invalidated(distribution) == ["/static/b.css"]


def test_many_invalidations() -> None:
    """More paths than a month has free ones become one with a star."""
    assert invalidation_paths(["a/ü.css"], "") == ["/a/%C3%BC.css"]
    keys = [f"v1/{number}" for number in range(1001)]
    assert invalidation_paths(keys, "v1") == ["/v1/*"]
    assert invalidation_paths(keys, "") == ["/*"]


def test_progress_bar(site: Site) -> None:
    """On a terminal a bar shows how far the uploads are."""
    for number in range(5):
        site.write(f"static/{number}.js", str(number))
    script = f"""
from flask import Flask
from flask_s3_static import FlaskS3
app = Flask("site", root_path={str(site.folder)!r}, instance_path={str(site.folder)!r})
app.config.update({site.config!r})
FlaskS3(app)
"""
    path = site.write("wsgi.py", script)
    reader, terminal = os.openpty()
    command = [sys.executable, "-m", "flask", "--app", str(path), "s3-static", "push"]
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=terminal, text=True, check=True)
    os.close(terminal)
    shown = b""
    with contextlib.suppress(OSError):  # the end of a terminal, by Linux
        while chunk := os.read(reader, 4096):
            shown += chunk
    os.close(reader)
    assert b"uploading  [" in shown
    assert b"100%" in shown
    assert ran.stdout.splitlines()[-1] == "uploaded 5 files (5 B)"
