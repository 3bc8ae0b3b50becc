"""docs/recipes/other-stores.md says of this server what is so."""

import os
from pathlib import Path

import pytest

from s3_saver.testing import S3Server

from .probes import PROBES, Store

PAGE = Path(__file__).parents[2] / "docs" / "recipes" / "other-stores.md"
# What the page calls the server of this run; by default Ceph.
COLUMN = {"ceph": "Ceph 16", "seaweedfs": "SeaweedFS 4.48", "rclone": "rclone 1.75"}[
    os.environ.get("S3_TEST_STORE", "ceph")
]


def table() -> dict[str, str]:
    """What the page says of this server, by line."""
    lines = PAGE.read_text().partition("\n## What stores can\n")[2].partition("\n\n- ")[0]
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in lines.splitlines()
        if line.startswith("| ")
    ]
    column = cells[0].index(COLUMN)
    return {line[0]: line[column] for line in cells[2:]}


def test_all_lines_are_asked() -> None:
    """Each line of the table has a probe, in its order."""
    assert list(table()) == list(PROBES)


@pytest.mark.servers
@pytest.mark.parametrize("line", PROBES)
def test_line(s3_server: S3Server, s3_bucket: str, line: str) -> None:
    """The store does what the page says."""
    assert PROBES[line](Store(s3_server, s3_bucket)) == table()[line]
