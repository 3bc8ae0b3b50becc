"""The package's face: its names, its options, its documents."""

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import flask_admin_s3_upload as package
from flask_admin_s3_upload import S3FileUploadField, S3ImageUploadField
from s3_saver.settings import SHARED_SETTINGS

ROOT = Path(__file__).parents[1]


def test_the_public_names() -> None:
    """Whoever takes one away breaks somebody's code."""
    assert package.__all__ == [
        "FileModelView",
        "S3FileUploadField",
        "S3FileUploadInput",
        "S3ImageUploadField",
        "S3ImageUploadInput",
        "S3MultipleFileUploadField",
        "S3MultipleFileUploadInput",
        "S3MultipleImageUploadField",
        "S3MultipleImageUploadInput",
        "delete_files",
        "namegen_filename",
        "s3_link_formatter",
        "s3_thumbnail_formatter",
    ]
    assert all(hasattr(package, name) for name in package.__all__)


FILE_ORDER = [
    *("label", "validators", "storage_type", "bucket_name", "access_key_id", "access_key_secret"),
    *("acl", "storage_type_field", "bucket_name_field", "static_root_parent"),
]
IMAGE_ORDER = [
    *("label", "validators", "max_size", "thumbgen", "thumbnail_size", "url_relative_path"),
    "endpoint",
]


@pytest.mark.parametrize(
    ("field_class", "order"), [(S3FileUploadField, FILE_ORDER), (S3ImageUploadField, IMAGE_ORDER)]
)
def test_positional_parameters_are_those_of_0_1_4(field_class: Any, order: list[str]) -> None:
    """In the same order; what is new is keyword-only."""
    parameters = inspect.signature(field_class.__init__).parameters.values()

    positional = [each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]

    assert positional == ["self", *order]


def options_of(field_class: Any) -> dict[str, Any]:
    parameters = inspect.signature(field_class.__init__).parameters.values()
    ignored = ("self", "label", "validators")
    return {
        each.name: each.default
        for each in parameters
        if each.name not in ignored and each.kind is not each.VAR_KEYWORD
    }


def tables() -> list[dict[str, Any]]:
    """The README's tables of options: name and default, as Python reads it."""
    text = (ROOT / "README.md").read_text()
    found = re.findall(r"^\| option \|.*?(?=\n\n)", text, re.DOTALL | re.MULTILINE)
    return [
        {
            name: eval(default)
            for name, default in re.findall(r"^\| `(\w+)` \| `([^`]+)` \|", table, re.MULTILINE)
        }
        for table in found
    ]


@pytest.mark.parametrize(("at", "field_class"), [(0, S3FileUploadField), (1, S3ImageUploadField)])
def test_the_readme_lists_all_options_with_their_defaults(at: int, field_class: Any) -> None:
    """In the order of the code."""
    assert list(tables()[at].items()) == list(options_of(field_class).items())


def test_the_readme_lists_all_settings_of_the_app() -> None:
    """Those that are shared, with the options that go over them."""
    text = (ROOT / "README.md").read_text()
    rows = re.findall(r"^\| `(\w*S3\w*)` \| (?:`(\w+)` )?\|", text, re.MULTILINE)

    assert {setting for setting, _ in rows} == set(SHARED_SETTINGS)
    assert {option for _, option in rows} - {""} <= set(options_of(S3FileUploadField))


@pytest.mark.parametrize("field_class", [S3FileUploadField, S3ImageUploadField])
def test_every_option_is_in_the_docstring(field_class: Any) -> None:
    """Of the class that takes it."""
    documented = set(re.findall(r":param (\w+):", field_class.__doc__))

    assert set(options_of(field_class)) <= documented


def test_an_unknown_option_is_an_error() -> None:
    """Not swallowed."""
    from wtforms import Form

    with pytest.raises(TypeError, match="buket_name"):
        S3FileUploadField(buket_name="x")
    unbound: Any = S3FileUploadField()
    unbound.kwargs["buket_name"] = "x"
    with pytest.raises(TypeError, match="buket_name"):
        unbound.bind(form=Form(), name="file")


def test_of_flask_admin_only_names_are_used_that_all_its_versions_have() -> None:
    """1.6 has them in places that 2 renamed: Markup, urljoin and their like come from the libraries
    that own them, and Flask-Admin is imported in two modules alone.
    """
    folder = ROOT / "src" / "flask_admin_s3_upload"
    importing = {
        str(path.relative_to(folder)): set(
            re.findall(r"^\s*(?:from|import) (flask_admin\b[\w.]*)", text, re.MULTILINE)
        )
        for path in folder.rglob("*.py")
        if (text := path.read_text())
    }
    assert {name: found for name, found in importing.items() if found} == {
        "_flask_admin.py": {
            "flask_admin.babel",
            "flask_admin.form",
            "flask_admin.form.upload",
            "flask_admin.helpers",
        },
        "columns/_flask_admin.py": {
            "flask_admin.contrib.sqla",
            "flask_admin.contrib.sqla.form",
            "flask_admin.model.form",
        },
    }


def test_no_module_grows_beyond_its_subject() -> None:
    """The house's rule: 300 lines or fewer."""
    folder = ROOT / "src" / "flask_admin_s3_upload"
    long = {path.name: len(path.read_text().splitlines()) for path in folder.rglob("*.py")}
    assert {name: lines for name, lines in long.items() if lines > 300} == {}
