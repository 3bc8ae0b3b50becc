import copy
import pickle

import pytest

from url_for_s3 import ArgumentError, ArgumentTypeError, MissingPackageError, S3Bucket
from url_for_s3._checks import has_controls


def test_data() -> None:
    """An error carries what is wrong as data, of which a message with other names can be made."""
    with pytest.raises(ArgumentError) as caught:
        S3Bucket("my-bucket", url_style="virtual")
    error = caught.value
    assert (error.argument, error.value) == ("url_style", "virtual")
    assert str(error) == f"url_style must be {error.rule}, got {error.value!r}{error.hint}"


@pytest.mark.parametrize("kind", [ArgumentError, ArgumentTypeError, MissingPackageError])
def test_survives_copies(kind: type[ArgumentError]) -> None:
    """An error that comes from another process is the same, with its data and its message."""
    error = kind("expires", 0, "1 to 604,800 seconds", ": why")
    for copied in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(copied) is kind
        assert str(copied) == "expires must be 1 to 604,800 seconds, got 0: why"
        assert vars(copied) == vars(error)


def test_kinds() -> None:
    """A wrong argument is a ValueError, and one of a wrong type is a TypeError as well; what needs
    a package that is not there is an ImportError.
    """
    assert issubclass(ArgumentError, ValueError)
    assert not issubclass(ArgumentError, TypeError)
    assert issubclass(ArgumentTypeError, ArgumentError)
    assert issubclass(ArgumentTypeError, TypeError)
    assert issubclass(MissingPackageError, ArgumentError)
    assert issubclass(MissingPackageError, ImportError)


@pytest.mark.parametrize("text", ["a\n", "\r", "\0", "\t", "\x7f", "\x85", "\u2028", "\u2029"])
def test_controls(text: str) -> None:
    """Characters that end or break a line are found."""
    assert has_controls(text)


@pytest.mark.parametrize("text", ["", "a b", "ü", "日本", "\u200d", "\u202e", "\xa0"])
def test_no_controls(text: str) -> None:
    """Other characters are not among them, also those that cannot be seen."""
    assert not has_controls(text)
