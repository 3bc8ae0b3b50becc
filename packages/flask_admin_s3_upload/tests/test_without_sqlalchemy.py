"""An admin over other models needs no SQLAlchemy."""

import subprocess
import sys
from importlib.metadata import requires, version

import pytest

_WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in sys.argv[1:]:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.split(".")[0])

sys.meta_path.insert(0, Missing())
import flask_admin_s3_upload

for name in flask_admin_s3_upload.__all__:
    getattr(flask_admin_s3_upload, name)
try:
    flask_admin_s3_upload.FileModelView(object, None)
except ImportError as error:
    print(error)
"""


@pytest.mark.parametrize(
    "missing",
    [
        ["sqlalchemy", "sqlalchemy_s3_files"],
        pytest.param(
            ["flask_sqlalchemy", "flask_sqlalchemy_lite"],
            marks=pytest.mark.skipif(
                version("flask-admin").startswith("1."), reason="Flask-Admin 1 does without"
            ),
        ),
    ],
)
def test_file_model_view_says_what_to_install(missing: list[str]) -> None:
    """All else of the package imports without it."""
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", _WITHOUT, *missing],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "pip install 'flask-admin-s3-upload[sqlalchemy]'" in result.stdout


def test_it_is_not_required() -> None:
    """Only by the extra of its name."""
    required = requires("flask-admin-s3-upload") or []

    assert [one for one in required if "sqlalchemy" in one and "extra ==" not in one] == []
