"""flask s3-static setup: from nothing to static files that the public reads."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import pytest
from click.testing import Result
from flask import Flask
from proxy import Proxy
from static_site import Site

from flask_s3_static._cli import s3_static
from s3_saver import PrefixRegistry
from s3_saver.setup import create_bucket


def run(app: Flask, *arguments: str, answer: str | None = None) -> Result:
    return app.test_cli_runner().invoke(s3_static, ["setup", *arguments], input=answer)


@pytest.fixture
def with_files(site: Site) -> Site:
    site.write("static/app.css", "a {}")
    site.write("static/font.woff2", b"font")
    return site


def numbered(result: Result) -> list[str]:
    """The first line of each step of the plan."""
    lines = result.output.splitlines()
    return [line.partition(". ")[2] for line in lines if line[:1].isdigit()]


def findings(result: Result) -> list[str]:
    return [line[0] for line in result.output.splitlines() if line[:1] in ("✓", "✗")]


def test_from_nothing(with_files: Site) -> None:
    """The plan is printed; after a yes the bucket is made, configured and filled, and every check
    holds."""
    site = with_files
    result = run(site.app(), answer="y\n")
    assert numbered(result) == [
        f"make the bucket '{site.bucket}'",
        "write the CORS configuration",
        "write the lifecycle rules",
        "upload 2 static files",
        "write the bucket's policy",
    ]
    assert "Do this? [y/N]: y" in result.output
    assert result.exit_code == 0, result.output
    assert findings(result) == ["✓"] * 6
    request = Request(site.url(site.app(), "app.css"), headers={"Origin": "https://a.example"})
    with urlopen(request) as response:
        assert response.read() == b"a {}"


@pytest.mark.servers
def test_strangers_read_static_files_and_nothing_else(with_files: Site) -> None:
    """On a store that minds policies every check holds, and what is no static file is closed."""
    result = run(with_files.app(), "--yes")
    assert (result.exit_code, findings(result)) == (0, ["✓"] * 6), result.output
    url = with_files.url(with_files.app(), "app.css")
    with urlopen(url) as response:
        assert response.read() == b"a {}"
    with_files.storage.save("private.txt", BytesIO(b"private"))
    with pytest.raises(HTTPError) as caught:
        urlopen(url.replace("static/app.css", "private.txt"))
    caught.value.close()
    assert caught.value.code == 403


def test_a_second_time_there_is_nothing_to_do(with_files: Site) -> None:
    """It can be run again: it changes nothing and asks nothing."""
    run(with_files.app(), "--yes")
    result = run(with_files.app())
    assert result.output.splitlines()[0] == "nothing to do"
    assert (result.exit_code, findings(result)) == (0, ["✓"] * 6)
    assert run(with_files.app(), "--dry-run").output == "nothing to do\n"


@pytest.mark.parametrize(("arguments", "answer"), [([], "n\n"), ([], ""), (["--dry-run"], None)])
def test_without_a_yes_nothing_is_done(
    with_files: Site, arguments: list[str], answer: str | None
) -> None:
    """A no, no answer and a dry run leave everything as it is."""
    result = run(with_files.app(), *arguments, answer=answer)
    assert len(numbered(result)) == 5
    assert findings(result) == []
    assert not bucket_exists(with_files)


def bucket_exists(site: Site) -> bool:
    buckets = site.storage.client.list_buckets()["Buckets"]
    return any(bucket["Name"] == site.bucket for bucket in buckets)


def test_what_is_there_stays(with_files: Site) -> None:
    """Rules and statements of others stay, and only what is lacking is done."""
    site = with_files
    create_bucket(site.storage)
    client, bucket = site.storage.client, site.bucket
    statement = {
        "Sid": "Theirs",
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": [f"arn:aws:s3:::{bucket}/shared/*"],
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    client.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))
    client.put_bucket_cors(
        Bucket=bucket,
        CORSConfiguration={
            "CORSRules": [{"AllowedOrigins": ["https://a.example"], "AllowedMethods": ["PUT"]}]
        },
    )
    result = run(site.app(), "--yes")
    assert result.exit_code == 0, result.output
    assert "make the bucket" not in result.output
    rules = client.get_bucket_cors(Bucket=bucket)["CORSRules"]
    assert [rule["AllowedOrigins"] for rule in rules] == [["https://a.example"], ["*"]]
    assert set(rules[0]["AllowedMethods"]) == {"GET", "HEAD", "PUT"}
    written = json.loads(client.get_bucket_policy(Bucket=bucket)["Policy"])
    assert [one["Sid"] for one in written["Statement"]] == ["Theirs", "FlaskS3StaticPublicRead"]


def test_behind_a_cdn_the_bucket_stays_closed(with_files: Site) -> None:
    """With a CDN's domain no policy is written."""
    result = run(with_files.app(FLASKS3_CDN_DOMAIN="cdn.example.org"), "--dry-run")
    assert numbered(result)[-1] == "upload 2 static files"


def test_files_of_users_are_not_opened(with_files: Site) -> None:
    """Where a policy would open what another extension announces, nothing is done at all."""
    app = with_files.app()
    PrefixRegistry.of(app.extensions).announce(
        "uploads", storage_type="s3", bucket_name=with_files.bucket, prefix="static/uploads"
    )
    result = run(app, "--yes")
    assert result.exit_code == 1
    assert "has files of users" in result.output
    assert not bucket_exists(with_files)


@pytest.mark.parametrize(
    ("config", "wanted"),
    [
        ({}, [True, True, False, False]),
        ({"FLASKS3_ACL": "public-read"}, [False, False, False, False]),
        ({"FLASKS3_CDN_DOMAIN": "cdn.example.org"}, None),
    ],
)
def test_the_switch_against_public_access(
    with_files: Site, config: dict[str, str], wanted: list[bool] | None
) -> None:
    """It is loosened for the policy and for public ACLs; behind a CDN it stays as it is."""
    create_bucket(with_files.storage)
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    everything: Any = dict.fromkeys(names, True)
    with_files.storage.client.put_public_access_block(
        Bucket=with_files.bucket, PublicAccessBlockConfiguration=everything
    )
    output = run(with_files.app(**config), "--dry-run").output
    for number, name in enumerate(names):
        shown = f'"{name}": {str(wanted[number]).lower()}' if wanted else name
        assert (shown in output) == bool(wanted)


# Permissions of a bucket's own, by the request's query, as IAM names them.
SUBRESOURCES = {
    "cors": "BucketCORS",
    "lifecycle": "LifecycleConfiguration",
    "policy": "BucketPolicy",
    "publicAccessBlock": "BucketPublicAccessBlock",
}


@pytest.mark.parametrize("is_closed", [False, True])
def test_the_readme_names_the_permissions(with_files: Site, proxy: Proxy, is_closed: bool) -> None:
    """Every configuration that it reads or writes has its permission in the README."""
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    if is_closed:
        create_bucket(with_files.storage)
        with_files.storage.client.put_public_access_block(
            Bucket=with_files.bucket,
            PublicAccessBlockConfiguration={"BlockPublicPolicy": True},
        )
    assert run(with_files.app(), "--yes").exit_code == 0
    needed = {"s3:CreateBucket"} if ("PUT", f"/{with_files.bucket}") in proxy.requests else set()
    assert bool(needed) != is_closed
    for method, path in proxy.requests:
        parts = urlsplit(path)
        if parts.path == f"/{with_files.bucket}" and method in ("GET", "PUT"):
            names = parse_qs(parts.query, keep_blank_values=True).keys() & SUBRESOURCES.keys()
            needed |= {f"s3:{method.title()}{SUBRESOURCES[name]}" for name in names}
    assert {"s3:GetBucketPolicy", "s3:PutBucketCORS", "s3:PutLifecycleConfiguration"} <= needed
    assert ("s3:PutBucketPublicAccessBlock" in needed) is is_closed
    assert not [name for name in needed if f"`{name}`" not in readme]
