"""Making the bucket, and opening it to the public only when asked."""

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError
from flask import Flask
from proxy import Proxy
from static_site import Site

from flask_s3_static import ConfigError, create_all
from flask_s3_static._settings import Settings
from flask_s3_static._storage import make_storage
from flask_s3_static.bucket._policy import policy_statement
from flask_s3_static.serving._state import state_of
from s3_saver import (
    AccessDeniedError,
    BucketNotFoundError,
    S3SaverError,
    StorageUnavailableError,
)
from s3_saver.setup import create_bucket

STATEMENT = {
    "Sid": "FlaskS3StaticPublicRead",
    "Effect": "Allow",
    "Principal": "*",
    "Action": "s3:GetObject",
}


def policy(site: Site) -> Any:
    return json.loads(site.storage.client.get_bucket_policy(Bucket=site.bucket)["Policy"])


def settings(site: Site, **config: Any) -> Settings:
    return state_of(site.app(**config)).settings


@pytest.mark.usefixtures("only_on_moto")
def test_region(site: Site) -> None:
    """A bucket is made in the region of the settings, or by default where S3 makes it."""
    made = settings(site, FLASKS3_REGION="eu-north-1")
    create_bucket(make_storage(made), made.s3.region)
    answer = site.storage.client.get_bucket_location(Bucket=site.bucket)
    assert answer["LocationConstraint"] == "eu-north-1"


def test_taken_bucket(site: Site, proxy: Proxy) -> None:
    """A bucket that cannot be made is an error that says what to allow."""
    site.write("static/a.css", "")
    proxy.spoil = lambda method, path: 403 if method == "PUT" else None
    with pytest.raises(AccessDeniedError, match=r"CreateBucket.*allow s3:CreateBucket"):
        site.push()


@pytest.mark.usefixtures("only_on_moto")
def test_made_twice(site: Site) -> None:
    """That the bucket is there and ours, as another push was faster, is no error."""
    made = settings(site, FLASKS3_REGION="eu-north-1")
    for _ in range(2):
        create_bucket(make_storage(made), made.s3.region)
    with pytest.raises(ClientError, match="BucketAlreadyOwnedByYou"):
        make_storage(made).client.create_bucket(
            Bucket=site.bucket, CreateBucketConfiguration={"LocationConstraint": "eu-north-1"}
        )


@pytest.mark.parametrize("status", [403, 404])
def test_a_policy_that_cannot_be_read_is_kept(site: Site, proxy: Proxy, status: int) -> None:
    """Only S3's word that there is no policy counts: a gateway's 404 ends the push."""
    site.write("static/a.css", "a")
    site.push()
    proxy.spoil = lambda method, path: status if "?policy" in path and method == "GET" else None
    with pytest.raises(S3SaverError, match="S3 refused GetBucketPolicy"):
        site.push(write_public_policy=True)
    assert not [path for method, path in proxy.requests if "?policy" in path and method == "PUT"]


def test_a_statement_that_stands_alone(site: Site) -> None:
    """IAM's grammar lets a policy's only statement be without a list: it stays as well."""
    site.write("static/a.css", "a")
    site.push()
    other = {**STATEMENT, "Sid": "Other", "Resource": f"arn:aws:s3:::{site.bucket}/other/*"}
    site.storage.client.put_bucket_policy(
        Bucket=site.bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": other})
    )
    site.push(write_public_policy=True)
    assert [one["Sid"] for one in policy(site)["Statement"]] == ["Other", "FlaskS3StaticPublicRead"]


def test_nobody_answers(site: Site) -> None:
    """What is asked of the bucket itself fails by s3_saver's error, without a fix that is none."""
    storage = make_storage(settings(site, FLASKS3_ENDPOINT_URL="http://127.0.0.1:9"))
    with pytest.raises(StorageUnavailableError, match="check endpoint_url and the network"):
        create_bucket(storage, "")


def test_no_acl(site: Site) -> None:
    """No ACL is sent, for bucket or objects, unless asked for."""
    site.write("static/a.css", "a")
    site.push()
    acl = site.storage.client.get_object_acl(Bucket=site.bucket, Key="static/a.css")
    assert len(acl["Grants"]) == 1
    assert len(site.storage.client.get_bucket_acl(Bucket=site.bucket)["Grants"]) == 1


def test_acl_if_asked(site: Site) -> None:
    """put_bucket_acl=True opens the bucket's list, FLASKS3_ACL the objects, as Flask-S3 did."""
    site.write("static/a.css", "a")
    site.push(config={"FLASKS3_ACL": "public-read"}, put_bucket_acl=True)
    client = site.storage.client
    for grants in (
        client.get_object_acl(Bucket=site.bucket, Key="static/a.css")["Grants"],
        client.get_bucket_acl(Bucket=site.bucket)["Grants"],
    ):
        uris = {grant["Grantee"].get("URI") for grant in grants}
        assert "http://acs.amazonaws.com/groups/global/AllUsers" in uris


def test_public_policy(site: Site) -> None:
    """The policy opens the static URLs and nothing else, and other statements stay."""
    site.write("static/a.css", "a")
    other = {**STATEMENT, "Sid": "Other", "Resource": f"arn:aws:s3:::{site.bucket}/other/*"}
    site.storage.client.create_bucket(Bucket=site.bucket)
    site.storage.client.put_bucket_policy(
        Bucket=site.bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [other]})
    )
    site.push(config={"FLASKS3_PREFIX": "v1"}, write_public_policy=True)
    create_all(site.app(site.blueprint("part")), write_public_policy=True)
    kept, ours = policy(site)["Statement"]
    assert kept["Sid"] == "Other"
    folders = ["part/static", "static"]
    assert ours == {
        **STATEMENT,
        "Resource": [f"arn:aws:s3:::{site.bucket}/{folder}/*" for folder in folders],
    }


def test_public_policy_with_a_prefix(site: Site) -> None:
    """With FLASKS3_PREFIX the policy opens that folder."""
    site.write("static/a.css", "a")
    report = site.push(config={"FLASKS3_PREFIX": "v1"}, write_public_policy=True)
    assert report.policy == policy(site)
    assert policy(site)["Statement"] == [policy_statement(site.bucket, ["v1/"])]


def test_public_policy_at_the_root(site: Site) -> None:
    """Where the policy would open the whole bucket it is refused, and nothing is uploaded."""
    site.write("static/a.css", "a")
    app = Flask("site", root_path=str(site.folder), static_folder="static", static_url_path="")
    app.config.update(site.config)
    with pytest.raises(ConfigError, match=r"FLASKS3_PREFIX is empty.*the whole bucket"):
        create_all(app, write_public_policy=True)
    with pytest.raises(BucketNotFoundError):
        site.keys()
    app.config["FLASKS3_PREFIX"] = "v1"
    create_all(app, write_public_policy=True)
    assert policy(site)["Statement"] == [policy_statement(site.bucket, ["v1/"])]


def test_no_policy_by_dry_run(site: Site) -> None:
    """A dry run prints the policy and does not write it."""
    site.write("static/a.css", "a")
    site.push()
    report = site.push(write_public_policy=True, dry_run=True)
    assert report.policy is not None
    with pytest.raises(site.storage.client.exceptions.ClientError, match="NoSuchBucketPolicy"):
        policy(site)


@pytest.mark.servers
def test_only_assets_are_public(site: Site) -> None:
    """With the policy anybody may read the assets, but neither the index nor anything else."""
    site.write("static/a.css", "a {}")
    site.push()
    url = site.url(site.app(), "a.css")
    with pytest.raises(HTTPError, match="403") as refused:
        urlopen(url)
    refused.value.close()
    site.push(write_public_policy=True)
    with urlopen(url) as answer:
        assert (answer.read(), answer.headers["Content-Type"]) == (
            b"a {}",
            "text/css; charset=utf-8",
        )
    with pytest.raises(HTTPError, match="403") as refused:
        urlopen(url.replace("static/a.css", ".flask-s3-static/index.json.gz"))
    refused.value.close()
