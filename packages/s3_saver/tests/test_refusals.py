"""What S3 and the SDK refuse comes out as the right kind of error, with the right fix."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from botocore.config import Config
from fault_proxy import Fault, FaultProxy, refuse
from makers import MakeStorage
from other_stores import answer, send

from s3_saver import (
    AccessDeniedError,
    BucketNotFoundError,
    NotFoundError,
    S3SaverError,
    S3Storage,
    StorageUnavailableError,
)
from s3_saver.testing import S3Server

CALLS: dict[str, Callable[[S3Storage], object]] = {
    "save": lambda storage: storage.save("a", io.BytesIO(b"x")),
    "open": lambda storage: storage.open("a"),
    "stat": lambda storage: storage.stat("a"),
    "exists": lambda storage: storage.exists("a"),
    "find": lambda storage: list(storage.find()),
    "delete": lambda storage: storage.delete("a"),
    "delete many": lambda storage: storage.delete("a", "b"),
    "copy": lambda storage: storage.copy("a", "b"),
}


@pytest.fixture
def storage(s3_bucket: str, make_s3: MakeStorage, proxy: FaultProxy) -> S3Storage:
    """A bucket through the proxy; nothing is tried again."""
    once = Config(retries={"mode": "standard", "total_max_attempts": 1})
    return make_s3(s3_bucket, endpoint_url=proxy.endpoint_url, config=once)


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (403, "QuotaExceeded", None),  # Ceph, VersityGW
        (400, "XMinioAdminBucketQuotaExceeded", "Bucket quota exceeded"),
        (507, "XMinioStorageFull", "Storage backend has reached its minimum free drive threshold"),
        (507, "InsufficientStorage", "full"),
        (403, "AccessDenied", "Cannot upload files, storage cap exceeded."),  # B2
    ],
)
def test_a_full_store_is_no_missing_permission(
    storage: S3Storage, proxy: FaultProxy, status: int, code: str, message: str | None
) -> None:
    """The error about a used-up quota names its own fix, whatever the status."""
    proxy.always = refuse(status, code, message or "")
    with pytest.raises(StorageUnavailableError, match="free some space, or raise the quota"):
        storage.save("a", io.BytesIO(b"x"))


@pytest.mark.parametrize(
    ("code", "fix"),
    [
        ("AccountProblem", "the account has a problem: ask the provider"),
        ("AllAccessDisabled", "has disabled the bucket or the account"),
        ("RequestTimeTooSkewed", "set this machine's clock"),
        ("RequestExpired", "set this machine's clock"),
    ],
)
def test_refusals_that_no_policy_changes_name_another_fix(
    storage: S3Storage, proxy: FaultProxy, code: str, fix: str
) -> None:
    """Not every 403 is a missing permission."""
    proxy.always = refuse(403, code)
    with pytest.raises(AccessDeniedError, match=fix) as caught:
        storage.open("a")
    assert caught.value.permission == ""


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("status", "code"),
    [
        (429, "TooManyRequests"),
        (429, "SomethingNew"),
        (400, "ThrottlingException"),
        (503, "SlowDownWrite"),
    ],
)
def test_throttling_is_told_by_every_call(
    storage: S3Storage, proxy: FaultProxy, call: str, status: int, code: str
) -> None:
    """A store that has enough of us for now is unavailable, also where a HEAD has only a status."""
    proxy.always = refuse(status, code)
    if call in ("stat", "exists", "copy") and status == 400:
        pytest.skip("a HEAD has no code, and 400 is not only throttling")
    with pytest.raises(StorageUnavailableError, match="try again later"):
        CALLS[call](storage)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", [b"", b"<html>Forbidden</html>", b"no XML at all"])
def test_401_and_403_are_not_the_network(
    storage: S3Storage, proxy: FaultProxy, call: str, status: int, body: bytes
) -> None:
    """However a proxy or store words them, they are denied access, and never NotFound or False."""
    proxy.always = answer(status, body, "text/html")
    with pytest.raises(AccessDeniedError) as caught:
        CALLS[call](storage)
    assert "network" not in str(caught.value)
    assert "None" not in str(caught.value)


@pytest.mark.parametrize("call", CALLS)
def test_a_wrong_clock_is_found_by_the_server_s(
    storage: S3Storage, proxy: FaultProxy, call: str
) -> None:
    """Where the code does not say it, as to a HEAD, the server's Date does."""
    date = format_datetime(datetime.now(UTC) - timedelta(hours=1), usegmt=True)

    def deny(handler: Any) -> None:
        handler.read_body()
        send(handler, 403, [("Date", date)], b"")

    proxy.always = deny
    with pytest.raises(AccessDeniedError, match="set this machine's clock"):
        CALLS[call](storage)


@pytest.mark.parametrize("code", ["BucketAlreadyExists", "BucketAlreadyOwnedByYou"])
def test_a_configuration_taken_for_a_new_bucket_is_no_taken_name(
    storage: S3Storage, proxy: FaultProxy, code: str
) -> None:
    """A store without PutBucketCors may take it for CreateBucket: no other name would help."""
    proxy.always = refuse(409, code)
    rules: Any = {"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}]}
    does_not = "this store does not have that call"
    with pytest.raises(S3SaverError, match=does_not) as caught, storage.translate_errors():
        storage.client.put_bucket_cors(Bucket=storage.bucket_name, CORSConfiguration=rules)
    assert "choose another name" not in str(caught.value)
    with pytest.raises(S3SaverError) as caught, storage.translate_errors():
        storage.client.create_bucket(Bucket=storage.bucket_name)
    assert ("choose another name" in str(caught.value)) == (code == "BucketAlreadyExists")


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "body",
    [
        b"<Error><Code>InvalidAccessKeyId</Code></Error>",
        b"<Error><Code>InvalidAccessKeyId</Code><Message/></Error>",
        b"<Error><Code/><Message/></Error>",
        b"<Error/>",
    ],
)
def test_no_message_says_none(
    storage: S3Storage, proxy: FaultProxy, call: str, body: bytes
) -> None:
    """Ceph sends no messages: what is missing is left out of ours."""
    proxy.always = answer(403, body)
    with pytest.raises(AccessDeniedError) as caught:
        CALLS[call](storage)
    assert "None" not in str(caught.value)
    assert "  " not in str(caught.value)


def test_a_refusal_in_a_batch_says_no_none(storage: S3Storage, proxy: FaultProxy) -> None:
    """Nor does one that a batch delete has in its answer."""
    proxy.always = answer(
        200, b"<DeleteResult><Error><Key>b</Key><Code>AccessDenied</Code></Error></DeleteResult>"
    )
    with pytest.raises(AccessDeniedError, match=r"AccessDenied \(for b\)"):
        storage.delete("a", "b")


@pytest.mark.parametrize("call", ["open", "find", "delete many", "copy"])
def test_what_is_no_s3_is_told(storage: S3Storage, proxy: FaultProxy, call: str) -> None:
    """A web server or a hotel's login page answers 200: an error of ours, no parser's."""
    proxy.always = answer(200, b"<html><p>Please sign in<br></html>", "text/html")
    if call == "open":
        proxy.always = answer(503, b"<html><p>Sorry<br></html>", "text/html")
    with pytest.raises(S3SaverError):
        CALLS[call](storage)


@pytest.mark.parametrize("argument", ["access_key_id", "access_key_secret", "session_token"])
@pytest.mark.parametrize("end", ["\n", "\r\n", " ", "\t"])
def test_a_newline_at_the_end_of_a_key_is_told_at_once(argument: str, end: str) -> None:
    """As read from a file: the error names the argument and shows no secret."""
    keys: dict[str, Any] = {"access_key_id": "hidden1", "access_key_secret": "hidden2"}
    keys[argument] = f"hidden3{end}"
    with pytest.raises(ValueError, match=f"{argument} must be .* remove the newline") as caught:
        S3Storage("bucket", **keys)
    assert "hidden" not in str(caught.value)


def test_a_newline_at_the_end_of_a_region_is_told_at_once() -> None:
    """It would end up in a header."""
    with pytest.raises(ValueError, match="region must be a region such as"):
        S3Storage("bucket", region="eu-north-1\n")


def test_a_newline_in_the_environment_s_key_is_told(
    s3_server: S3Server, s3_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not the network, and the message shows neither the key's id nor a signature."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "HIDDENID\n")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    alone = Config(read_timeout=28)  # a client that no other test shares
    place: Any = {"endpoint_url": s3_server.endpoint_url, "region": "us-east-1"}
    storage = S3Storage(s3_bucket, config=alone, **place)
    with pytest.raises(AccessDeniedError, match="remove the newline at its end") as caught:
        storage.save("a", io.BytesIO(b"x"))
    assert "HIDDENID" not in str(caught.value)
    assert "Signature" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(
    "extra_args",
    [{"ContentDisposition": "a\nb"}, {"Metadata": {"by": "a\nb"}}, {"Metadata": {"b\ny": "a"}}],
)
def test_control_characters_in_extra_args_are_told_at_once(
    s3: S3Storage, extra_args: dict[str, Any]
) -> None:
    """By the constructor and by a save, which names the argument in place of the network."""
    for call in (
        lambda: S3Storage("bucket", extra_args=extra_args),
        lambda: s3.save("a", io.BytesIO(b"x"), extra_args=extra_args),
    ):
        with pytest.raises(ValueError, match=r"extra_args\['\w+'\].* must be .* without control"):
            call()
    with pytest.raises(NotFoundError):
        s3.stat("a")


def test_a_missing_profile_is_told_first(
    s3_server: S3Server, s3_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong AWS_PROFILE is the cause, and stands before what could be done instead."""
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    alone = Config(read_timeout=27)  # a client that no other test shares
    storage = S3Storage(s3_bucket, endpoint_url=s3_server.endpoint_url, config=alone)
    with pytest.raises(AccessDeniedError, match=r"config profile \(nobody\) could not be found; "):
        storage.exists("a")


def redirecting(status: int, location: str) -> Fault:
    def fault(handler: Any) -> None:
        handler.read_body()
        place = location + handler.path if location else ""
        send(handler, status, [("Location", place)] if place else [], b"<html>moved</html>")

    return fault


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_server_that_redirects_is_named(
    storage: S3Storage, proxy: FaultProxy, call: Callable[[S3Storage], object], status: int
) -> None:
    """Such as one that leads from http to https: the SDK asks once or twice, and not for ever."""
    proxy.always = redirecting(status, "https://s3.example.org")
    with pytest.raises(S3SaverError, match="redirects to https://s3.example.org; ") as caught:
        call(storage)
    assert (caught.value.argument, caught.value.name) == ("endpoint_url", None)
    assert len(proxy.requests) <= 2
    proxy.always = redirecting(status, "")
    with pytest.raises(S3SaverError, match="pass region=") as caught:
        call(storage)
    assert caught.value.argument == "region"


def test_a_bucket_in_another_region_is_still_found(
    storage: S3Storage, s3: S3Storage, proxy: FaultProxy
) -> None:
    """Where an answer says the region, the SDK asks there."""
    s3.save("a", io.BytesIO(b"x"))

    def elsewhere(handler: Any) -> None:
        handler.read_body()
        send(handler, 301, [("x-amz-bucket-region", "eu-west-1")], b"")

    proxy.faults.append(elsewhere)
    assert storage.stat("a").size == 1
    assert "/eu-west-1/s3/" in proxy.headers[-1]["Authorization"]


@pytest.mark.parametrize("call", [CALLS["stat"], CALLS["exists"], CALLS["copy"]])
def test_a_refused_head_is_explained(
    storage: S3Storage, proxy: FaultProxy, call: Callable[[S3Storage], object]
) -> None:
    """The answer to a HEAD has no body, so a GET is asked what is wrong."""
    proxy.always = refuse(400, "ExpiredToken", "The provided token has expired.")
    with pytest.raises(AccessDeniedError, match="ExpiredToken .*correct the access key, secret"):
        call(storage)
    proxy.always = None
    storage.save("a", io.BytesIO(b"x"))
    proxy.only = lambda method, path: method == "HEAD"
    proxy.always = refuse(400, "Odd")
    with pytest.raises(S3SaverError, match="400 Bad Request"):
        call(storage)


@pytest.mark.parametrize("call", ["save", "find", "delete many"])
@pytest.mark.parametrize("body", [b"", b"<html>nginx</html>"])
def test_a_place_without_a_store_is_no_missing_file(
    storage: S3Storage, proxy: FaultProxy, call: str, body: bytes
) -> None:
    """A web server answers 404 for any path; a copy stops there."""
    proxy.always = answer(404, body, "text/html")
    with pytest.raises(
        BucketNotFoundError, match="no bucket, or no store; .*endpoint_url"
    ) as caught:
        CALLS[call](storage)
    assert caught.value.bucket_name == storage.bucket_name
