"""The README's examples run, and its tables are complete."""

import re
from dataclasses import fields
from inspect import signature
from pathlib import Path

from untrusted_files import Rules
from untrusted_files.pictures import Limits

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_the_readme_s_python_runs() -> None:
    """All blocks together, as somebody would try them."""
    blocks = re.findall(r"^```python\n(.*?)^```", README, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 5
    exec(compile("\n".join(blocks), "README.md", "exec"), {"__name__": "readme"})


def test_the_readme_s_tables_have_each_argument_and_limit() -> None:
    """With the default that the code has."""
    for argument in signature(Rules).parameters:
        assert re.search(rf"^\|.*`{argument}`.*\|", README, re.MULTILINE), argument
    for field in fields(Limits):
        (row,) = re.findall(rf"^\|.*`{field.name}`.*$", README, re.MULTILINE)
        assert f"{field.default:,}" in row
