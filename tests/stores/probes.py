"""What a store does, in the words of the table in docs/recipes/other-stores.md."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import requests
from botocore.config import Config
from botocore.exceptions import ClientError

from s3_saver.testing import S3Server

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

WRONG = '"0"'  # an ETag that no object has


class Store:
    """A bucket with two objects, ``taken`` and ``source``, to ask questions of."""

    def __init__(self, server: S3Server, bucket: str) -> None:
        config = Config(signature_version="s3v4", retries={"max_attempts": 0})
        self.client: S3Client = server.storage(bucket, config=config).client
        self.url = f"{server.endpoint_url}/{bucket}"
        self.bucket = bucket
        for key in ("taken", "source"):
            self.put(key)

    def put(self, key: str, **options: Any) -> None:
        self.client.put_object(Bucket=self.bucket, Key=key, Body=b"x", **options)

    def copy(self, key: str, **options: Any) -> None:
        source: Any = {"Bucket": self.bucket, "Key": "source"}
        self.client.copy_object(Bucket=self.bucket, Key=key, CopySource=source, **options)

    def is_public(self, key: str) -> bool:
        return requests.get(f"{self.url}/{key}", timeout=60).ok

    def post(self, **fields: str) -> bool:
        """Return whether a form is taken that may have no fields but the signed ones."""
        form = self.client.generate_presigned_post(self.bucket, "posted", ExpiresIn=60)
        files = {"file": b"x"}
        data = form["fields"] | fields
        return requests.post(form["url"], data=data, files=files, timeout=60).ok


def _condition(request: Callable[[], object]) -> str:
    """Return what a store does with a condition that does not hold."""
    try:
        request()
    except ClientError as error:
        return "yes" if error.response["ResponseMetadata"]["HTTPStatusCode"] == 412 else "no"
    return "ignored"


def _call(request: Callable[[], object]) -> str:
    """Return whether a store has a call and does what it is for."""
    try:
        return "no" if request() is False else "yes"
    except (ClientError, KeyError):
        return "no"


def _unsigned_headers(store: Store) -> str:
    place = {"Bucket": store.bucket, "Key": "presigned"}
    url = store.client.generate_presigned_url("put_object", Params=place, ExpiresIn=60)
    headers = {"x-amz-copy-source": f"/{store.bucket}/source"}
    return "obeyed" if requests.put(url, headers=headers, timeout=60).ok else "refused"


def _form_fields(store: Store) -> str:
    if not store.post():
        return "–"
    return "no" if store.post(acl="private") else "yes"


def _cors(store: Store) -> str:
    rule: Any = {"AllowedOrigins": ["https://a.example"], "AllowedMethods": ["PUT"]}
    return _call(
        lambda: store.client.put_bucket_cors(
            Bucket=store.bucket, CORSConfiguration={"CORSRules": [rule]}
        )
    )


def _policy(store: Store) -> str:
    store.put("public/a")
    policy = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action":'
        f' "s3:GetObject", "Resource": "arn:aws:s3:::{store.bucket}/public/*"}}]}}'
    )

    def open_it() -> bool:
        store.client.put_bucket_policy(Bucket=store.bucket, Policy=policy)
        return store.is_public("public/a")

    return _call(open_it)


def _acl(store: Store) -> str:
    if _call(lambda: store.put("open", ACL="public-read")) == "no":
        return "no"
    return "yes" if store.is_public("open") else "ignored"


def _deletes(store: Store) -> str:
    store.put("a")
    keys: Any = {"Objects": [{"Key": "a"}, {"Key": "absent"}]}
    return _call(lambda: store.client.delete_objects(Bucket=store.bucket, Delete=keys)["Deleted"])


def _unfinished(store: Store) -> str:
    """List uploads when one is unfinished, and again when none is."""
    place: Any = {"Bucket": store.bucket, "Key": "begun"}
    upload: Any = place | {"UploadId": store.client.create_multipart_upload(**place)["UploadId"]}

    def listed() -> list[str]:
        answer = store.client.list_multipart_uploads(Bucket=store.bucket, Prefix="beg")
        return [found["Key"] for found in answer.get("Uploads", [])]

    def both() -> bool:
        begun = listed()
        etag = store.client.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]
        parts: Any = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
        store.client.complete_multipart_upload(**upload, MultipartUpload=parts)
        return (begun, listed()) == (["begun"], [])

    return _call(both)


def _part_copies(store: Store) -> str:
    place: Any = {"Bucket": store.bucket, "Key": "in parts"}
    upload = store.client.create_multipart_upload(**place)["UploadId"]
    source: Any = {"Bucket": store.bucket, "Key": "source"}
    part = {**place, "UploadId": upload, "PartNumber": 1, "CopySource": source}
    found = _call(lambda: store.client.upload_part_copy(**part)["CopyPartResult"]["ETag"])
    store.client.abort_multipart_upload(**place, UploadId=upload)
    return found


def _tags(store: Store) -> str:
    def tagged() -> bool:
        store.put("tagged", Tagging="a=b")
        found = store.client.get_object_tagging(Bucket=store.bucket, Key="tagged")["TagSet"]
        return found == [{"Key": "a", "Value": "b"}]

    return _call(tagged)


#: What the table's lines are called, and how to find out.
PROBES: dict[str, Callable[[Store], str]] = {
    "`If-None-Match` of a PUT": lambda s: _condition(lambda: s.put("taken", IfNoneMatch="*")),
    "`If-None-Match` of a copy": lambda s: _condition(lambda: s.copy("taken", IfNoneMatch="*")),
    "`x-amz-copy-source-if-match`": lambda s: _condition(
        lambda: s.copy("target", CopySourceIfMatch=WRONG)
    ),
    "`If-Match` of a GET": lambda s: _condition(
        lambda: s.client.get_object(Bucket=s.bucket, Key="source", IfMatch=WRONG)["Body"].read()
    ),
    "forms (POST)": lambda s: "yes" if s.post() else "no",
    "a form's policy must name all fields": _form_fields,
    "unsigned `x-amz-` headers of a presigned PUT": _unsigned_headers,
    "CORS by S3's call": _cors,
    "bucket policies": _policy,
    "public objects by an ACL": _acl,
    "deletes of many at once": _deletes,
    "unfinished uploads listed by a prefix": _unfinished,
    "copies in parts": _part_copies,
    "tags": _tags,
}
