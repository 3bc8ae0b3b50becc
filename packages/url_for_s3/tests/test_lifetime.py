from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from url_for_s3 import ArgumentError, ArgumentTypeError
from url_for_s3._lifetime import find_lifetime


def test_without_a_window() -> None:
    """Without a window, a URL is signed now for as long as asked."""
    assert find_lifetime(1000.9, 60) == (1000, 60)


def test_same_within_a_window() -> None:
    """Signed URLs stay the same within a window, so that browsers cache, and then change."""
    first, last, after = (find_lifetime(now, 60, 300) for now in (1200, 1499.9, 1500))
    assert first == last == (1200, 360)
    assert after == (1500, 360)


@given(st.floats(0, 4e9), st.integers(1, 604_800), st.integers(0, 604_800))
def test_never_shorter(now: float, expires: int, stable_for: int) -> None:
    """With or without a window, a URL lives at least as long as asked, and at most a window
    longer.
    """
    start, lifetime = find_lifetime(now, expires, stable_for)
    assert int(now) + expires <= start + lifetime <= int(now) + expires + stable_for


@pytest.mark.parametrize("seconds", [3600, timedelta(hours=1)])
def test_timedelta(seconds: int | timedelta) -> None:
    """Seconds may be given as a timedelta."""
    assert find_lifetime(7300, seconds, seconds) == (7200, 7200)


@pytest.mark.parametrize("expires", [0, -1, timedelta(0), timedelta(seconds=-1)])
def test_no_time(expires: int | timedelta) -> None:
    """An expiry that has passed is refused."""
    with pytest.raises(ArgumentError, match=r"expires must be 1 second or more, got "):
        find_lifetime(0, expires)


@pytest.mark.parametrize("value", [90.5, "3600", None, True, timedelta(milliseconds=1500)])
def test_no_seconds(value: object) -> None:
    """An expiry or a window that is no whole number of seconds is refused."""
    for argument, arguments in (("expires", (value,)), ("stable", (60, value))):
        with pytest.raises(ArgumentTypeError, match=f"{argument} must be a whole number of sec"):
            find_lifetime(0, *arguments)


def test_negative_window() -> None:
    """A window that ends before it starts is refused."""
    with pytest.raises(ArgumentError, match="stable must be 0 seconds or more, got -1"):
        find_lifetime(0, 60, -1)


def test_longest() -> None:
    """The expiry stays within the longest lifetime, if there is one, and a window is cut to it."""
    assert find_lifetime(250, 60, 40, longest=100) == (240, 100)
    assert find_lifetime(250, 60, 50, longest=100) == (240, 100)
    assert find_lifetime(250, 100, 50, longest=100) == (250, 100)
    with pytest.raises(ArgumentError, match="expires must be 1 to 100 seconds, got 101"):
        find_lifetime(0, 101, longest=100)
