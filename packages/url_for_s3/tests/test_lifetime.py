import pytest
from hypothesis import given
from hypothesis import strategies as st

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


@pytest.mark.parametrize("expires", [0, -1, 90.5, "3600", None])
def test_bad_expires(expires: object) -> None:
    """An expiry that is no whole, positive number of seconds is refused."""
    with pytest.raises(ValueError, match=r"expires=.*: a whole number of seconds, at least 1"):
        find_lifetime(0, expires)


@pytest.mark.parametrize("stable_for", [-1, 0.5, "60", None])
def test_bad_window(stable_for: object) -> None:
    """A window that is no whole number of seconds is refused."""
    with pytest.raises(ValueError, match=r"stable_for=.*: a whole number of seconds, at least 0"):
        find_lifetime(0, 60, stable_for)


def test_longest() -> None:
    """Expiry and window together stay within the longest lifetime, if there is one."""
    assert find_lifetime(0, 60, 40, longest=100) == (0, 100)
    with pytest.raises(
        ValueError, match=r"expires=60, stable_for=41: together at most 100 seconds"
    ):
        find_lifetime(0, 60, 41, longest=100)
