"""CloudFront's invalidations."""

import re
import uuid
from collections.abc import Sequence
from urllib.parse import quote

from s3_saver import S3Storage

from ..exceptions import S3StaticError

_MOST_PATHS = 1000  # a month of these are free; a path with a star counts as one


def check_distribution(distribution: str) -> None:
    """Refuse what can be no id of a distribution, such as its domain.

    :raises ValueError: it can be none.
    """
    if not re.fullmatch("[A-Z0-9]+", distribution):
        raise ValueError(
            "the distribution to invalidate must be an id, such as 'EDFDVBD632BHDS5', "
            f"got {distribution!r}"
        )


def invalidation_paths(keys: Sequence[str], prefix: str) -> list[str]:
    """Return the paths that CloudFront is to forget: those of keys, or all if these are many."""
    if len(keys) > _MOST_PATHS:
        return [f"/{quote(prefix)}/*" if prefix else "/*"]
    return [f"/{quote(key, safe='/-._~')}" for key in keys]


def invalidate(storage: S3Storage, distribution: str, paths: Sequence[str]) -> str:
    """Let a distribution forget what it has cached for paths; return the invalidation's id."""
    # Here, as it is seldom asked for, and not by s3_saver, as it is no part of S3.
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    credentials = storage.credentials
    client = boto3.client(
        "cloudfront",
        region_name="us-east-1",
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.token,
    )
    try:
        answer = client.create_invalidation(
            DistributionId=distribution,
            InvalidationBatch={
                "Paths": {"Quantity": len(paths), "Items": list(paths)},
                "CallerReference": uuid.uuid4().hex,
            },
        )
    except (BotoCoreError, ClientError) as error:
        raise S3StaticError(
            f"CloudFront distribution {distribution!r}: {error}. These files are uploaded, so "
            "the next push will not name them again: correct the id or allow "
            f"cloudfront:CreateInvalidation, and invalidate {' '.join(paths)}"
        ) from error
    return str(answer["Invalidation"]["Id"])
