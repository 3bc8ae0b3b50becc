import os
import re
from pathlib import Path

import pytest

from flask_thumbnails_s3._settings import DEFAULTS
from untrusted_files.pictures import Limits

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_examples_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The README's Python blocks run as they stand, one after the other."""
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 8
    # Flask keeps the files of an app that is installed in its environment: here it is not.
    source = re.sub(
        r"Flask\((.+?)\)",
        r"Flask(\1, instance_path=os.path.abspath('instance'))",
        "\n".join(blocks),
    )
    exec(compile(source, "README.md", "exec"), {"__name__": "project"})
    assert os.listdir("instance/uploads") == ["cat.jpg"]
    assert os.listdir("instance/thumbnails") == ["cat_800x_by-gray-mark_85.jpg"]


def test_settings() -> None:
    """The README's table has every setting with its default, in the code's order."""
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \| `(.+?)` \|", README, re.MULTILINE)
    assert rows == [(key, repr(default)) for key, default in DEFAULTS.items()]


def test_limits() -> None:
    """The limits of animations, which are no settings, are those of untrusted_files."""
    limits = Limits()
    words = " ".join(README.split())
    assert f"more than {limits.max_frames:,} frames" in words
    assert f"more than {limits.max_frame_pixels:,} in all frames" in words


def test_filters_are_told() -> None:
    """The README shows each filter, and each mode."""
    for word in ("|thumbnail(", "|thumbnail_srcset(", "thumbnail_picture(", "lazy", "queue"):
        assert word in README
