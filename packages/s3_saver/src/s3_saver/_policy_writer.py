"""Writing a bucket's policy: on a store that is not Amazon's, not before it has shown that what the
policy closes is closed to strangers, and open to our credentials.
"""

import io
import json
import os
from collections.abc import Sequence
from typing import Any

from ._policies import Policy, PublicRead, Statement, read_statements, replace_statements
from ._s3 import S3Storage
from .exceptions import AccessDeniedError, S3SaverError


def find_account(storage: S3Storage) -> str:
    """Return the number of the account whose credentials a storage has; ``''`` if the store is not
    Amazon's. It takes no permission: "GetCallerIdentity" in the AWS STS API reference.
    """
    return ask_account(storage) if storage.is_amazons else ""


def ask_account(storage: S3Storage) -> str:
    """Ask Amazon's STS for the number of an account."""
    import boto3

    credentials = storage.credentials.get_frozen_credentials()
    with storage.translate_errors():
        client = boto3.client(
            "sts",
            region_name=storage.region or "us-east-1",
            aws_access_key_id=credentials.access_key,
            aws_secret_access_key=credentials.secret_key,
            aws_session_token=credentials.token,
        )
        account: str = client.get_caller_identity()["Account"]
    return account


def statements_of(storage: S3Storage, reads: Sequence[PublicRead]) -> list[Statement]:
    """Return what lets everybody read, as statements for a storage's bucket."""
    account = find_account(storage) if any(one.prefixes and one.closed for one in reads) else ""
    partition = storage.client.meta.partition
    return [
        statement
        for one in reads
        for statement in one.statements(
            bucket_name=storage.bucket_name, partition=partition, account=account
        )
    ]


def write_policy(storage: S3Storage, present: Policy, wanted: Policy) -> None:
    """Write a bucket's policy.

    :param present: what it has now.
    :raises S3SaverError: the store does not do what the wanted one says; the bucket has the present
        one again.
    """
    denials = [
        one
        for one in read_statements(wanted)
        if one["Effect"] == "Deny" and one not in read_statements(present)
    ]
    if denials and not storage.is_amazons:
        _try_out(storage, present, denials)
    put_policy(storage, wanted)


def put_policy(storage: S3Storage, policy: Policy) -> None:
    """Write a bucket's policy as it is; one without statements is deleted."""
    bucket: Any = {"Bucket": storage.bucket_name}
    with storage.translate_errors():
        if read_statements(policy):
            storage.client.put_bucket_policy(**bucket, Policy=json.dumps(policy))
        else:
            storage.client.delete_bucket_policy(**bucket)


def _try_out(storage: S3Storage, present: Policy, denials: Sequence[Statement]) -> None:
    """Open one empty object that the denials close, and look who can read it."""
    folder = str(denials[0]["Resource"][0]).removesuffix("*")
    resource = f"{folder}check-{os.urandom(8).hex()}"
    name = resource.partition("/")[2]
    opened = {**denials[0], "Sid": "Check", "Effect": "Allow", "Resource": [resource]}
    del opened["Condition"]
    whole = storage.derive(prefix="")
    whole.save(name, io.BytesIO())
    try:
        put_policy(storage, replace_statements(present, [], [*denials, opened]))
        try:
            problem = _problem(whole, name)
        finally:
            put_policy(storage, present)
    finally:
        whole.delete(name)
    if problem:
        raise S3SaverError(
            f"the store of bucket {storage.bucket_name!r} does not obey a policy that closes "
            f"{folder.partition('/')[2]!r} to strangers: {problem}. The policy is as it was: keep "
            "the files private, or let a CDN serve them"
        )


def _problem(storage: S3Storage, name: str) -> str:
    try:
        storage.open(name).close()
    except AccessDeniedError:
        return "it closed it to our own credentials as well"
    try:
        as_stranger(storage).stat(name)
    except AccessDeniedError:
        return ""
    return "everybody could read it"


def as_stranger(storage: S3Storage) -> S3Storage:
    from botocore import UNSIGNED
    from botocore.config import Config

    return S3Storage(
        storage.bucket_name,
        endpoint_url=storage.endpoint_url,
        region=storage.region,
        config=Config(signature_version=UNSIGNED),
    )
