"""The README's examples run."""

import re
from pathlib import Path

import pytest
from static_site import Site

from s3_saver.testing import S3Server

README = Path(__file__).parents[1] / "README.md"


def test_the_readme_s_python_runs(
    site: Site,
    s3_server: S3Server,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """All blocks together, as somebody would try them, against the server of this run."""
    monkeypatch.chdir(site.folder)
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    site.write("static/app.css", "body { margin: 0 }")
    site.write("static/app.js", "1")
    blocks = re.findall(r"^```python\n(.*?)^```", README.read_text(), re.DOTALL | re.MULTILINE)
    assert len(blocks) == 5
    script = "\n".join(blocks).replace("my-bucket", site.bucket)
    script = script.replace("Flask(__name__)", f"Flask('site', root_path={str(site.folder)!r})")
    exec(compile(script, str(README), "exec"), {"__name__": "readme"})
    assert capsys.readouterr().out == f"https://{site.bucket}.s3.amazonaws.com/static/app.css\n"
