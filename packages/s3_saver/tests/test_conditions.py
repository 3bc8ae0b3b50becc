"""overwrite=False on stores that do not decide it themselves."""

import io
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from botocore.config import Config
from fault_proxy import Fault, FaultProxy, forward, refuse
from other_stores import refusing_conditions, without_conditions

from s3_saver import AccessDeniedError, AlreadyExistsError, S3SaverError, S3Storage
from s3_saver.testing import S3Server
from s3_saver.testing._moto import moto_server

REFUSALS = [
    (501, "NotImplemented"),
    (400, "InvalidArgument"),
    (400, "InvalidRequest"),
    (405, "MethodNotAllowed"),
]
LACKING = [without_conditions, *(refusing_conditions(*refusal) for refusal in REFUSALS)]


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    """moto, whatever server the other tests have: it does not check signatures."""
    with moto_server() as endpoint_url:
        yield S3Server(endpoint_url, "testkey", "testsecret")


@pytest.fixture
def s3(server: S3Server) -> Iterator[S3Storage]:
    """A bucket, without a proxy."""
    with server.temporary_bucket() as bucket:
        yield server.storage(bucket)


@pytest.fixture
def proxy(server: S3Server) -> Iterator[FaultProxy]:
    """A proxy that a test turns into another store."""
    with FaultProxy(server.endpoint_url) as running:
        yield running


@pytest.fixture
def options(s3: S3Storage, proxy: FaultProxy, server: S3Server) -> dict[str, Any]:
    """What makes a storage on the other store."""
    return {
        "bucket_name": s3.bucket_name,
        "endpoint_url": proxy.endpoint_url,
        "access_key_id": server.access_key_id,
        "access_key_secret": server.access_key_secret,
        "region": server.region,
        "config": Config(retries={"mode": "standard", "total_max_attempts": 2}),
    }


def everything_in(storage: S3Storage) -> list[str]:
    answer = storage.client.list_objects_v2(Bucket=storage.bucket_name)
    return [entry["Key"] for entry in answer.get("Contents", [])]


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_a_store_is_asked_once_by_three_requests(
    options: dict[str, Any], proxy: FaultProxy, s3: S3Storage, caplog: pytest.LogCaptureFixture
) -> None:
    """Before the first overwrite=False, a key next to the target is written twice and deleted."""
    storage = S3Storage(**options)
    storage.save("sub/a", io.BytesIO(b"x"))
    assert len(proxy.requests) == 1, "who never needs to know does not ask"
    proxy.requests.clear()
    storage.save("sub/b", io.BytesIO(b"x"), overwrite=False)
    assert [method for method, _ in proxy.requests] == ["PUT", "PUT", "DELETE", "PUT"]
    (probe,) = {path for _, path in proxy.requests[:3]}
    assert f"{s3.bucket_name}/sub/.s3-saver-probe-" in probe
    others = (storage, S3Storage(**options), storage.derive(prefix="elsewhere"))
    for number, other in enumerate(others):
        proxy.requests.clear()
        other.save(f"sub/{number}", io.BytesIO(b"x"), overwrite=False)
        assert [method for method, _ in proxy.requests] == ["PUT"]
        assert other.conditional_writes
        assert len(proxy.requests) == 1
    assert everything_in(s3) == ["elsewhere/sub/2", "sub/0", "sub/1", "sub/a", "sub/b"]
    assert warnings(caplog) == []


def test_sixteen_threads_ask_a_store_once(options: dict[str, Any], proxy: FaultProxy) -> None:
    """Sixteen threads whose first save is this one ask by three requests, too."""
    storage, start = S3Storage(**options), threading.Barrier(16)

    def save(number: int) -> None:
        start.wait()
        storage.save(f"{number}", io.BytesIO(b"x"), overwrite=False)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(proxy.requests) == 16 + 3


@pytest.mark.parametrize("store", LACKING)
@pytest.mark.parametrize("size", [4, 9 * 1024**2])
def test_a_store_without_conditions_is_looked_at_first(
    options: dict[str, Any],
    proxy: FaultProxy,
    s3: S3Storage,
    caplog: pytest.LogCaptureFixture,
    store: Fault,
    size: int,
) -> None:
    """Where it ignores or refuses the condition, no file is lost, and one warning says the risk."""
    proxy.always = store
    storage = S3Storage(**options)
    storage.save("a", io.BytesIO(b"x" * size), overwrite=False)
    for name in "ab":
        if name == "a":
            with pytest.raises(AlreadyExistsError, match="exists .* choose another name"):
                storage.save(name, io.BytesIO(b"y" * size), overwrite=False)
        else:
            storage.save(name, io.BytesIO(b"y" * size), overwrite=False)
    assert not storage.conditional_writes
    with s3.open("a") as file:
        assert file.read() == b"x" * size
    assert everything_in(s3) == ["a", "b"]
    (warning,) = warnings(caplog)
    assert "does not obey If-None-Match" in warning
    assert "of two saves of one name at the same moment the later one replaces" in warning
    assert proxy.endpoint_url in warning


@pytest.mark.parametrize("store", LACKING)
def test_copies_look_first_as_well(
    options: dict[str, Any], proxy: FaultProxy, s3: S3Storage, store: Fault
) -> None:
    """A copy with overwrite=False finds a free name free and a taken one taken."""
    proxy.always = store
    storage = S3Storage(**options)
    storage.save("a", io.BytesIO(b"x"))
    storage.copy("a", "b", overwrite=False)
    with pytest.raises(AlreadyExistsError):
        storage.copy("a", "b", overwrite=False)
    assert everything_in(s3) == ["a", "b"]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_store_may_refuse_the_condition_for_copies_alone(
    options: dict[str, Any], proxy: FaultProxy, s3: S3Storage, refusal: tuple[int, str]
) -> None:
    """Where only a conditional copy is refused, the copy is made without."""
    refusing = refusing_conditions(*refusal)

    def store(handler: Any) -> None:
        if "x-amz-copy-source" in handler.headers:
            refusing(handler)
        else:
            forward(handler)

    proxy.always = store
    storage = S3Storage(**options)
    storage.save("a", io.BytesIO(b"x"), overwrite=False)
    storage.copy("a", "b", overwrite=False)
    assert storage.conditional_writes
    assert everything_in(s3) == ["a", "b"]


def test_races_may_be_allowed(
    options: dict[str, Any], proxy: FaultProxy, caplog: pytest.LogCaptureFixture
) -> None:
    """Who knows the risk gets no warning; the look stays."""
    proxy.always = without_conditions
    storage = S3Storage(**options, races="allow")
    storage.save("a", io.BytesIO(b"x"), overwrite=False)
    with pytest.raises(AlreadyExistsError):
        storage.save("a", io.BytesIO(b"x"), overwrite=False)
    assert warnings(caplog) == []


def test_races_may_be_refused(options: dict[str, Any], proxy: FaultProxy, s3: S3Storage) -> None:
    """Who cannot take the risk gets an error that names the ways out, for saves and copies."""
    proxy.always = without_conditions
    storage = S3Storage(**options, races="refuse")
    storage.save("a", io.BytesIO(b"x"))
    below = storage.derive(prefix="p")
    calls: list[Callable[[], object]] = [
        lambda: storage.save("b", io.BytesIO(b"x"), overwrite=False),
        lambda: storage.copy("a", "b", overwrite=False),
        lambda: below.save("b", io.BytesIO(b"x"), overwrite=False),
    ]
    for call in calls:
        with pytest.raises(S3SaverError, match="races='refuse' refuses to look") as caught:
            call()
        assert caught.value.name is None, "it is so for every file"
    assert everything_in(s3) == ["a"]


def test_races_must_be_one_of_three() -> None:
    """A misspelt value is an error at once."""
    wrong: Any = "never"
    with pytest.raises(ValueError, match="races must be 'warn', 'allow' or 'refuse', got 'never'"):
        S3Storage("bucket", races=wrong)


def test_amazon_is_never_asked() -> None:
    """Amazon's hosts decide: nothing is sent, whatever the network and the region."""
    key: Any = {"access_key_id": "k", "access_key_secret": "s"}
    places: list[Any] = [
        {"region": "eu-north-1"},
        {"region": "cn-north-1"},
        {"endpoint_url": "https://s3.dualstack.eu-west-1.amazonaws.com"},
        {"endpoint_url": "https://bucket.vpce-1a2b-3c4d.s3.eu-west-1.vpce.amazonaws.com"},
    ]
    for place in places:
        assert S3Storage("my-bucket", **key, **place).conditional_writes


def test_a_probe_is_saved_as_files_are(
    options: dict[str, Any], proxy: FaultProxy, s3: S3Storage
) -> None:
    """A bucket may demand encryption, a storage class or tags: the hidden key has them as well."""
    storage = S3Storage(**options, server_side_encryption="AES256", tags={"by": "us"})
    storage.save("a", io.BytesIO(b"x"), overwrite=False, storage_class="STANDARD_IA")
    for headers in (proxy.headers[0], proxy.headers[1], proxy.headers[3]):
        assert headers["x-amz-server-side-encryption"] == "AES256"
        assert headers["x-amz-storage-class"] == "STANDARD_IA"
        assert headers["x-amz-tagging"] == "by=us"


def test_what_is_refused_for_another_reason_is_told(
    options: dict[str, Any], proxy: FaultProxy, s3: S3Storage
) -> None:
    """A wrong storage class is no lack of conditions: the store's own words come out."""
    proxy.only = lambda method, path: method == "PUT"
    proxy.always = refuse(400, "InvalidStorageClass")
    storage = S3Storage(**options)
    with pytest.raises(S3SaverError, match="InvalidStorageClass"):
        storage.save("a", io.BytesIO(b"x"), overwrite=False)
    proxy.always = refuse(403, "AccessDenied")
    with pytest.raises(AccessDeniedError, match="s3:PutObject"):
        storage.save("a", io.BytesIO(b"x"), overwrite=False)
    proxy.always = None
    storage.save("a", io.BytesIO(b"x"), overwrite=False)
    assert storage.conditional_writes, "what failed is not remembered"


def test_a_probe_that_stays_is_hidden_and_pruned(
    options: dict[str, Any],
    proxy: FaultProxy,
    s3: S3Storage,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Who may not delete leaves the hidden key: warned of, not listed, and pruned."""
    proxy.only = lambda method, path: method == "DELETE"
    proxy.always = refuse(403, "AccessDenied")
    storage = S3Storage(**options)
    storage.save("sub/a", io.BytesIO(b"x"), overwrite=False)
    assert storage.conditional_writes
    (warning,) = warnings(caplog)
    assert "could not be deleted: AccessDenied" in warning
    assert [info.name for info in s3.find()] == ["sub/a"]
    assert s3.prune() == [], "what is young may be in use"
    (left,) = s3.prune(older_than=timedelta(0), dry_run=True)
    assert left.startswith("sub/.s3-saver-probe-")
    assert s3.prune(older_than=timedelta(0)) == [left]
    assert everything_in(s3) == ["sub/a"]


def test_a_lost_answer_to_a_probe_does_no_harm(
    options: dict[str, Any], proxy: FaultProxy, s3: S3Storage
) -> None:
    """If the SDK has to repeat the first write, its own object answers that the store decides."""

    def lose(handler: Any) -> None:
        handler.ask_upstream()
        handler.hang_up()

    proxy.faults.append(lose)
    storage = S3Storage(**options)
    storage.save("a", io.BytesIO(b"x"), overwrite=False)
    assert storage.conditional_writes
    assert everything_in(s3) == ["a"]
