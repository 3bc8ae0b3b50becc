"""The README's examples run."""

import re
from pathlib import Path

import pytest
from conftest import Server, Site

README = Path(__file__).parents[1] / "README.md"


def test_the_readme_s_python_runs(
    site: Site, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All blocks together, as somebody would try them, against the server of this run."""
    monkeypatch.chdir(site.folder)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", server.access_key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.access_key_secret)
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", server.url)
    site.write("static/app.css", "body { margin: 0 }")
    site.write("static/app.js", "1")
    blocks = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 3
    script = "\n".join(blocks).replace("my-bucket", site.bucket)
    script = script.replace("Flask(__name__)", f"Flask('site', root_path={str(site.folder)!r})")
    exec(compile(script, str(README), "exec"), {"__name__": "readme"})
