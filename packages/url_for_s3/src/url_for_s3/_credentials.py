"""The three values that sign, from whoever holds them."""

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing alone would take most of the time that importing this package takes
    from typing import Protocol

    class BotocoreCredentials(Protocol):
        @property
        def access_key(self) -> str: ...
        @property
        def secret_key(self) -> str: ...
        @property
        def token(self) -> str | None: ...


class S3Credentials:
    """What signs a URL. The secret is not in the ``repr``.

    :param access_key_id: Such as ``'AKIAIOSFODNN7EXAMPLE'``; it stands in the URL.
    :param secret_access_key: Never in the URL.
    :param session_token: Of temporary credentials; it stands in the URL.
    :raises ValueError: The id or the secret is empty.
    :raises TypeError: One of them is no str.
    """

    __slots__ = ("access_key_id", "secret_access_key", "session_token")

    def __init__(
        self, access_key_id: str, secret_access_key: str, session_token: str | None = None
    ) -> None:
        if not access_key_id:
            raise ValueError("access_key_id is empty: nothing can be signed without it")
        if not secret_access_key:
            raise ValueError("secret_access_key is empty: nothing can be signed without it")
        given = {
            "access_key_id": access_key_id,
            "secret_access_key": secret_access_key,
            "session_token": session_token or "",
        }
        for argument, value in given.items():
            if not isinstance(value, str):  # the value stays out of the message: it is a secret
                raise TypeError(f"{argument} is of type {type(value).__name__}: a str")
        self.access_key_id = access_key_id
        self.secret_access_key = secret_access_key
        self.session_token = session_token or None

    def __repr__(self) -> str:
        return f"S3Credentials({self.access_key_id!r}, secret_access_key=...)"


def read_credentials(credentials: "S3Credentials | BotocoreCredentials | None") -> S3Credentials:
    if isinstance(credentials, S3Credentials):
        return credentials
    if credentials is None:
        raise ValueError(
            "credentials is None: pass S3Credentials(...), or boto3.Session().get_credentials()"
            " where boto3 finds some"
        )
    # Refreshable credentials may change between two reads; frozen ones belong together.
    freeze = getattr(credentials, "get_frozen_credentials", None)
    frozen = freeze() if freeze else credentials
    try:
        return S3Credentials(frozen.access_key, frozen.secret_key, frozen.token)
    except AttributeError as error:
        raise TypeError(
            f"credentials is of type {type(credentials).__name__}: S3Credentials, or an object with"
            " access_key, secret_key and token as botocore's"
        ) from error
