"""The start page and the quickstart, which are one."""

import ast
import json
import re

from layout import EXAMPLE, PACKAGES, ROOT, home
from pages import DOCS, blocks

from s3_saver.settings import SHARED_SETTINGS

PAGE = DOCS / "start.md"
FILE = ROOT / EXAMPLE / "quickstart.py"


def test_start_is_the_quickstart() -> None:
    """The start page has the quickstart line by line, and all of its templates."""
    code = ast.unparse(ast.parse("".join(blocks(PAGE, "python"))))
    tree = ast.parse(FILE.read_text())
    del tree.body[0]  # the docstring
    assert code == ast.unparse(tree)
    templates = ROOT / EXAMPLE / "templates" / "quickstart"
    shown = sorted(blocks(PAGE, "jinja"))
    assert shown == sorted(path.read_text() for path in templates.iterdir())


def test_start_has_its_settings() -> None:
    """The start page says which six settings the quickstart has, and it reads them."""
    names = re.findall(r"(?m)^\| `FLASK_(\w+)` \|", PAGE.read_text())
    assert len(names) <= 6
    known = re.findall(r'config(?:\[|\.get\()"([A-Z0-9_]+)"', FILE.read_text())
    shared = [name for name in names if name.startswith("S3_")]
    assert set(shared) <= set(SHARED_SETTINGS)
    assert set(names) - set(shared) == {*known, "SECRET_KEY"}


def test_the_quickstart_is_short() -> None:
    """It has 70 lines of code or fewer, and nothing in it stores, rolls back or deletes files."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    nodes = [node for node in ast.walk(ast.parse(FILE.read_text())) if isinstance(node, documented)]
    docstrings = [node.body[0] for node in nodes if ast.get_docstring(node) is not None]
    left_out = {line for one in docstrings for line in range(one.lineno, (one.end_lineno or 0) + 1)}
    lines = [
        line
        for number, line in enumerate(FILE.read_text().splitlines(), 1)
        if line.strip() and not line.strip().startswith("#") and number not in left_out
    ]
    assert len(lines) <= 70
    assert not re.search(r"boto|rollback|\.unlink|storages|thumbnails\.", FILE.read_text())


def test_from_nothing_has_all_permissions() -> None:
    """The policy of the walk from nothing allows what the packages say that they need."""
    (policy,) = blocks(DOCS / "recipes" / "from-nothing.md", "json")
    allowed = {action for one in json.loads(policy)["Statement"] for action in one["Action"]}
    readmes = [(home(name) / "README.md").read_text() for name in PACKAGES]
    named = {action for text in readmes for action in re.findall(r"\bs3:[A-Z]\w+", text)}
    only_if_asked = {f"s3:{one}" for one in ("PutObjectAcl", "PutBucketAcl", "PutObjectTagging")}
    only_if_asked |= {"s3:GetObjectTagging", "s3:GetObjectVersion"}
    only_if_asked |= {"s3:DeleteBucketPolicy"}  # where what was public becomes private
    assert named - only_if_asked - allowed == set()
