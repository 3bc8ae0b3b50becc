"""Setting a bucket up: what is to be done so that it has what packages need.

A bucket has one policy, one CORS configuration, one list of lifecycle rules and one switch against
public access for everybody who uses it. So what a package needs is merged with what the bucket has:
a rule goes in the place of the one with its ID, a statement in that of the one with its Sid, and
the others stay.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ._bucket_rules import Rule, merge_cors, merge_lifecycle, same_cors, same_lifecycle
from ._policies import (
    EMPTY,
    Policy,
    PublicRead,
    Statement,
    is_public,
    make_public_read,
    merge_statements,
    prefix_digest,
    read_statements,
    replace_statements,
    same_policy,
)
from ._policy_writer import put_policy, statements_of, write_policy
from ._s3 import S3Storage
from .exceptions import BucketNotFoundError, S3SaverError

__all__ = [
    "BucketNeeds",
    "PublicRead",
    "Rule",
    "Step",
    "create_bucket",
    "describe_plan",
    "make_public_read",
    "merge_statements",
    "plan_setup",
    "prefix_digest",
    "put_policy",
    "read_policy",
    "same_policy",
]

# "Error responses" in the Amazon S3 API reference: there is no such configuration.
_ABSENT = {
    "NoSuchBucketPolicy",
    "NoSuchCORSConfiguration",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
}
_UNSUPPORTED = {"NotImplemented", "MethodNotAllowed"}

# As Amazon has it in buckets that are made today.
_CLOSED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


@dataclass(frozen=True, kw_only=True)
class BucketNeeds:
    """What a package needs of a bucket.

    :param cors: rules as boto3 takes them, each with an ``ID``.
    :param lifecycle: rules as boto3 takes them, each with an ``ID``.
    :param public_reads: what everybody may read, by a policy that setup writes.
    :param public_policy: whether another policy, which the package writes itself, is to let
        everybody read a part of it.
    :param public_acls: whether ACLs are to make objects public.
    """

    cors: Sequence[Rule] = ()
    lifecycle: Sequence[Rule] = ()
    public_reads: Sequence[PublicRead] = ()
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

    Only reads: :attr:`Step.apply` writes. CORS and lifecycle rules are not read where none are
    needed. The switch against public access is loosened where the needs, or the policy that the
    bucket has, demand it, and is never tightened: others may count on it, and Ceph before version
    17 takes no object at all while it forbids public ACLs. A bucket of Amazon's that has none gets
    one. For CORS and lifecycle rules that a store does not have at all there is no step.

    :param region: where to make the bucket if there is none; by default where S3 does.
    :raises S3SaverError: the bucket's configuration cannot be read.
    """
    steps = []
    policy = EMPTY
    block: Any = {}  # not set, or this store knows none
    cors: Any = []
    lifecycle: Any = []
    bucket = _Bucket(storage)
    try:
        policy = read_policy(storage)
        block = bucket.read("get_public_access_block", "PublicAccessBlockConfiguration", {})
        if needs.cors:
            cors = bucket.read("get_bucket_cors", "CORSRules", needs.cors)
        if needs.lifecycle:
            lifecycle = bucket.read("get_bucket_lifecycle_configuration", "Rules", needs.lifecycle)
    except BucketNotFoundError:
        where = f" in {region}" if region else ""
        text = f"make the bucket {storage.bucket_name!r}{where}"
        steps.append(Step(text, lambda: create_bucket(storage, region)))
    own = statements_of(storage, needs.public_reads)
    merged_policy = _merged(policy, needs, own)
    wanted = _block(needs, merged_policy, block or (_CLOSED if storage.is_amazons else {}))
    if wanted != block:
        steps.append(
            Step(
                _text("set the switch against public access", wanted),
                lambda: bucket.write(
                    "put_public_access_block", PublicAccessBlockConfiguration=wanted
                ),
            )
        )
    if not same_policy(policy, merged_policy):
        steps.append(
            Step(
                _text("write the bucket's policy", merged_policy),
                lambda: _write_policy(storage, needs, own),
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


def describe_plan(texts: Iterable[str]) -> str:
    """Return a plan as the setup commands print it: numbered, or that there is nothing to do.

    :param texts: of the steps, in their order.
    """
    lines = [f"{number}. {text}" for number, text in enumerate(texts, 1)]
    return "\n".join(lines) or "nothing to do"


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


def read_policy(storage: S3Storage) -> Policy:
    """Return the policy of a storage's bucket; one without statements if it has none.

    :raises BucketNotFoundError: there is no bucket.
    """
    text = _Bucket(storage).read("get_bucket_policy", "Policy", "")
    policy: Policy = json.loads(text) if text else EMPTY
    return policy


class _Bucket:
    """Reads and writes configurations of a bucket."""

    def __init__(self, storage: S3Storage) -> None:
        self._storage = storage

    def read(self, method: str, field: str, unsupported: Any) -> Any:
        """Return a configuration, empty if the bucket has none.

        :param unsupported: what to return where the store knows no such configuration.
        """
        try:
            with self._storage.translate_errors():
                call = getattr(self._storage.client, method)
                return call(Bucket=self._storage.bucket_name).get(field, {})
        except S3SaverError as error:
            if error.code in _ABSENT:
                return {}
            if error.code in _UNSUPPORTED:
                return unsupported
            raise

    def write(self, method: str, **configuration: Any) -> None:
        with self._storage.translate_errors():
            getattr(self._storage.client, method)(Bucket=self._storage.bucket_name, **configuration)


def _merged(policy: Policy, needs: BucketNeeds, own: Sequence[Statement]) -> Policy:
    """Return a policy with what everybody may read; statements of others stay."""
    statements = read_statements(policy)
    old = [one for one in statements if any(read.has(one) for read in needs.public_reads)]
    return replace_statements(policy, old, own)


def _write_policy(storage: S3Storage, needs: BucketNeeds, own: Sequence[Statement]) -> None:
    present = read_policy(storage)  # another package may have written it since it was shown
    write_policy(storage, present, _merged(present, needs, own))


def _block(needs: BucketNeeds, policy: Policy, present: Mapping[str, bool]) -> dict[str, bool]:
    """Return what the switch against public access is to be: loosened as far as it must be."""
    is_open = needs.public_policy or is_public(policy)
    allowed = {
        "BlockPublicAcls": not needs.public_acls,
        "IgnorePublicAcls": not needs.public_acls,
        "BlockPublicPolicy": not is_open,
        "RestrictPublicBuckets": not is_open,
    }
    return {name: value and allowed.get(name, True) for name, value in present.items()}


def _text(what: str, configuration: object) -> str:
    return f"{what}\n{json.dumps(configuration, indent=2)}"
