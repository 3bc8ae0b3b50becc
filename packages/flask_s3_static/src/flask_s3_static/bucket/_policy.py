"""Who may read the bucket: the policy for static files, and what it must never open."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from s3_saver import BucketNotFoundError, S3SaverError, S3Storage
from s3_saver.setup import merge_statements, read_policy

from .._settings import OWN_FOLDER
from ..exceptions import ConfigError, S3StaticError
from ..serving._folders import StaticFolder
from ..serving._left_out import LeftOut
from ._index import Index

_STATEMENT = "FlaskS3StaticPublicRead"
_MOST_SHOWN = 5  # keys in a message

FORBIDDEN = (
    '"Block public access" of the bucket forbids a policy that lets everybody read '
    "(BlockPublicPolicy): `flask s3-static setup` loosens it, or push without a policy"
)


def policy_statement(bucket_name: str, prefixes: Sequence[str]) -> dict[str, Any]:
    """Return the statement of a bucket policy that lets everybody read what is below prefixes.

    :param prefixes: of keys, each ending with a slash.
    :raises ConfigError: one is empty, which would open the whole bucket.
    """
    if "" in prefixes:
        raise ConfigError(
            "FLASKS3_PREFIX is empty, and static files are at the root of the app's URLs: a policy "
            "for them would let everybody read the whole bucket. Set a prefix, or serve from below "
            "a path",
            setting="FLASKS3_PREFIX",
        )
    return {
        "Sid": _STATEMENT,
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": [f"arn:aws:s3:::{bucket_name}/{prefix}*" for prefix in prefixes],
    }


def check_announced(storage: S3Storage, prefixes: Iterable[str], left_out: LeftOut) -> None:
    """Make sure that a policy for these prefixes opens nothing that is announced as users'.

    :raises ConfigError: files of users are kept there, or may be.
    """
    for prefix in prefixes:
        for one in left_out.announced:
            if left_out.is_in_bucket(one) and (
                one.prefix.startswith(prefix) or prefix.startswith(one.prefix)
            ):
                raise ConfigError(
                    f"everybody could read s3://{storage.bucket_name}/{prefix}, and {one} has "
                    "files of users: give each a prefix of its own, of which none is inside the "
                    "other, or another bucket"
                )


def check_objects(
    storage: S3Storage,
    prefixes: Iterable[str],
    index: Index,
    left_out: LeftOut,
    folders: Sequence[StaticFolder],
    *,
    planned: Collection[str] = (),
) -> None:
    """Make sure that below these prefixes there are static files and nothing else.

    :param folders: all static folders of the app.
    :param planned: keys that the push stores before it writes the policy.
    :raises S3StaticError: there is something else.
    """
    known = {*index.objects, *index.leaving, *planned}
    foreign = [
        info.name
        for prefix in prefixes
        for info in storage.find(prefix)
        if not info.name.startswith(OWN_FOLDER)
        and (info.name not in known or left_out.reason_of_key(folders, info.name))
    ]
    if foreign:
        raise S3StaticError(
            f"everybody could read objects in s3://{storage.bucket_name} that are not static files "
            f"of this app: {shown_names(foreign)}. Move them to another prefix or bucket, or "
            "delete them. What an earlier push has put there goes by a push without a policy, and "
            "then by `flask s3-static prune --keep 1 --older-than 0`"
        )


def shown_names(names: Sequence[str]) -> str:
    """Return names for a message, the first of them if these are many."""
    more = f" and {len(names) - _MOST_SHOWN:,} more" if len(names) > _MOST_SHOWN else ""
    return ", ".join(names[:_MOST_SHOWN]) + more


def public_policy(storage: S3Storage, prefixes: Sequence[str]) -> dict[str, Any]:
    """Return the bucket's policy with our statement in it, new or renewed; the others stay."""
    try:
        present = read_policy(storage)
    except BucketNotFoundError:
        present = {"Version": "2012-10-17", "Statement": []}
    return merge_statements(present, [policy_statement(storage.bucket_name, prefixes)])


def forbids_policy(storage: S3Storage) -> bool:
    """Report whether the bucket's switch against public access is known to refuse the policy."""
    try:
        with storage.translate_errors():
            answer = storage.client.get_public_access_block(Bucket=storage.bucket_name)
    except S3SaverError:  # there is none, or we may not read it: then put_policy reports a refusal
        return False
    return bool(answer["PublicAccessBlockConfiguration"].get("BlockPublicPolicy"))
