"""A bucket on S3."""

import io
import pickle
from typing import Any

import boto3
import pytest
from botocore.config import Config
from fault_proxy import FaultProxy, refuse
from makers import MakeStorage

from s3_saver import (
    AccessDeniedError,
    AlreadyExistsError,
    BucketNotFoundError,
    NotFoundError,
    S3SaverError,
    S3Storage,
    StorageUnavailableError,
    UnsafeNameError,
    copy_files,
)
from s3_saver.testing import MemoryStorage, S3Server


def test_prefix_is_a_folder_of_the_bucket(s3: S3Storage, make_s3: MakeStorage) -> None:
    """All names are below the prefix, and nothing outside it is seen or touched."""
    inner = make_s3(s3.bucket_name, prefix="/media/2026/")
    inner.save("a.txt", io.BytesIO(b"x"))
    s3.save("media/2026-other", io.BytesIO(b"x"))
    assert inner.key("a.txt") == "media/2026/a.txt"
    assert [info.name for info in inner.find()] == ["a.txt"]
    assert [info.name for info in s3.find()] == ["media/2026-other", "media/2026/a.txt"]
    with pytest.raises(UnsafeNameError):
        inner.delete("../2026-other")


def test_errors_tell_the_name_and_the_key(s3: S3Storage, make_s3: MakeStorage) -> None:
    """The error's name is what the caller passed; the message has the key, prefix and all."""
    storage = make_s3(s3.bucket_name, prefix="media")
    for call in (storage.open, storage.stat):
        with pytest.raises(NotFoundError, match=f"s3://{s3.bucket_name}/media/a.txt") as caught:
            call("a.txt")
        assert caught.value.name == "a.txt"


def test_content_type_goes_with_the_file(s3: S3Storage) -> None:
    """It follows the name unless one is given, and S3 keeps it."""
    s3.save("a.svg", io.BytesIO(b"<svg/>"))
    s3.save("b.svg", io.BytesIO(b"<svg/>"), content_type="text/plain")
    assert s3.stat("a.svg").content_type == "image/svg+xml"
    assert s3.stat("b.svg").content_type == "text/plain"


def test_nothing_is_guessed_about_encodings(s3: S3Storage) -> None:
    """A .gz comes back byte for byte, with no Content-Encoding to make browsers unpack it."""
    s3.save("a.csv.gz", io.BytesIO(b"\x1f\x8b"))
    head = s3.client.head_object(Bucket=s3.bucket_name, Key="a.csv.gz")
    assert head["ContentType"] == "application/gzip"
    assert "ContentEncoding" not in head


def test_headers_for_every_file(s3_bucket: str, make_s3: MakeStorage) -> None:
    """Options of the storage go with each file, those of a save over them."""
    storage = make_s3(
        s3_bucket, cache_control="max-age=60", extra_args={"Metadata": {"by": "us"}, "Expires": 0}
    )
    storage.save("a", io.BytesIO(b"x"))
    storage.save("b", io.BytesIO(b"x"), extra_args={"CacheControl": "no-store"})
    heads = [storage.client.head_object(Bucket=s3_bucket, Key=key) for key in "ab"]
    assert [head["CacheControl"] for head in heads] == ["max-age=60", "no-store"]
    assert [head["Metadata"]["by"] for head in heads] == ["us", "us"]


def test_headers_go_with_big_files_too(s3_bucket: str, make_s3: MakeStorage) -> None:
    """A multipart upload gets the same parameters, so nothing depends on the size."""
    storage = make_s3(s3_bucket, cache_control="max-age=60", extra_args={"Metadata": {"by": "us"}})
    storage.save("big.png", io.BytesIO(bytes(9 * 1024**2)))
    head = storage.client.head_object(Bucket=s3_bucket, Key="big.png")
    assert head["CacheControl"] == "max-age=60"
    assert head["Metadata"] == {"by": "us"}
    assert head["ContentType"] == "image/png"


@pytest.mark.parametrize("size", [10, 9 * 1024**2])
def test_no_acl_is_sent_unless_asked_for(
    s3_bucket: str, make_s3: MakeStorage, proxy: FaultProxy, size: int
) -> None:
    """Buckets made since April 2023 refuse ACLs: none goes along by itself, an asked one does."""
    for name, options in {"plain": {}, "asked": {"acl": "public-read"}}.items():
        proxy.headers.clear()
        storage = make_s3(s3_bucket, endpoint_url=proxy.endpoint_url, **options)
        storage.save(name, io.BytesIO(bytes(size)))
        acls = [headers["x-amz-acl"] for headers in proxy.headers if "x-amz-acl" in headers]
        assert acls == (["public-read"] if options else [])


def test_a_refused_acl_is_told_with_the_way_out(
    s3_bucket: str, make_s3: MakeStorage, proxy: FaultProxy
) -> None:
    """Where ACLs are disabled, the error says to leave acl out and use a policy."""
    proxy.faults.append(refuse(400, "AccessControlListNotSupported"))
    storage = make_s3(s3_bucket, endpoint_url=proxy.endpoint_url, acl="public-read")
    with pytest.raises(Exception, match=r"leave out acl .* bucket policy"):
        storage.save("a", io.BytesIO(b"x"))


def test_compatible_stores_get_no_needless_checksums(
    s3: S3Storage, make_s3: MakeStorage, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """boto3's checksums break MinIO and others: a custom endpoint gets them only when required."""
    storage = make_s3(s3.bucket_name, endpoint_url=proxy.endpoint_url)
    storage.save("a", io.BytesIO(b"x"))
    storage.save("b", io.BytesIO(bytes(9 * 1024**2)))
    sent = {name.lower() for headers in proxy.headers for name in headers}
    assert not {name for name in sent if "checksum" in name or name == "x-amz-trailer"}

    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", proxy.endpoint_url)
    config: Any = make_s3(s3.bucket_name, endpoint_url=None).client.meta.config
    assert config.request_checksum_calculation == "when_required"
    monkeypatch.delenv("AWS_ENDPOINT_URL_S3")
    config = make_s3(s3.bucket_name, endpoint_url=None, region="eu-west-3").client.meta.config
    assert config.request_checksum_calculation == "when_supported"


def test_missing_is_false_and_denied_is_an_error(
    s3: S3Storage, make_s3: MakeStorage, proxy: FaultProxy
) -> None:
    """404 is False; 403, as without ListBucket, raises and names s3:ListBucket."""
    storage = make_s3(s3.bucket_name, endpoint_url=proxy.endpoint_url)
    assert storage.exists("missing") is False
    proxy.always = refuse(403, "AccessDenied")
    with pytest.raises(AccessDeniedError, match="s3:ListBucket") as caught:
        storage.exists("missing")
    assert "s3:ListBucket" in caught.value.permission
    assert s3.bucket_name in str(caught.value)
    assert "missing" in str(caught.value)


@pytest.mark.parametrize(
    ("verb", "permission"),
    [
        ("save", "s3:PutObject"),
        ("open", "s3:GetObject"),
        ("find", "s3:ListBucket"),
        ("delete", "s3:DeleteObject"),
    ],
)
def test_denied_access_names_the_permission(
    s3_bucket: str, make_s3: MakeStorage, proxy: FaultProxy, verb: str, permission: str
) -> None:
    """Each call's error names the missing permission, the bucket and the file."""
    storage = make_s3(s3_bucket, endpoint_url=proxy.endpoint_url)
    proxy.always = refuse(403, "AccessDenied", "Access Denied")
    calls: dict[str, Any] = {
        "save": lambda: storage.save("a.txt", io.BytesIO(b"x")),
        "open": lambda: storage.open("a.txt"),
        "find": lambda: list(storage.find()),
        "delete": lambda: storage.delete("a.txt"),
    }
    with pytest.raises(AccessDeniedError) as caught:
        calls[verb]()
    assert permission in caught.value.permission
    assert permission in str(caught.value)
    assert s3_bucket in str(caught.value)


@pytest.mark.parametrize("name", [None, "a.txt"])
def test_what_the_client_raises_can_be_translated(
    s3_bucket: str, make_s3: MakeStorage, proxy: FaultProxy, name: str | None
) -> None:
    """Around calls of the client, errors are those of a storage, with S3's code."""
    storage = make_s3(s3_bucket, endpoint_url=proxy.endpoint_url, prefix="media")
    proxy.always = refuse(403, "AccessDenied", "Access Denied")
    with pytest.raises(AccessDeniedError) as caught, storage.translate_errors(name):
        storage.client.get_bucket_policy(Bucket=s3_bucket)
    assert (caught.value.code, caught.value.name) == ("AccessDenied", name)
    assert caught.value.permission == "s3:GetBucketPolicy"
    assert (f"s3://{s3_bucket}/media/a.txt" if name else f"s3://{s3_bucket}:") in str(caught.value)


@pytest.mark.parametrize(
    ("status", "code", "fix"),
    [
        (501, "NotImplemented", "this store does not have that call"),
        (409, "BucketAlreadyExists", "does not have that call: it took it for the making of a"),
        (400, "IllegalLocationConstraintException", "correct the region"),
        (403, "AccessDenied", "allow s3:PutBucketPolicy .* turn off its Block Public Access"),
        (404, "NoSuchThing", "S3 refused PutBucketPolicy"),
    ],
)
def test_refusals_of_calls_for_the_bucket(
    s3_bucket: str, make_s3: MakeStorage, proxy: FaultProxy, status: int, code: str, fix: str
) -> None:
    """An error about the bucket itself names its fix, and no file."""
    storage = make_s3(s3_bucket, endpoint_url=proxy.endpoint_url)
    proxy.always = refuse(status, code)
    with pytest.raises(S3SaverError, match=fix) as caught, storage.translate_errors():
        storage.client.put_bucket_policy(Bucket=s3_bucket, Policy="{}")
    assert caught.value.code == code
    assert not isinstance(caught.value, StorageUnavailableError)


def test_only_an_answer_has_a_code(s3_bucket: str, make_s3: MakeStorage) -> None:
    """Where nobody answers, there is no code of S3's."""
    storage = make_s3(s3_bucket, endpoint_url="http://127.0.0.1:9")
    with pytest.raises(StorageUnavailableError) as caught, storage.translate_errors():
        storage.client.get_bucket_policy(Bucket=s3_bucket)
    assert caught.value.code == ""


def test_a_missing_bucket_is_told_by_name(make_s3: MakeStorage) -> None:
    """Every call says that the bucket is missing, not the file, and none is silent."""
    storage = make_s3("no-such-bucket-here")
    calls: list[Any] = [
        lambda: storage.save("a", io.BytesIO(b"x")),
        lambda: storage.save("a", io.BytesIO(bytes(9 * 1024**2))),
        lambda: storage.open("a"),
        lambda: storage.stat("a"),
        lambda: storage.exists("a"),
        lambda: list(storage.find()),
        lambda: storage.delete("a"),
        lambda: storage.delete("a", "b"),
        lambda: storage.copy("a", "b"),
    ]
    for call in calls:
        with pytest.raises(BucketNotFoundError, match="no bucket 'no-such-bucket-here'") as caught:
            call()
        assert caught.value.bucket_name == "no-such-bucket-here"


def test_a_missing_file_costs_the_bucket_one_look(
    s3: S3Storage, make_s3: MakeStorage, proxy: FaultProxy
) -> None:
    """After a HEAD that found nothing, the bucket is looked for once and then remembered."""
    storage = make_s3(s3.bucket_name, endpoint_url=proxy.endpoint_url)
    for _ in range(3):
        assert not storage.exists("missing")
    assert len(proxy.requests) == 4


def test_who_may_not_list_the_bucket_still_learns_what_is_missing(
    s3: S3Storage, make_s3: MakeStorage, proxy: FaultProxy
) -> None:
    """If S3 refuses access to the bucket, the bucket exists, and only the file is missing."""
    proxy.only = lambda method, path: method == "HEAD" and path.strip("/") == s3.bucket_name
    proxy.always = refuse(403, "AccessDenied")
    assert not make_s3(s3.bucket_name, endpoint_url=proxy.endpoint_url).exists("missing")


@pytest.mark.parametrize(
    ("code", "fix"),
    [
        ("InvalidObjectState", "restore it first"),
        ("RequestTimeTooSkewed", "set this machine's clock"),
        ("ExpiredToken", "correct the access key, secret and token"),
    ],
)
def test_refusals_that_no_policy_mends_name_another_fix(
    s3: S3Storage, make_s3: MakeStorage, proxy: FaultProxy, code: str, fix: str
) -> None:
    """Not every 403 is a missing permission: an archived object, a wrong clock, an old token."""
    proxy.always = refuse(403, code)
    with pytest.raises(AccessDeniedError, match=fix) as caught:
        make_s3(s3.bucket_name, endpoint_url=proxy.endpoint_url).open("a")
    assert not caught.value.permission


def test_save_tells_the_type_that_s3_keeps(s3: S3Storage) -> None:
    """A content type in extra_args wins, and is the one that save and stat return."""
    info = s3.save("a.bin", io.BytesIO(b"x"), extra_args={"ContentType": "text/x-own"})
    assert info.content_type == s3.stat("a.bin").content_type == "text/x-own"


@pytest.mark.servers
def test_wrong_credentials_are_told(s3_bucket: str, make_s3: MakeStorage) -> None:
    """A wrong secret or an unknown key is an AccessDeniedError that says what to correct."""
    for wrong in ({"access_key_secret": "wrong"}, {"access_key_id": "NOBODY"}):
        storage = make_s3(s3_bucket, **wrong)
        with pytest.raises(AccessDeniedError, match="correct the access key, secret"):
            storage.save("a", io.BytesIO(b"x"))
        with pytest.raises(AccessDeniedError):
            storage.exists("a")


def test_no_credentials_are_told(s3_server: S3Server, s3_bucket: str) -> None:
    """If the SDK finds none, the error says where it looked and what to set."""
    storage = S3Storage(s3_bucket, endpoint_url=s3_server.endpoint_url, region="us-east-1")
    with pytest.raises(AccessDeniedError, match="AWS_ACCESS_KEY_ID"):
        storage.save("a", io.BytesIO(b"x"))
    with pytest.raises(AccessDeniedError, match="AWS_ACCESS_KEY_ID"):
        _ = storage.credentials


def test_credentials_come_from_the_environment(
    s3_server: S3Server, s3_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None are needed in arguments: the SDK's own chain finds them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_server.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_server.access_key_secret)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
    storage = S3Storage(s3_bucket, endpoint_url=s3_server.endpoint_url)
    storage.save("a", io.BytesIO(b"x"))
    assert storage.exists("a")
    assert storage.credentials.access_key == s3_server.access_key_id
    assert storage.credentials.get_frozen_credentials().secret_key == s3_server.access_key_secret
    assert storage.region == "eu-central-1"


@pytest.mark.parametrize(
    ("options", "where"),
    [
        ({"config": Config(read_timeout=29)}, (None, None)),  # a client that no other test shares
        ({"region": "eu-north-1"}, ("eu-north-1", None)),
        ({"region": "cn-north-1"}, ("cn-north-1", None)),
        (
            {"region": "auto", "endpoint_url": "https://r2.example.org"},
            ("auto", "https://r2.example.org"),
        ),
    ],
)
def test_a_storage_tells_where_its_bucket_answers(
    options: Any, where: tuple[str | None, str | None]
) -> None:
    """Region and endpoint are as url_for_s3 takes them: None for what it finds out itself."""
    storage = S3Storage("bucket", **options)
    assert (storage.region, storage.endpoint_url) == where


def test_a_ready_client_is_used(s3_server: S3Server, s3_bucket: str) -> None:
    """A client of the application's own takes the place of all options."""
    client = boto3.client(
        "s3",
        endpoint_url=s3_server.endpoint_url,
        aws_access_key_id=s3_server.access_key_id,
        aws_secret_access_key=s3_server.access_key_secret,
        region_name="us-east-1",
    )
    storage = S3Storage(s3_bucket, client=client)
    storage.save("a", io.BytesIO(b"x"))
    assert storage.client is client
    assert (storage.region, storage.endpoint_url) == ("us-east-1", s3_server.endpoint_url)
    assert storage.credentials.access_key == s3_server.access_key_id
    with pytest.raises(TypeError, match="holds a ready client, which cannot be pickled"):
        pickle.dumps(storage)


@pytest.mark.parametrize(
    ("bucket", "options", "message"),
    [
        ("", {}, "bucket_name must be a bucket's name"),
        ("b", {"client": object(), "region": "eu-west-1"}, "client must be passed without region"),
        ("b", {"access_key_id": "a"}, "access_key_secret must be passed together"),
        ("b", {"access_key_secret": "s"}, "access_key_id must be passed together with"),
        ("b", {"session_token": "t"}, "access_key_id must be passed together with session_token"),
        ("b", {"prefix": "../up"}, "prefix '../up/' is not safe"),
    ],
)
def test_wrong_arguments_are_told_at_once(
    bucket: str, options: dict[str, Any], message: str
) -> None:
    """The constructor refuses what cannot work, by the name of the argument."""
    with pytest.raises(ValueError, match=message):
        S3Storage(bucket, **options)


def test_repr_shows_the_place_but_no_secret() -> None:
    """Logs may show a storage."""
    storage = S3Storage("b", prefix="p", access_key_id="id", access_key_secret="hush")
    assert repr(storage) == "S3Storage('b/p')"


def test_a_ready_file_of_the_console_is_no_file(s3: S3Storage) -> None:
    """The empty objects that S3's console makes for folders are not listed."""
    s3.client.put_object(Bucket=s3.bucket_name, Key="folder/", Body=b"")
    s3.save("folder/a", io.BytesIO(b"x"))
    assert [info.name for info in s3.find()] == ["folder/a"]
    s3.client.delete_object(Bucket=s3.bucket_name, Key="folder/")


def test_listing_fetches_only_what_is_asked_for(
    s3: S3Storage, make_s3: MakeStorage, proxy: FaultProxy
) -> None:
    """A big bucket is never loaded whole: a page is fetched when the last one is used up."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: s3.save(f"{n:04}", io.BytesIO(b"x")), range(1005)))
    files = make_s3(s3.bucket_name, endpoint_url=proxy.endpoint_url).find()
    assert proxy.requests == []
    for number in range(1000):
        assert next(files).name == f"{number:04}"
    assert len(proxy.requests) == 1
    assert len(list(files)) == 5
    assert len(proxy.requests) == 2


def test_names_with_every_character_survive_a_listing(s3: S3Storage) -> None:
    """What S3 encodes in its answers is decoded again, once."""
    names = ["%41", "a b", "a&b<c>", "a+b", "é", "🙂", "'\""]
    for name in names:
        s3.save(name, io.BytesIO(name.encode()))
    assert {info.name for info in s3.find()} == set(names)
    s3.delete(*names)
    assert list(s3.find()) == []


def test_missing_files_of_a_copy_are_told(s3: S3Storage) -> None:
    """The error names the source."""
    with pytest.raises(NotFoundError, match="missing"):
        s3.copy("missing", "target")


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"bucket_name": None}, ValueError, "bucket_name must be a bucket's name such as"),
        ({"bucket_name": 5}, TypeError, "bucket_name must be a bucket's name .* got 5"),
        ({"bucket_name": "My Bucket!"}, ValueError, "got 'My Bucket!'"),
        (
            {"bucket_name": "s3://my-bucket"},
            ValueError,
            "without 's3://' and a prefix, got 's3://my-",
        ),
        ({"bucket_name": "my-bucket/media"}, ValueError, "got 'my-bucket/media'"),
        ({"bucket_name": "b" * 256}, ValueError, "of 1 to 255 letters"),
        ({"prefix": 5}, TypeError, "prefix must be a str such as 'media/', got 5"),
        ({"region": 5}, TypeError, "region must be a str such as 'eu-north-1', got 5"),
        ({"endpoint_url": "localhost:9000"}, ValueError, "endpoint_url must be a URL that begins"),
        ({"endpoint_url": 5}, TypeError, "endpoint_url must be a str such as .* got 5"),
        ({"client": "x"}, TypeError, "client must be a boto3 client: .* got 'x'"),
        ({"config": {"read_timeout": 1}}, TypeError, "config must be a botocore Config: .* got {"),
        ({"extra_args": 5}, TypeError, "extra_args must be a dict"),
        ({"acl": "private\n"}, ValueError, "acl must be a str without control"),
        ({"cache_control": "a\r\nb"}, ValueError, "cache_control must be a str without con"),
        ({"server_side_encryption": 5}, TypeError, "server_side_encryption must be a str, got 5"),
    ],
)
def test_wrong_options_are_told_at_once(
    options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    """Before the first call on S3, by the argument's name, with its value and the fix."""
    with pytest.raises(kind, match=message):
        S3Storage(**{"bucket_name": "my-bucket", **options})


@pytest.mark.parametrize("argument", ["access_key_id", "access_key_secret", "session_token"])
def test_credentials_of_wrong_types_are_not_shown(argument: str) -> None:
    """The error names the argument and the type, and keeps the secret."""
    options: Any = {"access_key_id": "id", "access_key_secret": "secret", argument: b"hidden"}
    with pytest.raises(TypeError, match=f"{argument} must be a str, got <class 'bytes'>") as e:
        S3Storage("my-bucket", **options)
    assert "hidden" not in str(e.value)


def test_a_password_in_an_endpoint_is_not_shown() -> None:
    """The error about a missing scheme leaves out what stands before the host."""
    with pytest.raises(ValueError, match="endpoint_url must be a URL that begins") as caught:
        S3Storage("my-bucket", endpoint_url="user:hidden@localhost:9000")
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    "bucket",
    [
        "My_Bucket.1",
        "b",
        "b" * 255,
        "media-abcdefgh123456789012-s3alias",
    ],
)
def test_buckets_of_all_stores_are_taken(bucket: str) -> None:
    """Names that only other stores have, and the aliases of access points."""
    assert S3Storage(bucket).bucket_name == bucket


def test_a_ready_client_may_take_other_buckets(make_s3: MakeStorage) -> None:
    """A client may be configured to let Ceph's tenants pass, in front of the bucket's name."""
    client = make_s3("bucket").client
    assert S3Storage("tenant:bucket", client=client).bucket_name == "tenant:bucket"


def test_a_key_is_at_most_1024_bytes_with_its_prefix(make_s3: MakeStorage, s3_bucket: str) -> None:
    """The longest one works in each call, also without overwriting; a longer one is no safe name,
    which a copy reports alone.
    """
    storage = make_s3(s3_bucket, prefix="p" * 100)
    longest = "/".join(["a" * 255, "b" * 255, "c" * 255, "d" * 155])
    assert len(storage.key(longest)) == 1024
    storage.save(longest, io.BytesIO(b"x"), overwrite=False)
    with pytest.raises(AlreadyExistsError):
        storage.save(longest, io.BytesIO(b"y"), overwrite=False)
    assert storage.copy(longest, longest).size == 1
    assert [info.name for info in storage.find()] == [longest]
    storage.delete(longest)
    for call in (storage.exists, storage.delete, storage.open, storage.key):
        with pytest.raises(UnsafeNameError, match="with the prefix 'ppp.* has 1025 bytes; 1024 is"):
            call(f"{longest}e")
    with pytest.raises(UnsafeNameError, match="has 1026 bytes"):
        storage.save(f"{longest}é", io.BytesIO(b"x"))
    source = MemoryStorage()
    for name in (f"{longest}e", "a", "z"):
        source.save(name, io.BytesIO(b"x"))
    report = copy_files(source, storage)
    assert (report.copied, list(report.failed)) == (2, [f"{longest}e"])


def test_a_long_key_asks_a_store_by_a_key_that_it_can_hold(s3: S3Storage) -> None:
    """The key by which a store is asked what it can is no longer than a key may be."""
    name = "/".join(["a" * 255, "b" * 255, "c" * 255, "d" * 250, "e"])
    s3.save(name, io.BytesIO(b"x"), overwrite=False)
    assert [info.name for info in s3.find()] == [name]
