"""What README.md says is so."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from sent_files import picture

from flask_s3_upload._own_settings import DEFAULTS
from flask_s3_upload.commands._bucket_check import cors

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_the_readme_s_python_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """All blocks together, as somebody would try them; the form's page has what it needs."""
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 18
    script = "\n".join(blocks).replace("Flask(__name__)", "Flask('readme', instance_path=FOLDER)")
    names: dict[str, Any] = {"__name__": "readme", "FOLDER": str(tmp_path)}
    exec(compile(script, "README.md", "exec"), names)
    client = names["app"].test_client()
    page = client.get("/photos").text
    assert "data-direct-upload" in page
    assert 'src="/uploads/-/direct-upload.js"' in page
    with names["app"].app_context():
        names["db"].create_all()
        names["db"].session.add(names["Picture"](title="Tom"))
        names["db"].session.commit()
        posted = {"image": (io.BytesIO(picture()), "Tom.png")}
        assert client.post("/pictures/1/image", data=posted).status_code == 302
        page = client.get("/pictures/1").text
        assert "Tom.png</bdi></a>" in page
        assert 'name="image-delete"' in page
        names["db"].engine.dispose()


def test_the_table_has_every_setting_with_its_default() -> None:
    """The table of settings is the code's, in its order, with its defaults."""
    rows = re.findall(r"(?m)^\| `(UPLOADS_\w+)` \| ([^|]*) \|", README)
    assert [key for key, _ in rows] == list(DEFAULTS)
    for (key, words), default in zip(rows, DEFAULTS.values(), strict=True):
        if re.fullmatch(r"`(?!S3_)[^`]*`", words):
            assert words == f"`{default!r}`", key


def test_every_setting_and_method_of_flask_store_is_mapped() -> None:
    """Each STORE_ setting, and each method of a saved file, has a line."""
    mapping = README.partition("## Coming from Flask-Store")[2]
    for name in [
        "PROVIDER",
        "PATH",
        "DOMAIN",
        "URL_PREFIX",
        "S3_REGION",
        "S3_BUCKET",
        "S3_ACCESS_KEY",
        "S3_SECRET_KEY",
        "S3_ACL",
    ]:
        assert f"`STORE_{name}" in mapping, name
    for name in ("relative_path", "absolute_path", "relative_url", "absolute_url", "Provider()"):
        assert name in mapping, name
    assert set(re.findall(r"\bUPLOADS_[A-Z0-9_]*[A-Z0-9]", README)) <= {*DEFAULTS}


def test_the_cors_shown_is_the_one_printed() -> None:
    """README's CORS configuration is what `flask uploads check` prints."""
    shown = re.findall(r"^```json\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert json.loads(shown[0]) == cors(["https://www.example.com"], "POST")
