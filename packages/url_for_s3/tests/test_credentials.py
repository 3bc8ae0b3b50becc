import pickle
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.credentials import Credentials, ReadOnlyCredentials, RefreshableCredentials

from url_for_s3 import ArgumentError, ArgumentTypeError, S3Credentials
from url_for_s3._credentials import read_credentials


def values(credentials: S3Credentials) -> tuple[str, str, str | None]:
    return credentials.access_key_id, credentials.access_key_secret, credentials.session_token


def test_repr_hides_the_secret() -> None:
    """Neither the secret nor the token stands in the repr."""
    shown = repr(S3Credentials("AKIAIOSFODNN7EXAMPLE", "the-secret", "the-token"))
    assert shown == "S3Credentials(access_key_id='AKIAIOSFODNN7EXAMPLE')"
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
    ("id_", "secret", "argument"),
    [("", "secret", "access_key_id"), ("id", "", "access_key_secret")],
)
def test_empty(id_: str, secret: str, argument: str) -> None:
    """An empty id or secret is refused, also in credentials of botocore's shape."""
    for make in (S3Credentials, lambda *both: read_credentials(Credentials(*both))):
        with pytest.raises(ArgumentError, match="nothing can be signed without it") as caught:
            make(id_, secret)
        assert caught.value.argument == argument


@pytest.mark.parametrize("argument", ["access_key_id", "access_key_secret", "session_token"])
def test_wrong_type(argument: str) -> None:
    """A value that is no text is refused by the argument's name, and is not in the message."""
    given: dict[str, Any] = {
        "access_key_id": "id",
        "access_key_secret": "secret",
        argument: b"hidden",
    }
    with pytest.raises(ArgumentTypeError, match=f"{argument} must be a str .* 'bytes'") as caught:
        S3Credentials(**given)
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("argument", ["access_key_id", "access_key_secret", "session_token"])
@pytest.mark.parametrize("value", ["hidden\n", " hidden", "hid\0den", "hidden\u2028"])
def test_left_over_characters(argument: str, value: str) -> None:
    """A line break or blank left over from a file is refused, with which no signature is right."""
    given = {"access_key_id": "id", "access_key_secret": "secret", argument: value}
    with pytest.raises(ArgumentError, match=f"{argument} must be without blanks") as caught:
        S3Credentials(**given)
    assert "hid" not in str(caught.value)


def test_never_changes() -> None:
    """Credentials cannot be changed, so that a checked value stays one."""
    with pytest.raises(AttributeError):
        S3Credentials("id", "secret").access_key_id = ""  # type: ignore[misc]


def test_empty_token() -> None:
    """An empty session token, as an environment variable may give, is none."""
    assert S3Credentials("id", "secret", "").session_token is None


def test_none() -> None:
    """No credentials, as boto3 gives where it finds none, are refused."""
    with pytest.raises(ArgumentError, match=r"credentials must be S3Credentials.*, got None"):
        read_credentials(None)


def test_other_objects() -> None:
    """An object of another shape is refused by the name of its type."""
    with pytest.raises(ArgumentTypeError, match="credentials must be S3Credentials, .* 'tuple'"):
        read_credentials(("id", "secret"))  # type: ignore[arg-type]


@pytest.mark.parametrize("argument", ["access_key_id", "access_key_secret", "session_token"])
def test_lone_surrogates(argument: str) -> None:
    """A value without a UTF-8 form is refused by the argument's name alone."""
    given = {"access_key_id": "id", "access_key_secret": "secret", argument: "hidden\ud800"}
    with pytest.raises(ArgumentError, match=f"{argument} must be text that has a UTF-8") as caught:
        S3Credentials(**given)
    assert "hid" not in str(caught.value)
    assert caught.value.__cause__ is None
