"""The policy that flask uploads setup writes where files are public."""

import json
from io import BytesIO
from typing import Any

import pytest
from sent_files import picture
from test_setup import findings, numbered, run
from upload_site import MakeSite, Site
from web import fetch

from flask_s3_upload import Uploads
from s3_saver import PrefixRegistry, S3Storage
from s3_saver.setup import read_policy
from untrusted_files import Rules

PUBLIC = {
    "UPLOADS_PRIVATE": False,
    "UPLOADS_S3_PREFIX": "uploads",
    "UPLOADS_DOMAIN": "https://example.com",
}


@pytest.fixture
def site(make_s3: MakeSite) -> Site:
    return make_s3(**PUBLIC)


def bucket(site: Site) -> S3Storage:
    """The whole bucket of a site."""
    assert isinstance(site.storage, S3Storage)
    return site.storage.derive(prefix="")


def status(site: Site, key: str) -> int:
    """What a stranger gets who asks for an object."""
    whole = bucket(site)
    return fetch(f"{whole.endpoint_url}/{whole.bucket_name}/{key}").status


def planned(site: Site) -> dict[str, Any]:
    """The policy that the plan shows."""
    text = run(site, "--dry-run").output.partition("write the bucket's policy\n")[2]
    policy: dict[str, Any] = json.JSONDecoder().raw_decode(text)[0]
    return policy


def sids(site: Site) -> list[str]:
    return [one["Sid"] for one in read_policy(bucket(site))["Statement"]]


@pytest.mark.servers
def test_strangers_read_public_files_and_nothing_else(make_s3: MakeSite) -> None:
    """After it every check holds; strangers read public files, and neither what is pending, nor
    marks of claims, nor files of a private store, nor what others keep in the bucket."""
    site = make_s3(**PUBLIC)
    invoices = Uploads(store="invoices")
    for key in ("BUCKET_NAME", "REGION", "ENDPOINT_URL", "ACCESS_KEY_ID", "ACCESS_KEY_SECRET"):
        site.app.config[f"INVOICES_S3_{key}"] = site.app.config[f"UPLOADS_S3_{key}"]
    site.app.config.update(INVOICES_DOMAIN="https://example.com")
    invoices.init_app(site.app)
    result = run(site, "--yes")
    assert (result.exit_code, findings(result)) == (0, {"✓"}), result.output
    assert run(site).output.count("nothing to do") == 2
    with site.app.test_request_context():
        assert fetch(site.uploads.save(BytesIO(b"x"), "a.txt").url).body == b"x"
        private = invoices.save(BytesIO(b"x"), "b.txt")
        assert fetch(private.url).status == 200
    bucket(site).save("backups/c.txt", BytesIO(b"x"))
    assert status(site, "uploads-invoices/b.txt") == status(site, "backups/c.txt") == 403
    tokens = [site.upload(picture()) for _ in range(2)]
    assert site.claim(tokens[0], "pictures/").name == "pictures/cat.png"
    assert status(site, "uploads/pictures/cat.png") == 200
    pending = site.names("pending/")
    assert len(pending) == 2  # one is pending, of the other there is the mark
    assert [status(site, f"uploads/{name}") for name in pending] == [403, 403]
    site.ask("cancel", token=tokens[1])
    assert len(site.names("pending/")) == 1


def test_the_plan_shows_what_the_policy_opens(site: Site) -> None:
    """It opens what is below the prefix, and what any package keeps pending there is denied."""
    whole = bucket(site)
    PrefixRegistry.of(site.app.extensions).announce_pending(
        "admin", storage_type="s3", bucket_name=whole.bucket_name, prefix="uploads/.pending"
    )
    arn = f"arn:aws:s3:::{whole.bucket_name}/uploads/"
    allow, *deny = planned(site)["Statement"]
    assert (allow["Effect"], allow["Resource"]) == ("Allow", [f"{arn}*"])
    for one in deny:
        assert one["Effect"] == "Deny"
        assert one["Resource"] == [f"{arn}.pending/*", f"{arn}pending/*"]
        assert one["Condition"]


def test_the_policy_as_moto_reads_it(site: Site) -> None:
    """Of what the plan shows, a server that knows no conditions opens the public files alone."""
    whole = bucket(site)
    policy = planned(site)
    for key in ("uploads/a", "uploads/pending/b", "uploads/.pending", "uploads-invoices/c"):
        whole.save(key, BytesIO(b"x"))
    whole.client.put_bucket_policy(Bucket=whole.bucket_name, Policy=json.dumps(policy))
    assert status(site, "uploads/a") == 200
    assert status(site, "uploads/pending/b") == status(site, "uploads-invoices/c") == 403


@pytest.mark.servers
def test_two_apps_share_a_bucket(make_s3: MakeSite, site: Site) -> None:
    """Each writes its own statement and rules next to those of the other; when the files of one
    become private, its own statements go."""
    other = make_s3(**{**PUBLIC, "UPLOADS_S3_PREFIX": "other", "UPLOADS_DOMAIN": "https://b.org"})
    for one in (site, other):
        assert run(one, "--yes").exit_code == 0
    for one in (site, other):
        assert run(one).output.splitlines()[0] == "nothing to do"
    closed = make_s3(**{**PUBLIC, "UPLOADS_PRIVATE": True})
    before = sids(site)
    assert run(closed, "--yes").exit_code == 0
    left = sids(site)
    assert set(left) < set(before)
    assert len(left) * 2 == len(before)
    assert run(other).output.splitlines()[0] == "nothing to do"


@pytest.mark.parametrize(
    "settings",
    [
        {"UPLOADS_PRIVATE": True},
        {"UPLOADS_S3_CDN_DOMAIN": "cdn.example.com"},
        {"UPLOADS_S3_ACL": "public-read"},
    ],
    ids=lambda settings: "".join(settings),
)
def test_no_policy_is_needed(make_s3: MakeSite, settings: dict[str, Any]) -> None:
    """Where files are private, or a CDN or ACLs open them, none is written."""
    site = make_s3(**{**PUBLIC, **settings})
    assert "write the bucket's policy" not in run(site, "--dry-run").output


def test_public_acls_are_allowed(make_s3: MakeSite) -> None:
    """Where ACLs open files, the switch against public access must not forbid them."""
    site = make_s3(**PUBLIC, UPLOADS_S3_ACL="public-read")
    closed: Any = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls"), True)
    try:
        bucket(site).client.put_public_access_block(
            Bucket=bucket(site).bucket_name, PublicAccessBlockConfiguration=closed
        )
    except bucket(site).client.exceptions.ClientError as error:
        pytest.skip(f"this store has no such switch: {error}")
    assert '"BlockPublicAcls": false' in run(site, "--dry-run").output


@pytest.mark.parametrize(
    ("prefix", "message"),
    [
        ("", "UPLOADS_S3_PREFIX must be a folder such as 'uploads' .* the whole bucket; set a"),
        ("a*b", "UPLOADS_S3_PREFIX must be a folder without '*', '?' and '$' .* got 'a*b'"),
    ],
)
def test_prefixes_that_a_policy_cannot_be_for(make_s3: MakeSite, prefix: str, message: str) -> None:
    """A policy that would open more than the uploads is refused, and nothing is done."""
    site = make_s3(**{**PUBLIC, "UPLOADS_S3_PREFIX": prefix})
    result = run(site, "--yes")
    assert result.exit_code == 1
    assert message.partition(" .* ")[0] in result.output
    assert message.rpartition(" .* ")[2] in result.output
    assert read_policy(bucket(site))["Statement"] == []


def test_files_of_others_inside_are_not_opened(site: Site) -> None:
    """What another extension keeps in a folder inside, on purpose, is not made public; what shares
    the whole place is."""
    registry = PrefixRegistry.of(site.app.extensions)
    place = {"storage_type": "s3", "bucket_name": bucket(site).bucket_name}
    registry.announce("admin", **place, prefix="uploads", shares_with=["flask_s3_upload"])
    assert planned(site)["Statement"]
    registry.announce("admin", **place, prefix="uploads/staff", shares_with=["flask_s3_upload"])
    result = run(site, "--yes")
    assert result.exit_code == 1
    assert "UPLOADS_S3_PREFIX must be a folder of its own" in result.output
    assert "got 'uploads': a policy would let everybody read s3://" in result.output
    assert "uploads/staff/ (of admin)" in result.output
    assert numbered(result) == []


@pytest.mark.servers
def test_the_app_takes_uploads_after_it(site: Site) -> None:
    """The statements that close what is pending do not lock the app out: it claims, verifies and
    prunes."""
    run(site, "--yes")
    site.uploads.allow_direct("notes", rules=Rules(max_bytes=9), authorize=lambda upload: True)
    token = site.upload(b"note", "a.txt", purpose="notes", type="text/plain")
    with site.visit():
        assert site.uploads.verify(token, purpose="notes").filename == "a.txt"
        assert site.uploads.claim(token, "notes/", purpose="notes").name == "notes/a.txt"
    site.upload(picture())
    runner = site.app.test_cli_runner()
    pruned = runner.invoke(args=["uploads", "prune-pending", "--older-than", "0s", "--yes"])
    assert pruned.output.endswith("1 deleted\n")  # not the mark of a token that has not ended
