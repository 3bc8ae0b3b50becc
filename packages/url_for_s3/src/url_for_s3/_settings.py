"""What the settings of an app must have, for a bucket or a signer to be made of them."""

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing alone would take much of the time that importing this package takes
    from typing import Protocol

    class BucketSettings(Protocol):
        """Where an app's S3 is; an empty text means: not set."""

        @property
        def bucket_name(self) -> str: ...
        @property
        def region(self) -> str: ...
        @property
        def endpoint_url(self) -> str: ...
        @property
        def public_endpoint_url(self) -> str: ...
        @property
        def url_style(self) -> str: ...
        def cdn_of(self, bucket_name: str, /) -> str | None:
            """Return the domain of the CDN that serves a bucket, if one does."""

    class SignerSettings(Protocol):
        """The key by which an app's CDN serves private files."""

        @property
        def cloudfront(self) -> tuple[str, str] | None:
            """The id of the key and the text of its PEM, if there is one."""


def endpoints_of(
    settings: "BucketSettings", endpoint_url: str | None, bucket_domain: str | None
) -> dict[str, str | None]:
    """Return the arguments of a bucket that name its hosts: a domain of its own replaces all
    endpoints.
    """
    if bucket_domain:
        return {"bucket_domain": bucket_domain}
    return {
        "endpoint_url": (settings.endpoint_url if endpoint_url is None else endpoint_url) or None,
        "public_endpoint_url": settings.public_endpoint_url or None,
    }
