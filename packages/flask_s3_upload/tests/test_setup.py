"""flask uploads setup: from nothing to a bucket that takes uploads."""

import pytest
from click.testing import Result
from upload_site import MakeSite, Site

from s3_saver import S3Storage
from s3_saver.setup import BucketNeeds, plan_setup

FONTS = {"ID": "fonts", "AllowedOrigins": ["*"], "AllowedMethods": ["GET", "HEAD"]}


def run(site: Site, *arguments: str, answer: str | None = None) -> Result:
    runner = site.app.test_cli_runner()
    return runner.invoke(args=["uploads", "setup", *arguments], input=answer)


def numbered(result: Result) -> list[str]:
    """The first line of each step of the plan."""
    lines = result.output.splitlines()
    return [line.partition(". ")[2] for line in lines if line[:1].isdigit()]


def findings(result: Result) -> set[str]:
    return {line[0] for line in result.output.splitlines() if line[:1] in ("✓", "✗")}


@pytest.fixture
def site(make_s3: MakeSite) -> Site:
    """A site whose bucket is gone."""
    site = make_s3(UPLOADS_PRIVATE=True, UPLOADS_DOMAIN="https://example.com")
    storage_of(site).client.delete_bucket(Bucket=storage_of(site).bucket_name)
    return site


def storage_of(site: Site) -> S3Storage:
    assert isinstance(site.storage, S3Storage)
    return site.storage


def test_from_nothing(site: Site) -> None:
    """The plan is printed; after a yes the bucket is made and configured, and then checked."""
    result = run(site, answer="y\n")
    assert numbered(result) == [
        f"make the bucket '{storage_of(site).bucket_name}' in us-east-1",
        "write the CORS configuration",
        "write the lifecycle rules",
    ]
    assert "Do this? [y/N]: y" in result.output
    assert "✓ CORS for https://example.com" in result.output
    again = run(site)
    assert again.output.splitlines()[0] == "nothing to do"
    # What it has written need not be pasted.
    assert "aws s3api" not in result.output + again.output


@pytest.mark.servers
def test_every_check_holds_after_it(site: Site) -> None:
    """On a store that checks permissions and policies, nothing is left to do."""
    result = run(site, "--yes")
    assert (result.exit_code, findings(result)) == (0, {"✓"}), result.output


@pytest.mark.parametrize(("arguments", "answer"), [([], "n\n"), (["--dry-run"], None)])
def test_without_a_yes_nothing_is_done(
    site: Site, arguments: list[str], answer: str | None
) -> None:
    """A no and a dry run leave everything as it is."""
    result = run(site, *arguments, answer=answer)
    assert len(numbered(result)) == 3, result.output
    assert len(numbered(run(site, "--dry-run"))) == 3


def test_rules_of_others_stay(site: Site) -> None:
    """A bucket that has rules for static files keeps them, next to those for uploads."""
    for step in plan_setup(storage_of(site), BucketNeeds(cors=[FONTS])):
        step.apply()
    run(site, "--yes")
    answer = storage_of(site).client.get_bucket_cors(Bucket=storage_of(site).bucket_name)
    origins = [rule["AllowedOrigins"] for rule in answer["CORSRules"]]
    assert origins == [["https://example.com"], ["*"]]
    assert {"GET", "HEAD", "PUT"} <= set(answer["CORSRules"][0]["AllowedMethods"])


def test_on_disk_there_is_only_the_check(make_local: MakeSite) -> None:
    """A site that keeps files on disk needs no setup, and is checked."""
    site = make_local(UPLOADS_DOMAIN="https://example.com")
    result = run(site, "--yes")
    assert numbered(result) == []
    assert "✓" in result.output
