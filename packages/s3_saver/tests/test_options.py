"""What goes with a file on S3: cache control, storage class, encryption, tags."""

import io
from typing import Any

import pytest
from makers import MakeStorage

from s3_saver import ArgumentError, S3SaverError, S3Storage

KEY = "arn:aws:kms:us-east-1:123456789012:key/1234"

OPTIONS: dict[str, Any] = {
    "cache_control": "public, max-age=31536000, immutable",
    "storage_class": "STANDARD_IA",
    "server_side_encryption": "aws:kms",
    "kms_key_id": KEY,
    "tags": {"owner": "ann + bob/eve", "empty": ""},
}
TAGS = [{"Key": "empty", "Value": ""}, {"Key": "owner", "Value": "ann + bob/eve"}]


def head(storage: S3Storage, name: str) -> Any:
    return storage.client.head_object(Bucket=storage.bucket_name, Key=storage.key(name))


def tags(storage: S3Storage, name: str) -> list[dict[str, str]]:
    answer: Any = storage.client.get_object_tagging(
        Bucket=storage.bucket_name, Key=storage.key(name)
    )
    return sorted(answer["TagSet"], key=lambda tag: str(tag["Key"]))


def check(storage: S3Storage, name: str) -> None:
    headers = head(storage, name)
    assert headers["CacheControl"] == OPTIONS["cache_control"]
    assert headers["StorageClass"] == "STANDARD_IA"
    assert (headers["ServerSideEncryption"], headers["SSEKMSKeyId"]) == ("aws:kms", KEY)
    assert tags(storage, name) == TAGS


@pytest.mark.parametrize("size", [1, 9 * 1024**2])
@pytest.mark.parametrize("overwrite", [True, False])
def test_options_of_the_storage_go_with_every_file(
    make_s3: MakeStorage, s3_bucket: str, size: int, overwrite: bool
) -> None:
    """In one request or in parts, and by a derived storage as well."""
    storage = make_s3(s3_bucket, **OPTIONS)
    for made, name in ((storage, "a"), (storage.derive(prefix="sub"), "a")):
        made.save(name, io.BytesIO(bytes(size)), overwrite=overwrite)
        check(made, name)


def test_options_of_a_call_go_over_those(make_s3: MakeStorage, s3_bucket: str) -> None:
    """Of each option, what the call says counts; encryption is taken as a whole."""
    storage = make_s3(s3_bucket, **OPTIONS)
    storage.save(
        "a",
        io.BytesIO(b"x"),
        cache_control="no-store",
        server_side_encryption="AES256",
        tags={"by": "us"},
    )
    headers = head(storage, "a")
    assert (headers["CacheControl"], headers["StorageClass"]) == ("no-store", "STANDARD_IA")
    assert headers["ServerSideEncryption"] == "AES256"
    assert "SSEKMSKeyId" not in headers
    assert tags(storage, "a") == [{"Key": "by", "Value": "us"}]
    plain = make_s3(s3_bucket)
    plain.save("b", io.BytesIO(b"x"), **OPTIONS)
    check(plain, "b")


@pytest.mark.parametrize("limit", [5 * 1024**3, 8 * 1024**2], ids=["one request", "in parts"])
def test_options_of_a_copy_take_the_place_of_the_source_s(
    s3: S3Storage, limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not asked for is kept: type, metadata, and other headers."""
    monkeypatch.setattr("s3_saver._uploads.MAX_PUT_SIZE", limit)
    extra: Any = {"Metadata": {"by": "us"}, "ContentDisposition": "attachment"}
    s3.save("a", io.BytesIO(bytes(9 * 1024**2)), content_type="image/png", extra_args=extra)
    info = s3.copy("a", "b", **OPTIONS)
    check(s3, "b")
    headers = head(s3, "b")
    assert (headers["Metadata"], headers["ContentDisposition"]) == ({"by": "us"}, "attachment")
    assert (headers["ContentType"], info.content_type) == ("image/png", "image/png")
    assert "CacheControl" not in head(s3, "a")


def test_a_copy_keeps_tags_and_has_the_storage_s_class(
    make_s3: MakeStorage, s3_bucket: str
) -> None:
    """Storage class and encryption are the target's, as with any save; tags are the source's."""
    make_s3(s3_bucket).save("a", io.BytesIO(b"x"), tags={"by": "us"}, cache_control="no-store")
    storage = make_s3(s3_bucket, **OPTIONS)
    storage.copy("a", "b")
    headers = head(storage, "b")
    assert (headers["StorageClass"], headers["SSEKMSKeyId"]) == ("STANDARD_IA", KEY)
    assert headers["CacheControl"] == "no-store"
    assert tags(storage, "b") == [{"Key": "by", "Value": "us"}]


@pytest.mark.parametrize("limit", [5 * 1024**3, 8 * 1024**2], ids=["one request", "in parts"])
@pytest.mark.parametrize("by_call", [True, False])
def test_a_copy_may_replace_all_that_the_source_has(
    s3: S3Storage, limit: int, by_call: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With S3's MetadataDirective nothing that a stranger has put on an upload gets to the copy."""
    monkeypatch.setattr("s3_saver._uploads.MAX_PUT_SIZE", limit)
    theirs: Any = {"Metadata": {"evil": "yes"}, "ContentEncoding": "gzip"}
    s3.save("a", io.BytesIO(bytes(9 * 1024**2)), content_type="text/html", extra_args=theirs)
    ours: Any = {
        "MetadataDirective": "REPLACE",
        "ContentType": "image/png",
        "CopySourceIfMatch": f'"{s3.stat("a").etag}"',
    }
    if by_call:
        s3.copy("a", "b", overwrite=False, extra_args=ours)
    else:
        s3.derive(extra_args=ours).copy("a", "b", overwrite=False)
    headers = head(s3, "b")
    assert (headers["ContentType"], headers["Metadata"]) == ("image/png", {})
    assert "ContentEncoding" not in headers


def test_a_big_copy_is_of_the_version_that_was_asked_for(
    s3: S3Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another version than CopySourceIfMatch says is not copied, in parts or through here."""
    monkeypatch.setattr("s3_saver._uploads.MAX_PUT_SIZE", 8 * 1024**2)
    s3.save("a", io.BytesIO(b"x" * 9 * 1024**2))
    wanted: Any = {"CopySourceIfMatch": f'"{s3.stat("a").etag}"'}
    s3.save("a", io.BytesIO(b"y" * 9 * 1024**2))
    with pytest.raises(S3SaverError, match="was replaced while it was being read"):
        s3.copy("a", "b", extra_args=wanted)
    assert not s3.exists("b")
    assert "Uploads" not in s3.client.list_multipart_uploads(Bucket=s3.bucket_name)


def test_a_file_may_be_copied_onto_itself_to_change_it(s3: S3Storage) -> None:
    """Its headers change, and its content stays."""
    s3.save("a", io.BytesIO(b"x"), content_type="image/png")
    s3.copy("a", "a", cache_control="no-store")
    assert head(s3, "a")["CacheControl"] == "no-store"
    assert s3.stat("a").content_type == "image/png"
    with s3.open("a") as file:
        assert file.read() == b"x"


def test_a_key_alone_asks_for_kms(s3: S3Storage) -> None:
    """A KMS key is enough to have files encrypted by it."""
    s3.save("a", io.BytesIO(b"x"), kms_key_id=KEY)
    assert head(s3, "a")["ServerSideEncryption"] == "aws:kms"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cache_control": "a\nb"}, "cache_control must be a str without control"),
        ({"cache_control": "größe"}, "cache_control must be in ASCII"),
        ({"extra_args": {"Metadata": {"a": "日本"}}}, r"extra_args.* must be in ASCII"),
        ({"extra_args": {"ContentDisposition": "a; filename=é"}}, "must be in ASCII"),
        ({"storage_class": 5}, "storage_class must be a str, got 5"),
        ({"server_side_encryption": "AES256", "kms_key_id": "k"}, "'aws:kms' .* with a kms_key_id"),
        ({"kms_key_id": "k\n"}, "kms_key_id must be a str without control"),
        ({"tags": ["a"]}, "tags must be a dict such as"),
        ({"tags": {str(n): "" for n in range(11)}}, "tags must be at most 10 tags"),
        ({"tags": {"a": 5}}, "tags must be a dict of str to str"),
        ({"tags": {"": "x"}}, "tags must be a dict whose keys are not empty"),
        ({"tags": {"a": "ann & bob"}}, "letters, digits, spaces and characters of"),
        ({"tags": {"a": "line\n"}}, "letters, digits, spaces and characters of"),
        ({"tags": {"k" * 129: ""}}, "tags must be keys of at most 128"),
        ({"tags": {"k": "v" * 257}}, "tags must be keys of at most 128 and values of at most 256"),
    ],
)
def test_wrong_options_are_told_at_once(
    s3: S3Storage, options: dict[str, Any], message: str
) -> None:
    """By the constructor and by each call, before anything is stored."""
    for call in (
        lambda: S3Storage("bucket", **options),
        lambda: s3.save("a", io.BytesIO(b"x"), **options),
        lambda: s3.copy("a", "b", **options),
    ):
        with pytest.raises(ArgumentError, match=message):
            call()
    assert list(s3.find()) == []


def test_an_unknown_option_is_told(s3: S3Storage) -> None:
    """A typo is a TypeError that lists what there is."""
    wrong: Any = {"cache_contrl": "no-store"}
    with pytest.raises(TypeError, match="no option 'cache_contrl'; there are cache_control, "):
        s3.save("a", io.BytesIO(b"x"), **wrong)
