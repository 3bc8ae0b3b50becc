"""The three values that sign, from whoever holds them."""

from dataclasses import dataclass, field

from ._checks import check_encodable, check_text, has_controls
from .exceptions import ArgumentError, ArgumentTypeError

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing alone would take much of the time that importing this package takes
    from typing import Protocol

    class BotocoreCredentials(Protocol):
        @property
        def access_key(self) -> str: ...
        @property
        def secret_key(self) -> str: ...
        @property
        def token(self) -> str | None: ...


@dataclass(frozen=True, slots=True)
class S3Credentials:
    """What signs a URL. Neither the secret nor the token is in the ``repr``.

    :param access_key_id: such as ``'AKIAIOSFODNN7EXAMPLE'``; it stands in the URL.
    :param access_key_secret: never in the URL.
    :param session_token: of temporary credentials; it stands in the URL.
    :raises ArgumentError: the id or the secret is empty, or one of the three has a blank at an end
        or a control character, as a line break left over from a file. The message shows neither
        secret nor token.
    """

    access_key_id: str
    access_key_secret: str = field(repr=False)
    session_token: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "session_token", self.session_token or None)
        for argument in ("access_key_id", "access_key_secret", "session_token"):
            value = getattr(self, argument)
            if value is None and argument == "session_token":
                continue
            if value in (None, ""):
                raise ArgumentError(argument, value, "given", ": nothing can be signed without it")
            check_text(argument, value, "AKIAIOSFODNN7EXAMPLE", secret=True)
            check_encodable(argument, value, secret=True)
            if has_controls(value) or value != value.strip():
                raise ArgumentError(
                    argument, type(value), "without blanks at its ends and control characters"
                )


def read_credentials(credentials: "S3Credentials | BotocoreCredentials | None") -> S3Credentials:
    if isinstance(credentials, S3Credentials):
        return credentials
    if credentials is None:
        raise ArgumentError(
            "credentials",
            None,
            "S3Credentials(...), or boto3.Session().get_credentials() where boto3 finds some",
        )
    # Refreshable credentials may change between two reads; frozen ones belong together.
    freeze = getattr(credentials, "get_frozen_credentials", None)
    frozen = freeze() if freeze else credentials
    try:
        values = frozen.access_key, frozen.secret_key, frozen.token
    except AttributeError as error:
        raise ArgumentTypeError(
            "credentials",
            type(credentials),
            "S3Credentials, or an object with access_key, secret_key and token as botocore's",
        ) from error
    return S3Credentials(*values)
