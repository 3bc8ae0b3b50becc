"""Sizes of files as people read them."""

import pytest

from s3_saver import format_size


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (12_500_000, "12.5 MB"),
        (3_100_000_000, "3.1 GB"),
        (2_500_000_000_000_000, "2500.0 TB"),
    ],
)
def test_a_size_has_one_decimal_and_a_decimal_unit(size: int, text: str) -> None:
    """A size is written in the largest unit that it has at least one of, up to terabytes."""
    assert format_size(size) == text
