"""A bucket's policy, which several packages share: each has statements of its own, by their Sid,
and others stay.

A pattern of a policy cannot say "all but this folder". So what stays closed inside an open prefix
is denied to strangers. A statement that denies goes over all permissions, the app's own too: whom
it is for is said by conditions, and stores other than Amazon's know different ones.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ._prefixes import PrefixRegistry
from ._s3 import S3Storage
from .exceptions import ArgumentError

Statement = Mapping[str, Any]
Policy = Mapping[str, Any]

EMPTY: Policy = {"Version": "2012-10-17", "Statement": []}

# Each is true of a request without credentials on some store, and of no request with some: Ceph's
# user of that name; SeaweedFS, where strangers have none; MinIO.
_STRANGERS: Sequence[Mapping[str, Any]] = (
    {"StringEquals": {"aws:username": "anonymous"}},
    {"Null": {"aws:username": "true"}},
    {"StringEquals": {"aws:principaltype": "Anonymous"}},
)


@dataclass(frozen=True, kw_only=True)
class PublicRead:
    """What everybody may read in a bucket, as statements of its policy.

    :param sid: the Sid of its statements begins with it: letters and digits.
    :param prefixes: of keys, each ending in a slash. If there are none, a policy that had these
        statements loses them.
    :param closed: prefixes inside these that stay closed to strangers.
    :raises ArgumentError: a prefix would open more than is below it.
    """

    sid: str
    prefixes: Sequence[str] = ()
    closed: Sequence[str] = ()

    def __post_init__(self) -> None:
        if not re.fullmatch("[A-Za-z0-9]+", self.sid):
            raise ArgumentError("sid", self.sid, "letters and digits, such as 'PublicUploads'")
        for argument in ("prefixes", "closed"):
            for prefix in getattr(self, argument):
                # "*" and "?" are wildcards, and "${" begins a variable: IAM User Guide, "Resource".
                if not prefix.endswith("/") or prefix == "/" or re.search(r"[*?$]", prefix):
                    rule = "prefixes that end in a slash, without '*', '?' and '$'"
                    raise ArgumentError(argument, prefix, rule)

    def statements(self, *, bucket_name: str, partition: str, account: str) -> list[Statement]:
        """Return its statements for a bucket.

        :param partition: of ARNs, such as ``'aws'``.
        :param account: whose credentials may read what is closed; ``''`` where a store has no
            accounts: whoever has credentials that the store lets read it.
        """
        if not self.prefixes:
            return []
        arn = f"arn:{partition}:s3:::{bucket_name}/"
        closed = self.closing(arn, account)
        return [_statement(self.sid, "Allow", arn, self.prefixes), *closed]

    def closing(self, arn: str, account: str) -> list[Statement]:
        """Return the statements that close what is closed."""
        if not self.closed:
            return []
        # Of a stranger there is no account, which is not equal to ours either: IAM User Guide,
        # "aws:PrincipalAccount".
        ours = {"StringNotEquals": {"aws:PrincipalAccount": account}}
        return [
            {**_statement(f"{self.sid}Closed{n}", "Deny", arn, self.closed), "Condition": condition}
            for n, condition in enumerate([ours] if account else _STRANGERS, 1)
        ]

    def has(self, statement: Statement) -> bool:
        """Report whether a statement is one of these, of an earlier setup too."""
        return bool(re.fullmatch(rf"{self.sid}(Closed[0-9]+)?", str(statement.get("Sid", ""))))


def make_public_read(
    registry: PrefixRegistry, storage: S3Storage, *, package: str, is_open: bool, owner: str = ""
) -> PublicRead:
    """Return what a policy lets everybody read: the files of a storage, except what is pending.

    :param registry: knows what others keep in the bucket, and what is pending there.
    :param package: with which the Sids begin, in letters and digits, such as ``'FlaskS3Upload'``.
        They go on with :func:`prefix_digest`.
    :param is_open: whether a policy is to open the files; if not, it loses the statements of an
        earlier setup.
    :param owner: who alone keeps files in this place, as it has announced. By default others may
        share the whole place, such as an admin of the same rows.
    :raises ArgumentError: a policy for the ``prefix`` of the storage would open more than its
        files.
    """
    prefix = storage.prefix
    sid = f"{package}PublicRead{prefix_digest(prefix)}"
    if not is_open:
        return PublicRead(sid=sid)
    folder = prefix.rstrip("/")
    if not prefix:
        rule = "a folder such as 'uploads' where files are public"
        hint = ": a policy would let everybody read the whole bucket; set a folder, or keep files"
        raise ArgumentError("prefix", folder, rule, f"{hint} private")
    for other in registry.overlaps(
        storage_type="s3", bucket_name=storage.bucket_name, prefix=prefix
    ):
        is_shared = other.prefix == prefix and owner in ("", other.owner)
        if other.prefix.startswith(prefix) and not is_shared:
            raise ArgumentError(
                "prefix",
                folder,
                "a folder of its own where files are public",
                f": a policy would let everybody read {other}; configure folders of which none is "
                "inside the other, or keep files private",
            )
    closed = registry.pending_prefixes(storage.bucket_name, prefix)
    try:
        return PublicRead(sid=sid, prefixes=[prefix], closed=closed)
    except ArgumentError as error:
        raise ArgumentError(
            "prefix",
            str(error.value).rstrip("/"),
            "a folder without '*', '?' and '$' where files are public",
            ": these have a meaning of their own in policies",
        ) from error


def prefix_digest(prefix: str) -> str:
    """Return eight letters and digits that stand for a prefix: for a Sid, or a rule's ``ID``, of
    its own in a bucket that several stores and apps share.
    """
    return hashlib.sha256(prefix.encode()).hexdigest()[:8]


def read_statements(policy: Policy) -> list[Statement]:
    """Return a policy's statements; IAM's grammar lets one stand alone."""
    statements = policy.get("Statement", [])
    return [statements] if isinstance(statements, Mapping) else list(statements)


def replace_statements(
    policy: Policy, old: Sequence[Statement], new: Sequence[Statement]
) -> Policy:
    """Return a policy with new statements at its end in the place of old ones."""
    kept = [statement for statement in read_statements(policy) if statement not in old]
    return {**policy, "Statement": [*kept, *new]}


def merge_statements(policy: Policy, statements: Sequence[Statement]) -> dict[str, Any]:
    """Return a policy with statements in it, each in place of the one with its Sid, at the end."""
    sids = {statement["Sid"] for statement in statements}
    old = [one for one in read_statements(policy) if one.get("Sid") in sids]
    return dict(replace_statements(policy, old, statements))


def same_policy(one: Policy, other: Policy) -> bool:
    """Report whether two policies mean the same, in whatever order and form: some servers write
    lists of one as texts.
    """
    return _meaning(one) == _meaning(other)


def is_public(policy: Policy) -> bool:
    """Report whether a policy lets everybody do something."""
    return any(
        statement["Effect"] == "Allow" and _is_everybody(statement.get("Principal"))
        for statement in read_statements(policy)
    )


def _is_everybody(principal: Any) -> bool:
    return _listed(principal) in (["*"], {"AWS": ["*"]})


def _statement(sid: str, effect: str, arn: str, prefixes: Sequence[str]) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": effect,
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": [f"{arn}{prefix}*" for prefix in prefixes],
    }


def _meaning(policy: Policy) -> list[str]:
    found = []
    for statement in read_statements(policy):
        meaning = {key: _listed(value) for key, value in statement.items()}
        if _is_everybody(statement.get("Principal")):
            meaning["Principal"] = ["*"]
        found.append(json.dumps(meaning, sort_keys=True))
    return sorted(found)


def _listed(value: Any) -> Any:
    """Return a value with a list in the place of each text, and each list in order."""
    if isinstance(value, Mapping):
        return {key: _listed(one) for key, one in value.items()}
    return sorted(map(str, value if isinstance(value, list) else [value]))
