"""The wall between what runs in every request and what runs once a release."""

import ast
import subprocess
import sys
from pathlib import Path

import flask_s3_static

ROOT = Path(flask_s3_static.__file__).parent
OTHER_SIDE = ("flask_s3_static.pushing", "flask_s3_static.bucket")
SDK = ("boto3", "botocore", "s3transfer")


def imports_of(path: Path) -> set[str]:
    """The modules that a module imports anywhere in it, by their full names."""
    package = ["flask_s3_static", *path.relative_to(ROOT).parts[:-1]]
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


def path_of(module: str) -> Path | None:
    """The file of a module of this package."""
    parts = module.split(".")
    if parts[0] != "flask_s3_static" or len(parts) == 1:
        return None
    path = ROOT.joinpath(*parts[1:])
    paths = (path.with_suffix(".py"), path / "__init__.py")
    return next((one for one in paths if one.is_file()), None)


def is_on_the_other_side(module: str) -> bool:
    names = (*OTHER_SIDE, *SDK)
    return any(module == name or module.startswith(f"{name}.") for name in names)


def test_serving_imports_neither_the_sdk_nor_the_other_side() -> None:
    """Nothing in serving/, and nothing that it imports, imports pushing/, bucket/ or boto3."""
    waiting = sorted((ROOT / "serving").glob("*.py"))
    assert len(waiting) > 3
    seen: set[Path] = set()
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        modules = imports_of(path)
        assert not [module for module in modules if is_on_the_other_side(module)], path
        waiting += [found for module in modules if (found := path_of(module))]
    assert ROOT / "_settings.py" in seen


def test_serving_pages_loads_nothing_of_the_other_side() -> None:
    """Starting an app and making URLs and pages loads neither boto3 nor the other side, and opens
    no socket.
    """
    script = f"""
import socket, sys
def refuse(*args, **kwargs): raise AssertionError("the network was touched")
socket.socket.connect = refuse
from flask import Flask, render_template_string, url_for
from flask_s3_static import FlaskS3, create_all, static_integrity
app = Flask("site", static_folder="static")
app.config["FLASKS3_BUCKET_NAME"] = "bucket"
FlaskS3(app)
@app.get("/")
def page():
    return render_template_string("{{{{ url_for('static', filename='a.css') }}}}")
assert app.test_client().get("/").text.startswith("https://bucket.")
sys.exit(", ".join(n for n in sys.modules if n.startswith({(*OTHER_SIDE, *SDK)!r})) or 0)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (run.returncode, run.stderr) == (0, "")
