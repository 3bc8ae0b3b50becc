"""Setting a bucket up: what is to be done so that it has what packages need.

A bucket has one CORS configuration, one list of lifecycle rules and one switch against public
access for everybody who uses it. So what a package needs is merged with what the bucket has: a rule
goes in the place of the one with its ID, and the others stay.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ._bucket_rules import Rule, merge_cors, merge_lifecycle, same_cors, same_lifecycle
from ._s3 import S3Storage
from .exceptions import BucketNotFoundError, S3SaverError

__all__ = ["BucketNeeds", "Rule", "Step", "create_bucket", "plan_setup"]

# "Error responses" in the Amazon S3 API reference: there is no such configuration.
_ABSENT = {
    "NoSuchBucketPolicy",
    "NoSuchCORSConfiguration",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
}
_UNSUPPORTED = {"NotImplemented", "MethodNotAllowed"}


@dataclass(frozen=True, kw_only=True)
class BucketNeeds:
    """What a package needs of a bucket.

    :param cors: rules as boto3 takes them, each with an ``ID``.
    :param lifecycle: rules as boto3 takes them, each with an ``ID``.
    :param public_policy: whether a policy is to let everybody read a part of it.
    :param public_acls: whether ACLs are to make objects public.
    """

    cors: Sequence[Rule] = ()
    lifecycle: Sequence[Rule] = ()
    public_policy: bool = False
    public_acls: bool = False


@dataclass(frozen=True)
class Step:
    """One thing to do.

    :param text: what it does, with the configuration that it writes; may have several lines.
    :param apply: does it.
    """

    text: str
    apply: Callable[[], None]


def plan_setup(storage: S3Storage, needs: BucketNeeds, *, region: str = "") -> list[Step]:
    """Return what is to be done so that a bucket has what a package needs; nothing if it has that.

    Only reads: :attr:`Step.apply` writes. The switch against public access is set as tight as the
    needs, and the policy that the bucket has, allow; elsewhere than on Amazon only if it is set
    already, since Ceph before version 17 takes no object at all while it forbids public ACLs.

    :param region: where to make the bucket if there is none; by default where S3 does.
    :raises S3SaverError: the bucket's configuration cannot be read.
    """
    steps = []
    policy: Any = ""
    block: Any = None  # not set, or this store knows none
    cors: Any = []
    lifecycle: Any = []
    bucket = _Bucket(storage)
    try:
        policy = bucket.read("get_bucket_policy", "Policy", "")
        block = bucket.read("get_public_access_block", "PublicAccessBlockConfiguration", None)
        cors = bucket.read("get_bucket_cors", "CORSRules", [])
        lifecycle = bucket.read("get_bucket_lifecycle_configuration", "Rules", [])
    except BucketNotFoundError:
        where = f" in {region}" if region else ""
        text = f"make the bucket {storage.bucket_name!r}{where}"
        steps.append(Step(text, lambda: create_bucket(storage, region)))
    wanted = _block(needs, policy)
    has_switch = storage.is_amazons if block is None else any(block.values())
    if has_switch and block != wanted:
        steps.append(
            Step(
                _text("set the switch against public access", wanted),
                lambda: bucket.write(
                    "put_public_access_block", PublicAccessBlockConfiguration=wanted
                ),
            )
        )
    merged = merge_cors(cors, needs.cors)
    if not same_cors(cors, merged):
        configuration = {"CORSRules": merged}
        steps.append(
            Step(
                _text("write the CORS configuration", configuration),
                lambda: bucket.write("put_bucket_cors", CORSConfiguration=configuration),
            )
        )
    rules = merge_lifecycle(lifecycle, needs.lifecycle)
    if not same_lifecycle(lifecycle, rules):
        steps.append(
            Step(
                _text("write the lifecycle rules", {"Rules": rules}),
                lambda: bucket.write(
                    "put_bucket_lifecycle_configuration", LifecycleConfiguration={"Rules": rules}
                ),
            )
        )
    return steps


def create_bucket(storage: S3Storage, region: str = "") -> None:
    """Make a storage's bucket, in *region* or, by ``''``, where S3 makes it by default.

    That it is there, and yours, is no error: somebody else was faster, or an answer was lost.
    """
    options: Any = {}
    if region not in ("", "us-east-1"):  # which S3 takes only unsaid
        options = {"CreateBucketConfiguration": {"LocationConstraint": region}}
    try:
        with storage.translate_errors():
            storage.client.create_bucket(Bucket=storage.bucket_name, **options)
    except S3SaverError as error:
        if error.code != "BucketAlreadyOwnedByYou":
            raise


class _Bucket:
    """Reads and writes configurations of a bucket."""

    def __init__(self, storage: S3Storage) -> None:
        self._storage = storage

    def read(self, method: str, field: str, absent: Any) -> Any:
        """Return a configuration, or *absent*."""
        try:
            with self._storage.translate_errors():
                call = getattr(self._storage.client, method)
                return call(Bucket=self._storage.bucket_name)[field]
        except S3SaverError as error:
            if error.code in _ABSENT or (error.code in _UNSUPPORTED and absent is None):
                return absent
            raise

    def write(self, method: str, **configuration: Any) -> None:
        with self._storage.translate_errors():
            getattr(self._storage.client, method)(Bucket=self._storage.bucket_name, **configuration)


def _block(needs: BucketNeeds, policy: str) -> dict[str, bool]:
    is_public = needs.public_policy or _is_public(policy)
    return {
        "BlockPublicAcls": not needs.public_acls,
        "IgnorePublicAcls": not needs.public_acls,
        "BlockPublicPolicy": not is_public,
        "RestrictPublicBuckets": not is_public,
    }


def _is_public(policy: str) -> bool:
    """Report whether a policy lets everybody do something."""
    statements = json.loads(policy)["Statement"] if policy else []
    if isinstance(statements, dict):  # IAM's grammar lets one stand alone
        statements = [statements]
    return any(
        statement["Effect"] == "Allow" and statement.get("Principal") in ("*", {"AWS": "*"})
        for statement in statements
    )


def _text(what: str, configuration: object) -> str:
    return f"{what}\n{json.dumps(configuration, indent=2)}"
