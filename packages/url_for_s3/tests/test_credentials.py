import pickle
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.credentials import Credentials, ReadOnlyCredentials, RefreshableCredentials

from url_for_s3 import S3Credentials
from url_for_s3._credentials import read_credentials


def values(credentials: S3Credentials) -> tuple[str, str, str | None]:
    return credentials.access_key_id, credentials.secret_access_key, credentials.session_token


def test_repr_hides_the_secret() -> None:
    """Neither the secret nor the token stands in the repr."""
    shown = repr(S3Credentials("AKIAIOSFODNN7EXAMPLE", "the-secret", "the-token"))
    assert shown == "S3Credentials('AKIAIOSFODNN7EXAMPLE', secret_access_key=...)"
    assert shown == str(S3Credentials("AKIAIOSFODNN7EXAMPLE", "another"))


def test_pickles() -> None:
    """Credentials survive pickling, for tasks that sign elsewhere."""
    copied = pickle.loads(pickle.dumps(S3Credentials("a", "b", "c")))
    assert values(copied) == ("a", "b", "c")


@pytest.mark.parametrize(
    "credentials",
    [
        S3Credentials("id", "secret", "token"),
        Credentials("id", "secret", "token"),
        ReadOnlyCredentials("id", "secret", "token"),
        SimpleNamespace(access_key="id", secret_key="secret", token="token"),
    ],
    ids=lambda credentials: type(credentials).__name__,
)
def test_shapes(credentials: Any) -> None:
    """Our credentials, and anything with the attributes of botocore's, give the three values."""
    assert values(read_credentials(credentials)) == ("id", "secret", "token")


def test_refreshable_credentials_are_frozen() -> None:
    """Credentials that may change between two reads are read all at once."""

    class Rotating(RefreshableCredentials):
        def __init__(self) -> None:
            self.count = 0

        def get_frozen_credentials(self) -> ReadOnlyCredentials:
            self.count += 1
            return ReadOnlyCredentials(f"id{self.count}", f"secret{self.count}", "token")

    assert values(read_credentials(Rotating())) == ("id1", "secret1", "token")


@pytest.mark.parametrize(
    ("id_", "secret", "message"),
    [("", "secret", "access_key_id is empty"), ("id", "", "secret_access_key is empty")],
)
def test_empty(id_: str, secret: str, message: str) -> None:
    """An empty id or secret is refused, also in credentials of botocore's shape."""
    with pytest.raises(ValueError, match=message):
        S3Credentials(id_, secret)
    with pytest.raises(ValueError, match=message):
        read_credentials(Credentials(id_, secret))


@pytest.mark.parametrize("argument", ["access_key_id", "secret_access_key", "session_token"])
def test_wrong_type(argument: str) -> None:
    """A value that is no text is refused by the argument's name, and is not in the message."""
    given = {"access_key_id": "id", "secret_access_key": "secret", argument: b"hidden"}
    with pytest.raises(TypeError, match=f"{argument} is of type bytes: a str") as caught:
        S3Credentials(**given)  # type: ignore[arg-type]
    assert "hidden" not in str(caught.value)


def test_empty_token() -> None:
    """An empty session token, as an environment variable may give, is none."""
    assert S3Credentials("id", "secret", "").session_token is None


def test_none() -> None:
    """No credentials, as boto3 gives where it finds none, are refused."""
    with pytest.raises(ValueError, match="credentials is None"):
        read_credentials(None)


def test_other_objects() -> None:
    """An object of another shape is refused by the name of its type."""
    with pytest.raises(TypeError, match=r"credentials is of type tuple: S3Credentials, or"):
        read_credentials(("id", "secret"))  # type: ignore[arg-type]
