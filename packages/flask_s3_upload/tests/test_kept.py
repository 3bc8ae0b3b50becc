"""How objects are kept: by setting, by call, and signed into what browsers send."""

import os
from typing import Any

import pytest
from sent_files import PART, big, picture, posted
from upload_site import MakeSite, Site

from s3_saver import S3Storage

KEPT = {
    "UPLOADS_S3_CACHE_CONTROL": "private, max-age=60",
    "S3_STORAGE_CLASS": "STANDARD",
    "UPLOADS_S3_TAGS": {"owner": "ann lee", "project": "a/b"},
}


def kept(site: Site, name: str) -> tuple[str, dict[str, str]]:
    """Cache-Control and tags of an object."""
    storage = site.storage
    assert isinstance(storage, S3Storage)
    place: Any = {"Bucket": storage.bucket_name, "Key": storage.key(name)}
    head = storage.client.head_object(**place)
    tags = storage.client.get_object_tagging(**place).get("TagSet", [])
    return head.get("CacheControl", ""), {tag["Key"]: tag["Value"] for tag in tags}


AS_SET = ("private, max-age=60", {"owner": "ann lee", "project": "a/b"})


def test_saved_files(make_s3: MakeSite) -> None:
    """Settings say how all objects are kept, a call how this one is; on a disk neither matters."""
    site = make_s3(**KEPT)
    with site.app.app_context():
        site.uploads.save(posted(picture(), "a.png"))
        site.uploads.save(posted(picture(), "b.png"), cache_control="no-store", tags={"by": "me"})
        site.uploads.save(
            posted(picture(), "c.png"), to="c.png", background=True, tags={"by": "it"}
        )
        site.app.extensions["flask_s3_upload"][""].background.queue.join()
    assert kept(site, "a.png") == AS_SET
    assert kept(site, "b.png") == ("no-store", {"by": "me"})
    (sent,) = site.names("c-")
    assert kept(site, sent) == ("private, max-age=60", {"by": "it"})


@pytest.mark.parametrize("method", ["POST", "PUT", "parts"])
def test_direct_uploads(make_s3: MakeSite, method: str) -> None:
    """What is pending is kept like that, too, by forms, PUTs and parts, as buckets may demand it;
    and so is what is claimed, unless the call says otherwise."""
    site = make_s3(**KEPT, UPLOADS_S3_DIRECT_METHOD="PUT" if method == "PUT" else "POST")

    def send() -> str:
        if method != "parts":
            return site.upload(picture())
        token: str = site.sign(big(), parts=True)["token"]
        for part, data in ((1, big()[:PART]), (2, big()[PART:])):
            site.send(site.ask("part", token=token, part=part), data)
        site.ask("complete", token=token)
        return token

    token = send()
    (pending,) = site.names("pending/")
    # moto takes no tags of a form, and Ceph 16 none of an upload in parts.
    if (method, "S3_TEST_ENDPOINT" in os.environ) not in {("POST", False), ("parts", True)}:
        assert kept(site, pending)[1] == AS_SET[1]
    assert kept(site, site.claim(token).name) == AS_SET
    stored = site.claim(send(), "b/", cache_control="no-store", tags={"by": "me"})
    assert kept(site, stored.name) == ("no-store", {"by": "me"})


def test_encryption(make_s3: MakeSite) -> None:
    """The algorithm of encryption and its key are fields of each form."""
    encryption = {
        "UPLOADS_S3_SERVER_SIDE_ENCRYPTION": "aws:kms",
        "UPLOADS_S3_KMS_KEY_ID": "alias/a",
    }
    fields = make_s3(**encryption).sign(picture())["fields"]
    assert fields["x-amz-server-side-encryption"] == "aws:kms"
    assert fields["x-amz-server-side-encryption-aws-kms-key-id"] == "alias/a"


def test_what_is_pending_is_never_opened_by_an_acl(make_s3: MakeSite) -> None:
    """An ACL that opens files is not sent with what nobody has checked."""
    site = make_s3(UPLOADS_S3_ACL="public-read")
    assert isinstance(site.storage, S3Storage)
    with site.visit():
        site.uploads.hold(posted(picture()))
    (pending,) = site.names("pending/")
    acl = site.storage.client.get_object_acl(
        Bucket=site.storage.bucket_name, Key=site.storage.key(pending)
    )
    assert len(acl["Grants"]) == 1
