"""Clients of S3: made with safe defaults, once per configuration, shared by all threads.

Like everything that imports the SDK, this module is imported by the first call on S3, so that an
app that only uses a disk never waits for it.
"""

import os
import threading
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import NoCredentialsError
from botocore.utils import parse_timestamp

from ._addresses import is_amazons, is_regional

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

# A server that is gone is reported in about half a minute: four attempts of five seconds for each
# of its addresses, and less than eight seconds of waiting between them. One that stalls in the
# middle takes four times read_timeout.
_DEFAULTS = Config(
    connect_timeout=5,
    read_timeout=30,
    retries={"mode": "standard", "total_max_attempts": 4},
    max_pool_connections=64,
    signature_version="s3v4",
    s3={"us_east_1_regional_endpoint": "regional"},
)

# Since boto3 1.36 a checksum goes along with every request by default, which MinIO,
# Ceph, R2 and others answer with an error or, worse, store as part of the file.
_COMPATIBLE = Config(
    request_checksum_calculation="when_required",
    response_checksum_validation="when_required",
)


@dataclass(frozen=True)
class ClientOptions:
    """The options that a client is made of; equal ones share a client."""

    region: str | None = None
    endpoint_url: str | None = None
    access_key_id: str | None = None
    access_key_secret: str | None = field(default=None, repr=False)
    session_token: str | None = field(default=None, repr=False)
    config: Config | None = None

    @cached_property
    def key(self) -> object:
        # A Config has no equality of its own: what was set in it makes two alike.
        settings: Any = getattr(self.config, "_user_provided_options", None)
        return replace(self, config=None), repr(sorted(settings.items())) if settings else None


_clients: dict[object, "S3Client"] = {}
_making = threading.Lock()
_MOST_CLIENTS = 64  # of a process: temporary credentials that change must not fill the memory


def shared_client(options: ClientOptions) -> "S3Client":
    """Return the process's client for these options; the first call makes it.

    A client takes 30 ms to make, the first one several times that; making is not safe in threads,
    unlike using.
    """
    key = options.key
    try:
        return _clients[key]
    except KeyError:
        with _making:
            if key not in _clients:
                while len(_clients) >= _MOST_CLIENTS:
                    del _clients[next(iter(_clients))]  # the oldest; who uses it keeps it
                _clients[key] = _make_client(options)
            return _clients[key]


def credentials_of(client: "S3Client") -> Credentials:
    """Return what a client signs with.

    :raises NoCredentialsError: it has no credentials.
    """
    # The SDK has no public way; boto3 itself and others have read this attribute for ten years.
    credentials: Credentials | None = client._request_signer._credentials  # type: ignore[attr-defined] # noqa: SLF001
    if credentials is None:
        raise NoCredentialsError
    return credentials


def region_of(client: "S3Client") -> str | None:
    """Return the region that a client signs for; None if it was made without one."""
    region = client.meta.region_name
    return None if region == "aws-global" else region  # the SDK's word for no region


def endpoint_of(client: "S3Client") -> str | None:
    """Return the URL of the store that a client talks to; None for Amazon's own one in a region.

    An endpoint of Amazon's for a private network, for IPv6 (dualstack) or for FIPS is
    returned: URLs of objects need it as well.
    """
    endpoint_url = client.meta.endpoint_url
    return None if is_regional(endpoint_url) else endpoint_url


def _forget_clients() -> None:
    # A child must not share its parent's connections, nor a lock that another thread held.
    global _making
    _clients.clear()
    _making = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_clients)


def _read_time(value: Any) -> datetime | None:
    """Return a time of an answer; None for what is no time, as if the answer had none."""
    try:
        return parse_timestamp(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _end_redirects(request_dict: Any, response: Any, **_: Any) -> None:
    """Let the SDK report an answer that redirects the question where a bucket is, without a region.

    To find the region it would ask that question again, to be redirected again. A server that leads
    from http to https answers so.
    """
    if response is None or response[0].status_code not in (301, 302, 307):
        return
    headers = response[1].get("ResponseMetadata", {}).get("HTTPHeaders", {})
    if not headers.get("x-amz-bucket-region") and not response[1].get("Error", {}).get("Region"):
        request_dict["context"].setdefault("s3_redirect", {})["redirected"] = True


@cache
def _data_loader() -> object:
    """Return what reads the SDK's descriptions of its API.

    All sessions share it, since reading them is most of the time that making a client takes.
    """
    return botocore.session.get_session().get_component("data_loader")


def _make_client(options: ClientOptions) -> "S3Client":
    sdk = botocore.session.get_session()
    sdk.register_component("data_loader", _data_loader())
    parsers: Any = sdk.get_component("response_parser_factory")
    parsers.set_parser_defaults(timestamp_parser=_read_time)
    session = boto3.Session(
        botocore_session=sdk,
        aws_access_key_id=options.access_key_id,
        aws_secret_access_key=options.access_key_secret,
        aws_session_token=options.session_token,
        region_name=options.region,
    )

    def make(config: Config) -> "S3Client":
        wanted = config.merge(options.config) if options.config else config
        # The SDK writes into this dictionary what another option means, such as dualstack.
        own: Any = dict(getattr(wanted, "s3", None) or {})
        wanted = wanted.merge(Config(s3=own))
        client = session.client("s3", endpoint_url=options.endpoint_url, config=wanted)
        client.meta.events.register_first("needs-retry.s3.HeadBucket", _end_redirects)
        return client

    if options.endpoint_url and not is_amazons(options.endpoint_url):
        return make(_DEFAULTS.merge(_COMPATIBLE))
    client = make(_DEFAULTS)
    # The endpoint may also come from the environment or a profile: the client knows.
    if is_amazons(client.meta.endpoint_url):
        return client
    return make(_DEFAULTS.merge(_COMPATIBLE))
