"""The code of a recipe, read from its page and run as it stands there."""

from pathlib import Path
from typing import Any, Protocol

from pages import DOCS, blocks


class Load(Protocol):
    """Runs the code of a page, and returns the names that it has defined."""

    def __call__(self, page: str, **shown: str) -> dict[str, Any]: ...


def run(page: str, folder: Path, shown: dict[str, str]) -> dict[str, Any]:
    """Run the Python of a recipe as one file.

    :param folder: of the app's files.
    :param shown: texts of the page, and what stands for them here.
    """
    script = "\n".join(blocks(DOCS / "recipes" / f"{page}.md", "python"))
    script = script.replace("Flask(__name__)", f"Flask('recipe', instance_path={str(folder)!r})")
    for text, here in shown.items():
        assert text in script, text
        script = script.replace(text, here)
    copy = folder.with_name(f"{page}.py")  # of which pytest shows what failed
    copy.write_text(script)
    names: dict[str, Any] = {"__name__": "recipe"}
    exec(compile(script, str(copy), "exec"), names)
    return names


def close_database(names: dict[str, Any]) -> None:
    """Close the connections of the Flask-SQLAlchemy that a page has made, if it has made one."""
    if {"app", "db"} <= names.keys():
        with names["app"].app_context():
            names["db"].engine.dispose()
