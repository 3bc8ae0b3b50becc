"""Setting a bucket up: only what it lacks, next to what it has."""

import itertools
from io import BytesIO
from typing import Any

import pytest

from s3_saver import AccessDeniedError, ArgumentError, S3SaverError, S3Storage
from s3_saver._bucket_rules import merge_cors, merge_lifecycle, same_cors, same_lifecycle
from s3_saver._policies import is_public, read_statements
from s3_saver._policy_writer import as_stranger, ask_account
from s3_saver.setup import (
    BucketNeeds,
    PublicRead,
    Rule,
    create_bucket,
    plan_setup,
    put_policy,
    read_policy,
    same_policy,
)
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


def test_those_who_share_a_bucket_by_turns_change_nothing() -> None:
    """A rule that is there stays at its place, whoever looks for it."""
    other = {**UPLOADS, "ID": "others", "AllowedOrigins": ["https://b.example"]}
    both = merge_cors(merge_cors([], [UPLOADS]), [other])
    for wanted in (UPLOADS, other):
        assert same_cors(both, merge_cors(both, [wanted]))


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


def test_rules_that_nobody_needs_are_not_read(storage: S3Storage) -> None:
    """Who needs no CORS and no lifecycle rules needs no permission to read them."""
    called = []
    events = storage.client.meta.events

    def note(model: Any, **_: Any) -> None:
        called.append(model.name)

    events.register("before-call.s3", note)
    try:
        plan_setup(storage, BucketNeeds(public_reads=[FILES]))
    finally:
        events.unregister("before-call.s3", note)
    assert called == ["GetBucketPolicy", "GetPublicAccessBlock"]


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


SWITCH = "set the switch against public access"


def switch(storage: S3Storage, needs: BucketNeeds) -> str:
    """The step of a plan that sets the switch, if there is one."""
    steps = plan_setup(storage, needs)
    return next((step.text for step in steps if step.text.startswith(SWITCH)), "")


def test_the_switch_is_loosened_as_far_as_needed(closed: S3Storage) -> None:
    """It is loosened for a public policy, and for public ACLs, and no further."""
    assert not switch(closed, PRIVATE)
    acls = switch(closed, BucketNeeds(public_acls=True))
    assert '"IgnorePublicAcls": false' in acls
    assert '"BlockPublicPolicy": true' in acls
    for needs in (STATIC, BucketNeeds(public_reads=[FILES])):
        policy = switch(closed, needs)
        assert '"IgnorePublicAcls": true' in policy
        assert '"BlockPublicPolicy": false' in policy
    plan_setup(closed, STATIC)[0].apply()
    assert not switch(closed, STATIC)


def test_the_switch_is_never_tightened(closed: S3Storage) -> None:
    """What somebody has loosened stays so, whatever the needs: others may count on it."""
    for step in plan_setup(closed, STATIC):
        step.apply()
    assert not switch(closed, PRIVATE)


def test_the_switch_is_loosened_for_a_policy_that_is_there(closed: S3Storage) -> None:
    """A policy that the bucket has, in whatever form, is not cut off by the switch."""
    cut_off: Any = {"RestrictPublicBuckets": True}  # the policy can be written, and opens nothing
    closed.client.put_public_access_block(
        Bucket=closed.bucket_name, PublicAccessBlockConfiguration=cut_off
    )
    for principal in ('"*"', '{"AWS": "*"}', '{"AWS": ["*"]}'):
        policy = (
            f'{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": {principal}'
            f', "Action": "s3:GetObject", "Resource": "arn:aws:s3:::{closed.bucket_name}/a/*"}}}}'
        )
        closed.client.put_bucket_policy(Bucket=closed.bucket_name, Policy=policy)
        assert '"RestrictPublicBuckets": false' in switch(closed, PRIVATE)


FILES = PublicRead(sid="Files", prefixes=["files/"])
UPLOADED = PublicRead(sid="Uploaded", prefixes=["up/"], closed=["up/pending/", "up/.pending/"])


def theirs(bucket_name: str) -> dict[str, Any]:
    """A statement of somebody else's."""
    return {
        "Sid": "Theirs",
        "Effect": "Allow",
        "Principal": {"AWS": ["*"]},
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{bucket_name}/shared/*"],
    }


def sids(storage: S3Storage) -> list[str]:
    return [one["Sid"] for one in read_statements(read_policy(storage))]


def set_up(storage: S3Storage, *reads: PublicRead) -> None:
    for step in plan_setup(storage, BucketNeeds(public_reads=reads)):
        step.apply()


@pytest.fixture
def storage(s3_server: S3Server, s3_bucket: str) -> S3Storage:
    return s3_server.storage(s3_bucket)


def test_statements_of_several_packages(storage: S3Storage) -> None:
    """Each package's statements are written next to those of others, whoever comes last, and are
    then there; those that a package needs no more go, and no others."""
    put_policy(storage, {"Version": "2012-10-17", "Statement": theirs(storage.bucket_name)})
    other = PublicRead(sid="FilesOfOthers", prefixes=["others/"])
    for read in (FILES, other, FILES):
        set_up(storage, read)
    assert sids(storage) == ["Theirs", "Files", "FilesOfOthers"]
    for read in (FILES, other):
        assert plan_setup(storage, BucketNeeds(public_reads=[read])) == []
    set_up(storage, PublicRead(sid="Files"))
    assert sids(storage) == ["Theirs", "FilesOfOthers"]
    set_up(storage, PublicRead(sid="FilesOfOthers"))
    put_policy(storage, {"Version": "2012-10-17", "Statement": []})
    assert read_policy(storage) == {"Version": "2012-10-17", "Statement": []}


def test_a_statement_that_was_written_meanwhile_stays(storage: S3Storage) -> None:
    """A plan that waits for a yes takes nothing from a policy that was written in that time."""
    (step,) = plan_setup(storage, BucketNeeds(public_reads=[FILES]))
    put_policy(storage, {"Version": "2012-10-17", "Statement": [theirs(storage.bucket_name)]})
    step.apply()
    assert sids(storage) == ["Theirs", "Files"]


def test_what_stays_closed_on_amazon() -> None:
    """There it is closed to all but one account, in the words of the bucket's partition."""
    allow, deny = UPLOADED.statements(bucket_name="b", partition="aws-cn", account="123456789012")
    assert allow["Resource"] == ["arn:aws-cn:s3:::b/up/*"]
    assert deny["Resource"] == ["arn:aws-cn:s3:::b/up/pending/*", "arn:aws-cn:s3:::b/up/.pending/*"]
    assert deny["Condition"] == {"StringNotEquals": {"aws:PrincipalAccount": "123456789012"}}
    assert deny["Sid"] == "UploadedClosed1"


def test_the_account_is_asked_of_amazon(
    s3_server: S3Server, storage: S3Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose credentials these are, STS says, which needs no permission."""
    if S3Server.from_environment():
        pytest.skip("this server has no STS, or accounts of its own")
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", s3_server.endpoint_url)
    assert ask_account(storage) == "123456789012"


@pytest.mark.servers
def test_what_is_closed_stays_ours(storage: S3Storage) -> None:
    """Strangers read what is open and not what is closed in it, which we read and delete."""
    for name in ("up/a", "up/pending/b", "else/c"):
        storage.save(name, BytesIO(b"x"))
    set_up(storage, UPLOADED)
    stranger = as_stranger(storage)
    assert [may_read(stranger, f) for f in ("up/a", "up/pending/b", "else/c")] == [
        True,
        False,
        False,
    ]
    with storage.open("up/pending/b") as file:
        assert file.read() == b"x"
    storage.copy("up/pending/b", "up/b")
    storage.delete("up/pending/b")
    assert sorted(info.name for info in storage.find()) == ["else/c", "up/a", "up/b"]
    assert plan_setup(storage, BucketNeeds(public_reads=[UPLOADED])) == []


def may_read(storage: S3Storage, name: str) -> bool:
    try:
        storage.stat(name)
    except AccessDeniedError:
        return False
    return True


def test_a_store_that_does_not_obey_conditions(storage: S3Storage, s3_server: S3Server) -> None:
    """A store that would lock ourselves out, as moto does, is refused in words, and its policy and
    its objects are as they were."""
    if S3Server.from_environment():
        pytest.skip("this server obeys them")
    before = {"Version": "2012-10-17", "Statement": [theirs(storage.bucket_name)]}
    put_policy(storage, before)
    with pytest.raises(S3SaverError, match=r"closes 'up/pending/' to strangers: .* our own cred"):
        set_up(storage, UPLOADED)
    assert same_policy(read_policy(storage), before)
    assert list(storage.find()) == []


@pytest.mark.parametrize("prefix", ["", "/", "up", "u*p/", "u?p/", "${aws:username}/"])
def test_prefixes_that_would_open_more(prefix: str) -> None:
    """What a policy would take for the whole bucket, or for a pattern, is no prefix."""
    with pytest.raises(ArgumentError, match="prefixes must be prefixes that end in a slash"):
        PublicRead(sid="Files", prefixes=[prefix])


def test_the_same_policy_in_another_form() -> None:
    """Servers write lists of one as texts and change the order."""
    (deny, *_) = UPLOADED.closing("arn:aws:s3:::b/", "")
    policy = {"Version": "2012-10-17", "Statement": [theirs("b"), deny]}
    other: dict[str, Any] = {**theirs("b"), "Principal": "*", "Action": "s3:GetObject"}
    listed = {**deny, "Condition": {"StringEquals": {"aws:username": ["anonymous"]}}}
    assert same_policy(policy, {"Version": "2012-10-17", "Statement": [listed, other]})
    assert not same_policy(policy, {"Statement": [listed, {**other, "Effect": "Deny"}]})
    assert not is_public({"Statement": deny})


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
