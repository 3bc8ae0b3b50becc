"""Setting a bucket up: only what it lacks, next to what it has."""

import itertools
from typing import Any

import pytest

from s3_saver import S3SaverError, S3Storage
from s3_saver._bucket_rules import merge_cors, merge_lifecycle, same_cors, same_lifecycle
from s3_saver.setup import BucketNeeds, Rule, create_bucket, plan_setup
from s3_saver.testing import S3Server

ANYBODY: dict[str, Any] = {
    "ID": "fonts",
    "AllowedOrigins": ["*"],
    "AllowedMethods": ["GET", "HEAD"],
    "AllowedHeaders": ["*"],
    "MaxAgeSeconds": 3600,
}
UPLOADS: dict[str, Any] = {
    "ID": "uploads",
    "AllowedOrigins": ["https://www.example.com"],
    "AllowedMethods": ["POST", "PUT"],
    "AllowedHeaders": ["Content-Type"],
    "ExposeHeaders": ["ETag"],
    "MaxAgeSeconds": 3600,
}
PARTS: dict[str, Any] = {
    "ID": "parts",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
}
PENDING: dict[str, Any] = {
    "ID": "pending",
    "Status": "Enabled",
    "Filter": {"Prefix": ".pending/"},
    "Expiration": {"Days": 2},
}
STATIC = BucketNeeds(cors=[ANYBODY], lifecycle=[PARTS], public_policy=True)
PRIVATE = BucketNeeds(cors=[UPLOADS], lifecycle=[PENDING])


def without_id(rule: Rule) -> dict[str, Any]:
    return {key: value for key, value in rule.items() if key != "ID"}


def test_rules_for_any_origin_come_last_and_widen_the_others() -> None:
    """A server that goes by the first rule whose origin fits finds every method in it."""
    first, last = merge_cors([ANYBODY], [UPLOADS])
    assert first["AllowedMethods"] == ["GET", "HEAD", "POST", "PUT"]
    assert first["AllowedHeaders"] == ["*", "Content-Type"]
    assert last == ANYBODY
    assert same_cors(merge_cors([UPLOADS], [ANYBODY]), [first, last])


def test_merging_again_changes_nothing() -> None:
    """Whoever comes first, and whether or not a server keeps IDs, the rules are soon the same."""
    wanted = [[ANYBODY], [UPLOADS], [PARTS], [PENDING]]
    for one, other in itertools.permutations(wanted[:2]):
        for change in (dict, without_id):
            rules = merge_cors(merge_cors([], one), other)
            stored = [change(rule) for rule in rules]
            assert same_cors(stored, merge_cors(stored, one))
            assert same_cors(stored, merge_cors(stored, other))
    for one, other in itertools.permutations(wanted[2:]):
        for change in (dict, without_id):
            stored = [change(rule) for rule in merge_lifecycle(merge_lifecycle([], one), other)]
            assert len(stored) == 2
            assert same_lifecycle(stored, merge_lifecycle(stored, one))


def test_a_rule_goes_in_the_place_of_the_one_with_its_id() -> None:
    """A rule that has changed replaces the one before, and rules of others stay."""
    foreign = {"AllowedOrigins": ["https://a.example"], "AllowedMethods": ["DELETE"]}
    before = [foreign, {**UPLOADS, "AllowedOrigins": ["https://old.example"]}]
    assert merge_cors(before, [UPLOADS]) == [foreign, UPLOADS]
    other = {"ID": "theirs", "Status": "Enabled", "Prefix": "", "Expiration": {"Days": 9}}
    renewed = {**PENDING, "Expiration": {"Days": 5}}
    assert merge_lifecycle([other, PENDING], [renewed]) == [other, renewed]


def test_lifecycle_rules_of_the_older_form() -> None:
    """A prefix outside a filter means the same as one in it."""
    older = {key: value for key, value in PARTS.items() if key != "Filter"} | {"Prefix": ""}
    assert same_lifecycle([older], [PARTS])
    assert not same_lifecycle([older], [PENDING])


@pytest.fixture
def no_bucket(s3_server: S3Server) -> Any:
    storage = s3_server.storage("bucket-that-is-made-by-setup")
    yield storage
    s3_server.remove_bucket(storage.bucket_name)


def test_from_nothing(no_bucket: S3Storage) -> None:
    """A bucket that is not there is made, with all that is needed; then there is nothing to do."""
    steps = plan_setup(no_bucket, STATIC)
    assert [step.text.partition("\n")[0] for step in steps] == [
        "make the bucket 'bucket-that-is-made-by-setup'",
        "write the CORS configuration",
        "write the lifecycle rules",
    ]
    for step in steps:
        step.apply()
    assert plan_setup(no_bucket, STATIC) == []


def test_two_packages_and_a_stranger_share_a_bucket(no_bucket: S3Storage) -> None:
    """Each package finds its rules whoever came last, and a rule of somebody else stays."""
    create_bucket(no_bucket)
    create_bucket(no_bucket)  # which is no error
    rule: Any = {"AllowedOrigins": ["https://a.example"], "AllowedMethods": ["DELETE"]}
    no_bucket.client.put_bucket_cors(
        Bucket=no_bucket.bucket_name, CORSConfiguration={"CORSRules": [rule]}
    )
    for needs in (PRIVATE, STATIC, PRIVATE):
        for step in plan_setup(no_bucket, needs):
            step.apply()
    assert [plan_setup(no_bucket, needs) for needs in (PRIVATE, STATIC)] == [[], []]
    rules = no_bucket.client.get_bucket_cors(Bucket=no_bucket.bucket_name)["CORSRules"]
    assert [rule["AllowedOrigins"] for rule in rules] == [
        ["https://a.example"],
        ["https://www.example.com"],
        ["*"],
    ]


@pytest.fixture
def closed(s3_server: S3Server, s3_bucket: str) -> S3Storage:
    """A bucket whose switch against public access is set, as Amazon's is by default."""
    storage = s3_server.storage(s3_bucket)
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    everything: Any = dict.fromkeys(names, True)
    storage.client.put_public_access_block(
        Bucket=s3_bucket, PublicAccessBlockConfiguration=everything
    )
    return storage


def test_the_switch_is_as_tight_as_needs_allow(closed: S3Storage) -> None:
    """It is loosened for a public policy, and for public ACLs, and no further."""
    text = "set the switch against public access"
    assert not [step for step in plan_setup(closed, PRIVATE) if text in step.text]
    acls = plan_setup(closed, BucketNeeds(public_acls=True))[0]
    assert '"IgnorePublicAcls": false' in acls.text
    assert '"BlockPublicPolicy": true' in acls.text
    policy = plan_setup(closed, STATIC)[0]
    assert policy.text.startswith(text)
    assert '"IgnorePublicAcls": true' in policy.text
    assert '"BlockPublicPolicy": false' in policy.text
    policy.apply()
    assert not [step for step in plan_setup(closed, STATIC) if text in step.text]


def test_a_public_policy_stays_open(closed: S3Storage) -> None:
    """A package that needs nothing public leaves open what the bucket's policy has opened."""
    for step in plan_setup(closed, STATIC):
        step.apply()
    policy = (
        '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", '
        f'"Action": "s3:GetObject", "Resource": "arn:aws:s3:::{closed.bucket_name}/static/*"}}}}'
    )
    tightened = plan_setup(closed, PRIVATE)[0]
    assert '"BlockPublicPolicy": true' in tightened.text
    closed.client.put_bucket_policy(Bucket=closed.bucket_name, Policy=policy)
    assert "BlockPublicPolicy" not in plan_setup(closed, PRIVATE)[0].text


def test_a_bucket_that_cannot_be_read() -> None:
    """What cannot be read is an error in words, and no reason to write over it."""
    storage = S3Storage(
        "bucket",
        endpoint_url="http://127.0.0.1:9",
        region="us-east-1",
        access_key_id="x",
        access_key_secret="x",
    )
    with pytest.raises(S3SaverError):
        plan_setup(storage, STATIC)
