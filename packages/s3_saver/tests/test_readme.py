"""The README's examples run."""

import re
from pathlib import Path

import pytest

from s3_saver import S3Storage
from s3_saver.testing import S3Server

README = Path(__file__).parents[1] / "README.md"


def test_the_readme_s_python_runs(
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """All blocks together, as somebody would try them, against the server of this run."""
    monkeypatch.chdir(tmp_path)
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    bucket = S3Storage("my-bucket")
    bucket.client.create_bucket(Bucket="my-bucket")
    blocks = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 11
    script = "\n".join(blocks).replace("/tmp/site", str(tmp_path / "site"))
    try:
        exec(compile(script, str(README), "exec"), {"__name__": "readme"})
    finally:
        bucket.delete(*[info.name for info in bucket.find()])
        bucket.client.delete_bucket(Bucket="my-bucket")
