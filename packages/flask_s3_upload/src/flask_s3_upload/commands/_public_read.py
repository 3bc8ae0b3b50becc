"""What everybody may read in the bucket where files are public: all but what is pending."""

import hashlib

from s3_saver import ArgumentError, PrefixRegistry, S3Storage
from s3_saver.setup import PublicRead

from .._state import State
from ..exceptions import ConfigError


def find_public_read(registry: PrefixRegistry, state: State, storage: S3Storage) -> PublicRead:
    """Return what a policy lets everybody read; nothing where files are private, or are opened by
    a CDN or by their ACL.

    :param registry: knows what others keep in the bucket.
    :raises ConfigError: a policy would open more than the files of this store.
    """
    settings, prefix = state.settings, storage.prefix
    sid = f"FlaskS3UploadPublicRead{name_of_prefix(prefix)}"
    is_closed = settings.private or settings.s3.cdn_domain
    if is_closed or settings.s3.acl.startswith("public-"):
        return PublicRead(sid=sid)
    key = settings.key_of("prefix")
    if not prefix:
        raise ConfigError(
            f"{key} is empty: a policy for public files would let everybody read the whole bucket."
            " Set a prefix such as 'uploads', or keep files private",
            setting=key,
        )
    for other in registry.overlaps(
        storage_type="s3", bucket_name=storage.bucket_name, prefix=prefix
    ):
        # Who shares the whole place does so on purpose, such as an admin of the same rows.
        is_inside = other.prefix.startswith(prefix) and other.prefix != prefix
        if is_inside and other.owner != state.store.owner:
            raise ConfigError(
                f"{key} is {prefix.rstrip('/')!r}: a policy for public files would let everybody"
                f" read {other}. Give each a prefix of its own, of which none is inside the other,"
                " or keep files private",
                setting=key,
            )
    closed = registry.pending_prefixes(storage.bucket_name, prefix)
    try:
        return PublicRead(sid=sid, prefixes=[prefix], closed=closed)
    except ArgumentError as error:
        raise ConfigError(
            f"{key} must be a folder without '*', '?' and '$' where files are public, as these have"
            f" a meaning of their own in policies, got {prefix.rstrip('/')!r}",
            setting=key,
        ) from error


def name_of_prefix(prefix: str) -> str:
    """Return eight letters and digits that stand for a prefix: stores and apps may share a bucket,
    each with a prefix and with rules of its own.
    """
    return hashlib.sha256(prefix.encode()).hexdigest()[:8]
