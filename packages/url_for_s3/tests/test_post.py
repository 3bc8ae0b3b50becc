import base64
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from signing import CREDENTIALS, ENDPOINTS, KEYS, TEMPORARY, botocore_client, presign_post

from url_for_s3 import ArgumentError, S3Credentials, object_headers

if TYPE_CHECKING:
    AtTheSameSecond = Callable[[Callable[[], object], Callable[[], object]], tuple[Any, Any]]


@pytest.mark.parametrize("endpoint_url", ENDPOINTS)
@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("credentials", [CREDENTIALS, TEMPORARY], ids=["lasting", "temporary"])
@pytest.mark.parametrize("url_style", ["host", "path"])
def test_post_equals_botocore(
    url_style: str,
    credentials: S3Credentials,
    key: str,
    endpoint_url: str | None,
    at_the_same_second: "AtTheSameSecond",
) -> None:
    """A presigned form is botocore's: address, policy, signature, and the order of its fields."""
    s3 = botocore_client("eu-north-1", url_style, endpoint_url, credentials)
    fields = {
        "Content-Type": "image/png",
        "x-amz-meta-user": "ü 1",
        "success_action_status": "201",
    }
    ours, theirs = at_the_same_second(
        lambda: presign_post(
            key,
            credentials=credentials,
            url_style=url_style,
            endpoint_url=endpoint_url,
            expires=60,
            content_length_range=(1, 10_000_000),
            content_type="image/png",
            metadata={"user": "ü 1"},
            success_action_status=201,
        ),
        lambda: s3.generate_presigned_post(
            "my-bucket",
            key,
            Fields=fields,
            Conditions=[
                ["content-length-range", 1, 10_000_000],
                *({name: value} for name, value in fields.items()),
            ],
            ExpiresIn=60,
        ),
    )
    assert ours.url == theirs["url"].replace(":443", "")
    assert list(ours.fields.items()) == list(theirs["fields"].items())


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"content_length_range": (2, 1)}, r"content_length_range must be .*, got \(2, 1\)"),
        ({"content_length_range": (-1, 1)}, r"content_length_range must be"),
        ({"content_length_range": (0, 5 * 1024**3 + 1)}, r"from 0 to 5,368,709,120 bytes"),
        ({"content_type": " "}, r"content_type must be a value such as"),
        ({"metadata": {"a b": "c"}}, r"metadata must be of names of letters.*, got 'a b'"),
        ({"metadata": {"": "c"}}, r"metadata must be of names of letters.*, got ''"),
        ({"metadata": {"a": "b\r\nc"}}, r"metadata\['a'\] must be without control characters"),
        ({"metadata": {"a": "b" * 2048}}, r"metadata must be 2,048 bytes or less.*'2,049 bytes'"),
        ({"success_action_status": 302}, r"success_action_status must be 200, 201 or 204, got 302"),
        ({"filename": "a/${filename}"}, r"filename must be .*puts the client's own file name"),
        ({"headers": {"Content-Type": "a/b"}}, r"pass content_type"),
        ({"headers": {"Key": "b"}}, r"headers must be without what the form .*, got 'Key'"),
        ({"headers": {"policy": "b"}}, r"headers must be without what the form .*, got 'policy'"),
        (
            {"headers": {"X-Amz-Meta-A": "b"}, "metadata": {"a": "c"}},
            r"headers must be without what the form or another .*, got 'X-Amz-Meta-A'",
        ),
        ({"metadata": {"A": "b", "a": "c"}}, r"metadata must be of different names.*\['A', 'a'\]"),
        ({"content_length_range": 5}, r"the smallest and the largest .*, got 5"),
        ({"content_length_range": ("1", "2")}, r"got \('1', '2'\)"),
        ({"content_length_range": (1, 2, 3)}, r"got \(1, 2, 3\)"),
        ({"metadata": ["a"]}, r"metadata must be a dict .*, got \['a'\]"),
        ({"metadata": {"a": 1}}, r"metadata\['a'\] must be a str such as '42', got 1"),
        ({"metadata": {"a": "\ud800"}}, r"text that has a UTF-8 form"),
        ({"metadata": {1: "a"}}, r"metadata must be of names that are str, got 1"),
        ({"content_type": 5}, r"content_type must be a str such as 'image/png', got 5"),
        ({"credentials": 5}, r"credentials must be S3Credentials.* <class 'int'>"),
    ],
)
def test_bad_post_options(change: dict[str, Any], message: str) -> None:
    """An option that S3 would not take in a form is refused."""
    with pytest.raises(ArgumentError, match=message):
        presign_post(**change)


def test_post_headers() -> None:
    """How an object is kept is in a form's fields, each held by the policy: tags as XML, and
    the ACL by its name there.
    """
    headers = object_headers(
        cache_control="no-cache",
        server_side_encryption="aws:kms",
        kms_key_id="alias/key",
        storage_class="STANDARD_IA",
        tags={"a&b": "<c>", "d": ""},
        acl="public-read",
    )
    post = presign_post(headers=headers)
    expected = {
        "Cache-Control": "no-cache",
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": "alias/key",
        "x-amz-storage-class": "STANDARD_IA",
        "acl": "public-read",
        "tagging": (
            "<Tagging><TagSet><Tag><Key>a&amp;b</Key><Value>&lt;c&gt;</Value></Tag>"
            "<Tag><Key>d</Key><Value></Value></Tag></TagSet></Tagging>"
        ),
    }
    assert {name: post.fields[name] for name in expected} == expected
    conditions = json.loads(base64.b64decode(post.fields["policy"]))["conditions"]
    assert all({name: value} in conditions for name, value in expected.items())


def test_post_is_ready_for_json() -> None:
    """The form's attributes make JSON as they are; its repr doesn't show the signature."""
    post = presign_post()
    assert json.loads(json.dumps(vars(post))) == {"url": post.url, "fields": post.fields}
    assert repr(post) == f"PresignedPost(url={post.url!r})"
