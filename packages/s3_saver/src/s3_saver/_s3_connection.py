"""Where a bucket is, and with which client it is asked."""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ._addresses import check_endpoint, is_amazons
from ._checks import check_bucket, check_client, check_credentials, check_region, check_type
from ._names import check_key, check_name, check_prefix
from .exceptions import (
    AccessDeniedError,
    ArgumentError,
    BucketNotFoundError,
    NotFoundError,
    S3SaverError,
)

if TYPE_CHECKING:
    from botocore.config import Config
    from botocore.credentials import Credentials
    from mypy_boto3_s3 import S3Client

    from ._clients import ClientOptions

# Statuses of a store without HeadBucket; the answer to a HEAD has no body.
_NO_SUCH_CALL = ("405", "501")


class S3Connection:
    """What :class:`~s3_saver.S3Storage` knows of its bucket; the parameters are explained there."""

    def __init__(
        self,
        bucket_name: str,
        *,
        client: "S3Client | None",
        prefix: str,
        region: str | None,
        endpoint_url: str | None,
        credentials: Mapping[str, str | None],
        config: "Config | None",
    ) -> None:
        check_bucket(bucket_name, ready_client=client is not None)
        if bucket_name.startswith("arn:"):
            raise ArgumentError(
                "bucket_name",
                bucket_name,
                "a bucket's name, and no ARN",
                ": of an access point pass the alias, which ends in '-s3alias'",
            )
        check_type("prefix", prefix, str, "a str such as 'media/'")
        check_region(region)
        check_credentials(credentials)
        for argument, secret in credentials.items():
            _check_secret(argument, secret or "")
        self.bucket_name = bucket_name
        self.prefix = check_prefix(prefix.strip("/") + "/") if prefix.strip("/") else ""
        self._ready_client = client
        self._given: dict[str, Any] = {
            "region": region,
            "endpoint_url": endpoint_url,
            **credentials,
            "config": config,
        }
        if client and (given := [key for key, value in self._given.items() if value]):
            raise ArgumentError("client", client, f"passed without {', '.join(given)}")
        check_client(client, endpoint_url, config)
        if not client and (endpoint := endpoint_url or endpoint_of_environment()):
            check_endpoint(endpoint, bucket_name)
        self._bucket_was_seen = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}({f'{self.bucket_name}/{self.prefix}'.rstrip('/')!r})"

    def __getstate__(self) -> dict[str, Any]:
        if self._ready_client:
            raise TypeError(
                f"{self!r} holds a ready client, which cannot be pickled: make it with options"
            )
        return self.__dict__

    @property
    def client(self) -> "S3Client":
        """The boto3 S3 client, for what a :class:`Storage` has no call for.

        Its calls raise the SDK's errors, unless :meth:`translate_errors` is around them. (Those of
        ``upload_file`` and its like, which boto3 wraps once more, stay as they are.)
        """
        if self._ready_client:
            return self._ready_client
        from ._clients import shared_client

        with self.translate_errors():
            return shared_client(self._options)

    def translate_errors(self, name: str | None = None) -> AbstractContextManager[None]:
        """Let calls of :attr:`client` raise what a storage's own calls do.

        Use it as ``with storage.translate_errors(): storage.client.put_bucket_policy(...)``. An
        error's :attr:`~s3_saver.S3SaverError.code` is S3's.

        :param name: of the file concerned; by default it is the bucket.
        """
        from ._sdk_errors import translated

        return translated(self.bucket_name, self.prefix + name if name else None, name)

    @cached_property
    def _options(self) -> "ClientOptions":
        from ._clients import ClientOptions

        return ClientOptions(**self._given)

    @property
    def region(self) -> str | None:
        """The region that requests are signed for; ``None`` if it is not known.

        With :attr:`endpoint_url` and :attr:`credentials`, this is what url-for-s3 makes URLs of.
        """
        from ._clients import region_of

        return region_of(self.client)

    @property
    def endpoint_url(self) -> str | None:
        """Where the store answers; ``None`` for the endpoint that Amazon has in each region.

        Amazon's other endpoints, for private networks (VPC), dualstack and FIPS, are returned: who
        set one wants URLs of it.
        """
        from ._clients import endpoint_of

        return endpoint_of(self.client)

    @property
    def is_amazons(self) -> bool:
        """Whether requests go to one of Amazon's hosts, in whatever network or region."""
        return is_amazons(self.client.meta.endpoint_url)

    @property
    def credentials(self) -> "Credentials":
        """What the client signs with, for signing URLs elsewhere; they may be temporary.

        They have ``access_key``, ``secret_key``, ``token`` and ``get_frozen_credentials()``.

        :raises AccessDeniedError: the SDK finds none.
        """
        from ._clients import credentials_of

        with self.translate_errors():
            return credentials_of(self.client)

    def key(self, name: str) -> str:
        """Return the object key of the file of that name, whether it is there or not.

        :raises UnsafeNameError: the name is unsafe, or with the prefix it is more than 1,024 bytes.
        """
        return check_key(self.prefix, check_name(name))

    def _say_what_is_wrong(self, name: str) -> None:
        """Raise what a GET says of a refused HEAD, such as that a token has expired: the answer to
        a HEAD has no body.
        """
        with self.translate_errors(name):
            answer = self.client.get_object(
                Bucket=self.bucket_name, Key=self.key(name), Range="bytes=0-0"
            )
            answer["Body"].close()

    def _look_for_bucket(self) -> None:
        if self._bucket_was_seen:
            return
        try:
            with self.translate_errors():
                self.client.head_bucket(Bucket=self.bucket_name)
        except AccessDeniedError:
            pass  # it is there, but these credentials may not list it
        except NotFoundError as error:
            no_bucket = BucketNotFoundError(
                f"there is no bucket {self.bucket_name!r}: create it, or correct the bucket name, "
                "region or endpoint",
                bucket_name=self.bucket_name,
            )
            no_bucket.code = error.code
            raise no_bucket from error
        except S3SaverError as error:
            if error.code not in _NO_SUCH_CALL:
                raise
        self._bucket_was_seen = True


def _check_secret(argument: str, secret: str) -> None:
    # Python would refuse it in a header, in words about the network.
    if secret != secret.strip() or not secret.isprintable():
        raise ArgumentError(
            argument,
            type(secret),
            "without spaces and control characters around it",
            ": remove the newline at its end",
        )


def endpoint_of_environment() -> str:
    """Return the endpoint that the SDK takes from the environment, if one is set there."""
    if os.environ.get("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "").lower() == "true":
        return ""
    return os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
