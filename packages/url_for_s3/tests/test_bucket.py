import pickle
from collections.abc import Callable
from dataclasses import FrozenInstanceError, dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from url_for_s3 import (
    PUT_CHANGING_HEADERS,
    ArgumentError,
    S3Bucket,
    S3Credentials,
    presign_post_for_s3,
    presign_url_for_s3,
    url_for_s3,
)

if TYPE_CHECKING:
    AtTheSameSecond = Callable[[Callable[[], object], Callable[[], object]], tuple[Any, Any]]

CREDENTIALS = S3Credentials("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
BUCKET = S3Bucket("my-bucket", region="eu-north-1")
WEEK = 604_800


def query(url: str) -> dict[str, str]:
    return {name: value for name, [value] in parse_qs(urlsplit(url).query).items()}


def test_url() -> None:
    """A key and a query make a public URL."""
    assert BUCKET.url("a b/ü.txt") == (
        "https://my-bucket.s3.eu-north-1.amazonaws.com/a%20b/%C3%BC.txt"
    )
    assert BUCKET.url("a", query={"v": 2, "region": "x", "tag": [1, 2], "none": None}) == (
        "https://my-bucket.s3.eu-north-1.amazonaws.com/a?v=2&region=x&tag=1&tag=2"
    )
    assert BUCKET.url("a", query={}).endswith("/a")


def test_key_as_it_is_stored() -> None:
    """The key is taken as it is: a slash at its start is part of it."""
    assert BUCKET.url("/a//b/").endswith(".amazonaws.com//a//b/")


@pytest.mark.parametrize("key", ["", "a/../b", ".", "a\0", "\ud800", "a" * 1025, None, 5])
def test_bad_key(key: Any) -> None:
    """A key that no URL can carry is refused, in URLs and forms."""
    for make in (
        BUCKET.url,
        lambda key: BUCKET.presign(key, CREDENTIALS),
        lambda key: BUCKET.presign_post(key, CREDENTIALS),
    ):
        with pytest.raises(ArgumentError) as caught:
            make(key)
        assert caught.value.argument == "key"


def test_form_key() -> None:
    """A form's key has no place for the name that a client sends."""
    with pytest.raises(ArgumentError, match="key must be without") as caught:
        BUCKET.presign_post("a/${filename}", CREDENTIALS)
    assert caught.value.argument == "key"


def test_the_functions_are_the_same(at_the_same_second: "AtTheSameSecond") -> None:
    """The three functions return what the bucket's methods do."""
    where: dict[str, Any] = {"region": "eu-north-1", "filename": "b.txt"}
    assert BUCKET.url("a/b.txt") == url_for_s3("a", "my-bucket", **where)
    where["credentials"] = CREDENTIALS
    one, other = at_the_same_second(
        lambda: BUCKET.presign("a/b.txt", CREDENTIALS, stable=False),
        lambda: presign_url_for_s3("a", "my-bucket", **where),
    )
    assert one == other
    one, other = at_the_same_second(
        lambda: BUCKET.presign_post("a/b.txt", CREDENTIALS),
        lambda: presign_post_for_s3("a", "my-bucket", **where),
    )
    assert one == other


def test_is_a_value() -> None:
    """Equal buckets are equal and have one hash; one survives pickling, and never changes."""
    same = S3Bucket("my-bucket", region="eu-north-1")
    assert same == BUCKET
    assert len({same, BUCKET, S3Bucket("my-bucket")}) == 2
    copied = pickle.loads(pickle.dumps(BUCKET))
    assert copied == BUCKET
    assert copied.url("a") == BUCKET.url("a")
    with pytest.raises(FrozenInstanceError):
        BUCKET.region = "eu-west-1"  # type: ignore[misc]


def test_repr() -> None:
    """The repr shows what was given, and could make another one."""
    assert eval(repr(BUCKET)) == BUCKET


def test_checked_when_made() -> None:
    """What is wrong is refused when the bucket is made, not by its first URL; empty settings are
    as good as none.
    """
    for region in ("EU North", "-", "eu-", "e" * 64):
        with pytest.raises(ArgumentError, match="region must be"):
            S3Bucket("my-bucket", region=region)
    with pytest.raises(ArgumentError, match="region must be"):
        replace(BUCKET, region="EU North")
    empty = S3Bucket("my-bucket", region="", endpoint_url="", cdn_domain="", bucket_domain="")
    assert empty.url("a") == S3Bucket("my-bucket").url("a")


@pytest.mark.parametrize(
    ("expires", "window"),
    [
        (1, 1),
        (3600, 3600),
        (timedelta(hours=1), 3600),
        (302_400, 302_400),
        (302_401, 302_399),
        (604_799, 1),
        (WEEK, 1),
    ],
)
def test_stable(
    expires: int | timedelta, window: int, at_the_same_second: "AtTheSameSecond"
) -> None:
    """A URL stays the same for as long as it lives, or as long as S3's limit leaves of that, up to
    the limit itself.
    """
    stable, plain = at_the_same_second(
        lambda: query(BUCKET.presign("a", CREDENTIALS, expires=expires)),
        lambda: query(BUCKET.presign("a", CREDENTIALS, expires=expires, stable=False)),
    )
    seconds = int(plain["X-Amz-Expires"])
    assert int(stable["X-Amz-Expires"]) == min(2 * seconds, WEEK)
    first, now = (to_seconds(one["X-Amz-Date"]) for one in (stable, plain))
    assert first % window == 0
    assert first <= now < first + window


def to_seconds(text: str) -> int:

    return int(datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp())


def test_longer_than_a_week() -> None:
    """More than S3's limit is refused, stable or not."""
    for stable in (True, False):
        with pytest.raises(ArgumentError) as caught:
            BUCKET.presign("a", CREDENTIALS, expires=WEEK + 1, stable=stable)
        assert str(caught.value) == "expires must be 1 to 604,800 seconds, got 604801"


def test_stable_seconds(at_the_same_second: "AtTheSameSecond") -> None:
    """A window of another length may be asked for."""
    one, other = at_the_same_second(
        lambda: BUCKET.presign("a", CREDENTIALS, expires=60, stable=timedelta(days=1)),
        lambda: BUCKET.presign("a", CREDENTIALS, expires=60, stable=86_400),
    )
    assert one == other
    assert query(one)["X-Amz-Date"].endswith("T000000Z")
    with pytest.raises(ArgumentError, match="stable must be"):
        BUCKET.presign("a", CREDENTIALS, stable="yes")  # type: ignore[arg-type]


def test_uploads_end_when_they_should(at_the_same_second: "AtTheSameSecond") -> None:
    """A URL for writing is no longer valid than asked for, as nothing is to cache it."""
    stable, plain = at_the_same_second(
        lambda: BUCKET.presign("a", CREDENTIALS, method="PUT"),
        lambda: BUCKET.presign("a", CREDENTIALS, method="PUT", stable=False),
    )
    assert stable == plain
    assert query(stable)["X-Amz-Expires"] == "3600"


def test_public_endpoint() -> None:
    """Browsers get the public address, signed for its host, where the app uses another one."""
    inside = S3Bucket(
        "my-bucket", endpoint_url="http://minio:9000", public_endpoint_url="https://s3.example.com"
    )
    start = "https://my-bucket.s3.example.com/"
    assert inside.url("a") == f"{start}a"
    assert inside.presign("a", CREDENTIALS).startswith(f"{start}a?X-Amz-")
    assert inside.presign_post("a", CREDENTIALS).url == start
    own = replace(inside, public_endpoint_url=None)
    assert own.url("a") == "http://minio:9000/my-bucket/a"
    assert own.presign("a", CREDENTIALS).startswith("http://minio:9000/my-bucket/a?X-Amz-")


def test_public_endpoint_is_signed(at_the_same_second: "AtTheSameSecond") -> None:
    """The signature is the one for the public host."""
    both = S3Bucket(
        "my-bucket", endpoint_url="http://minio:9000", public_endpoint_url="https://s3.example.com"
    )
    ours, theirs = at_the_same_second(
        lambda: both.presign("a", CREDENTIALS),
        lambda: S3Bucket("my-bucket", endpoint_url="https://s3.example.com").presign(
            "a", CREDENTIALS
        ),
    )
    assert ours == theirs


def test_cdn() -> None:
    """A CDN serves what is public; what is signed for S3 goes to S3's own host, signed."""
    bucket = replace(BUCKET, cdn_domain="cdn.example.com")
    host = "https://my-bucket.s3.eu-north-1.amazonaws.com/"
    assert bucket.url("a") == "https://cdn.example.com/a"
    assert bucket.presign("a", CREDENTIALS).startswith(f"{host}a?X-Amz-Algorithm=")
    assert bucket.presign_post("a", CREDENTIALS).url == host


def test_dotted_bucket_and_a_schemeless_url() -> None:
    """A dotted bucket gets the path style wherever TLS may be in use, and a scheme may be left
    to the page.
    """
    assert S3Bucket("my.bucket", scheme="").url("a") == "//s3.amazonaws.com/my.bucket/a"


def test_region_is_needed_to_sign() -> None:
    """Without a region a bucket on Amazon has public URLs, but nothing is signed by a guess."""
    bucket = S3Bucket("my-bucket")
    assert bucket.url("a") == "https://my-bucket.s3.amazonaws.com/a"
    for sign in (bucket.presign, bucket.presign_post):
        with pytest.raises(ArgumentError, match="to sign for Amazon") as caught:
            sign("a", CREDENTIALS)
        assert caught.value.argument == "region"


@pytest.mark.parametrize("credentials", [None, 5, ("id", "secret")])
def test_no_credentials(credentials: Any) -> None:
    """Asked for a signature without credentials, it raises, and never returns an unsigned URL."""
    for sign in (BUCKET.presign, BUCKET.presign_post):
        with pytest.raises(ArgumentError) as caught:
            sign("a", credentials)
        assert caught.value.argument == "credentials"


def test_parts() -> None:
    """A part's URL signs its number, its size, and that nothing else is copied into it."""
    url = BUCKET.presign(
        "a",
        CREDENTIALS,
        method="PUT",
        content_length=5,
        forbid=PUT_CHANGING_HEADERS,
        query={"partNumber": 1, "uploadId": "id"},
    )
    assert query(url)["partNumber"] == "1"
    assert query(url)["X-Amz-SignedHeaders"].split(";") == sorted(
        {"content-length", "host", *PUT_CHANGING_HEADERS}
    )


def test_download_as() -> None:
    """A name of any script is the one that the answer is saved under."""
    url = BUCKET.presign("a", CREDENTIALS, download_as="größe.txt")
    assert query(url)["response-content-disposition"] == (
        "attachment; filename=\"gro_e.txt\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.txt"
    )


@dataclass(frozen=True)
class Settings:
    """What an app has set; anything with these names will do."""

    bucket_name: str = "my-bucket"
    region: str = ""
    endpoint_url: str = ""
    public_endpoint_url: str = ""
    url_style: str = "host"
    cdn_domain: str = ""

    def cdn_of(self, bucket_name: str) -> str | None:
        return self.cdn_domain or None if bucket_name == self.bucket_name else None


def test_from_settings() -> None:
    """What an app has set makes a bucket; an empty text is not set."""
    assert S3Bucket.from_settings(Settings()) == S3Bucket("my-bucket")
    settings = Settings(
        region="eu-north-1",
        endpoint_url="http://minio:9000",
        public_endpoint_url="https://s3.example.com",
        url_style="path",
        cdn_domain="cdn.example.com",
    )
    assert S3Bucket.from_settings(settings) == S3Bucket(
        "my-bucket",
        region="eu-north-1",
        endpoint_url="http://minio:9000",
        public_endpoint_url="https://s3.example.com",
        url_style="path",
        cdn_domain="cdn.example.com",
    )


def test_from_settings_with_another_bucket() -> None:
    """Where a bucket is not that of the settings, what is known of it goes first, and the CDN is
    asked for it.
    """
    settings = Settings(region="eu-north-1", cdn_domain="cdn.example.com")
    other = S3Bucket.from_settings(
        settings, bucket_name="older", region="eu-west-1", endpoint_url="http://127.0.0.1:9000"
    )
    assert other == S3Bucket("older", region="eu-west-1", endpoint_url="http://127.0.0.1:9000")
    unset = S3Bucket.from_settings(replace(settings, endpoint_url="http://minio"), endpoint_url="")
    assert unset.endpoint_url is None


def test_from_settings_with_a_domain() -> None:
    """A bucket's own domain stands in place of all endpoints, and the scheme may be another."""
    settings = Settings(endpoint_url="http://minio:9000", public_endpoint_url="https://s3.x.com")
    bucket = S3Bucket.from_settings(settings, bucket_domain="s3.example.com", scheme="http")
    assert bucket.url("a") == "http://my-bucket.s3.example.com/a"


def test_from_settings_without_a_bucket() -> None:
    """Settings that name no bucket make none."""
    with pytest.raises(ArgumentError, match="bucket_name must be") as raised:
        S3Bucket.from_settings(Settings(bucket_name=""))
    assert raised.value.argument == "bucket_name"
