"""How Sphinx builds this site: ``nox -s docs``."""

import importlib
import re
from importlib import metadata
from pathlib import Path
from types import FunctionType
from typing import Any

from docutils import nodes
from sphinx.domains.python import PythonDomain
from sphinx.util import inspect

PACKAGES = sorted(path.parent.name for path in Path(__file__).parent.glob("../packages/*/src"))
MODULES = [*PACKAGES, "s3_saver.settings", "s3_saver.testing", "untrusted_files.pictures"]

project = "Flask S3 suite"
html_title = project
html_theme = "furo"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {"sidebar_hide_name": False, "navigation_with_keys": True}
html_show_copyright = False
html_copy_source = False
exclude_patterns = ["_build"]

extensions = ["myst_parser", "sphinx.ext.autodoc"]
myst_heading_anchors = 3

add_module_names = False
autodoc_preserve_defaults = True
autodoc_default_options = {"members": True, "show-inheritance": True}
autodoc_inherit_docstrings = False
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
python_maximum_signature_line_length = 88
python_use_unqualified_type_names = True

# A name must lead somewhere if it is a public one of ours. Others' names would need their
# inventories, and with them the network.
_OURS = "|".join(PACKAGES)
nitpick_ignore_regex = [("py:.*", rf"(?!(?:{_OURS})\b).*"), ("py:.*", rf"(?:{_OURS})\.(.+\.)?_.*")]


def _know_public_names() -> None:
    """Let a public object be known by the module from which it is imported, errors last.

    Signatures and links say ``s3_saver.Storage`` then, where Python says
    ``s3_saver._storage.Storage``.
    """
    for path in MODULES:
        module, package = importlib.import_module(path), path.partition(".")[0]
        module.__all__.sort(key=lambda name: name.endswith("Error"))
        for name in module.__all__:
            value = getattr(module, name)
            if not isinstance(value, type | FunctionType):
                continue
            if value.__module__.startswith((f"{path}._", f"{package}._")):
                value.__module__ = path


def _name_versions(_app: Any, docname: str, content: list[str]) -> None:
    """Let the first page say which versions this site is about."""
    if docname == "index":
        names = [package.replace("_", "-") for package in PACKAGES]
        *most, last = (f"{name} {metadata.version(name)}" for name in names)
        content[0] = content[0].replace("{{versions}}", f"{', '.join(most)} and {last}")


def _fit_in(_app: Any, path: Path, _docname: str, content: list[str]) -> None:
    """Let a README's links lead to pages of this site; leave out how a changelog begins."""
    if path.name == "README.md":
        changes = f"../changes.md#{path.parent.name.replace('_', '-')}"
        text = re.sub(r"\]\(\.\./(\w+)/README\.md", r"](\1.md", content[0])
        content[0] = text.replace("](CHANGELOG.md)", f"]({changes})")
    elif path.name == "CHANGELOG.md":
        content[0] = content[0][content[0].index("\n## ") :]


def _tell_arguments(
    _app: Any, what: str, _name: str, of: Any, _options: Any, signature: str, returns: str
) -> tuple[str, str] | None:
    """Show the arguments of a form's field, whose ``__new__`` takes any."""
    if what != "class" or not (signature or "").startswith("(*args"):
        return None
    own = inspect.signature(of.__init__, bound_method=True)
    return inspect.stringify_signature(own, unqualified_typehints=True), returns


class _Names(PythonDomain):
    """Several packages have a ``ConfigError``: a docstring means that of its own package."""

    def find_obj(self, env: Any, modname: str, classname: str, name: str, *how: Any) -> Any:
        found = super().find_obj(env, modname, classname, name, *how)
        package = (modname or "").partition(".")[0]
        own = [match for match in found if match[0].startswith(f"{package}.")]
        return sorted(own, key=lambda match: len(match[0]))[:1] or found


def _leave_out_object(_app: Any, doctree: nodes.document) -> None:
    """Say nothing of the base that every class has."""
    for paragraph in list(doctree.findall(nodes.paragraph)):
        if paragraph.astext() == "Bases: object":
            paragraph.parent.remove(paragraph)


def setup(app: Any) -> None:
    """Be Sphinx's extension of this site."""
    app.add_domain(_Names, override=True)
    _know_public_names()
    app.connect("source-read", _name_versions)
    app.connect("include-read", _fit_in)
    app.connect("autodoc-process-signature", _tell_arguments)
    app.connect("doctree-read", _leave_out_object)
