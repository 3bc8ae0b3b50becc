"""The README's examples run."""

import re
from pathlib import Path

import pytest
from conftest import Server

from s3_saver import S3Storage

README = Path(__file__).parents[1] / "README.md"


def test_the_readme_s_python_runs(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """All blocks together, as somebody would try them, against the server of this run."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", server.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.access_key_secret)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.endpoint_url)
    bucket = S3Storage("my-bucket")
    bucket.client.create_bucket(Bucket="my-bucket")
    blocks = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 6
    script = "\n".join(blocks).replace("/tmp/site", str(tmp_path / "site"))
    try:
        exec(compile(script, str(README), "exec"), {"__name__": "readme"})
    finally:
        bucket.delete(*[info.name for info in bucket.find()])
        bucket.client.delete_bucket(Bucket="my-bucket")
