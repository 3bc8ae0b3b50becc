"""Ages on command lines."""

from datetime import timedelta

import pytest

from s3_saver import ArgumentError, parse_age


@pytest.mark.parametrize("text", ["1", "1y", "-1d", "1.5h", "", "d", "1d1h", "999999999d"])
def test_what_is_not_a_number_and_a_unit_is_refused(text: str) -> None:
    """Anything but a whole number and one unit is an ArgumentError that shows how to write it."""
    with pytest.raises(ArgumentError, match="must be an age such as 30m, 24h, 7d or 4w"):
        parse_age(text)


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("0", timedelta()),
        ("90s", timedelta(seconds=90)),
        ("2m", timedelta(minutes=2)),
        ("2h", timedelta(hours=2)),
        ("2d", timedelta(days=2)),
        ("2w", timedelta(weeks=2)),
        ("99999999w", timedelta(days=700_000)),
    ],
)
def test_an_age_is_a_number_of_its_unit(text: str, age: timedelta) -> None:
    """Seconds, minutes, hours, days and weeks are known; what no date can go back to is cut off."""
    assert parse_age(text) == age
