"""The documentation site says what is so: its code runs, its tables are the code's."""

import ast
import inspect
import json
import re
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click
import pytest
from flask import Flask
from layout import PACKAGES, home
from pages import DOCS, PAGES, blocks
from recipes.page import close_database

import flask_admin_s3_upload
import flask_s3_static._settings
import flask_s3_upload._own_settings
import flask_thumbnails_s3._settings
import s3_saver
import url_for_s3
from s3_saver._s3_options import ObjectOptions, S3Options
from s3_saver.testing import S3Server

REQUIRED = inspect.Parameter.empty

each_page = pytest.mark.parametrize(
    "page", [pytest.param(page, id=str(page.relative_to(DOCS))) for page in PAGES]
)


def rows(document: Path, heading: str) -> list[list[str]]:
    """The cells of all tables between a heading and the next one of its kind or a higher one."""
    level = heading.index(" ")
    text = document.read_text().partition(f"\n{heading}\n")[2]
    section = re.split(rf"(?m)^#{{1,{level}}} ", text)[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def names_in(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def default_in(cell: str) -> object:
    """The default in a cell: a value, none at all, or an explanation of one that depends."""
    if cell == "required":
        return REQUIRED
    literal = re.fullmatch(r"`([^`$]+)`", cell)
    return ast.literal_eval(literal[1]) if literal else ...


def parameters(function: Callable[..., object]) -> dict[str, object]:
    """The parameters that have names of their own, and their defaults."""
    function = function.__init__ if isinstance(function, type) else function  # type: ignore[misc]
    found = inspect.signature(function).parameters.values()
    own = [one for one in found if one.kind is not inspect.Parameter.VAR_KEYWORD]
    return {one.name: one.default for one in own if one.name != "self"}


def readme(package: str) -> Path:
    return home(package) / "README.md"


FIELD = parameters(flask_admin_s3_upload.S3FileUploadField)
IMAGE_FIELD = parameters(flask_admin_s3_upload.S3ImageUploadField)
OF_WTFORMS = {"label", "validators"}

SIGNER: dict[str, Callable[..., object]] = {
    "": url_for_s3.CloudFrontSigner,
    ".sign": url_for_s3.CloudFrontSigner.sign,
    ".cookies": url_for_s3.CloudFrontSigner.cookies,
}

TABLES = {
    "flask-s3-static": (
        readme("flask_s3_static"),
        "## Settings",
        flask_s3_static._settings.DEFAULTS,
    ),
    "flask-thumbnails-s3": (
        readme("flask_thumbnails_s3"),
        "## Settings",
        flask_thumbnails_s3._settings.DEFAULTS,
    ),
    "flask-s3-upload": (
        readme("flask_s3_upload"),
        "## Settings",
        flask_s3_upload._own_settings.DEFAULTS,
    ),
    "S3Storage": (
        DOCS / "packages/s3_saver.md",
        "### S3Storage",
        {**parameters(s3_saver.S3Storage), **dict.fromkeys(ObjectOptions.__annotations__)},
    ),
    "LocalStorage": (
        DOCS / "packages/s3_saver.md",
        "### LocalStorage",
        parameters(s3_saver.LocalStorage),
    ),
    "copy_files": (
        DOCS / "packages/s3_saver.md",
        "### copy_files",
        parameters(s3_saver.copy_files),
    ),
    **{
        f"CloudFrontSigner{method}": (
            DOCS / "packages/url_for_s3.md",
            f"### CloudFrontSigner{method}",
            parameters(function),
        )
        for method, function in SIGNER.items()
    },
}


@pytest.mark.parametrize("table", TABLES)
def test_tables_are_complete(table: str) -> None:
    """A table of settings or arguments has all that the code has, in its order and no others."""
    document, heading, defaults = TABLES[table]
    shown = [name for row in rows(document, heading) for name in names_in(row[0])]
    assert shown == list(defaults)


@pytest.mark.parametrize("table", TABLES)
def test_tables_have_the_defaults(table: str) -> None:
    """A default in a table is the code's; one that is explained depends on something else."""
    document, heading, defaults = TABLES[table]
    for row in rows(document, heading):
        (name,) = names_in(row[0])
        shown = default_in(row[1])
        if shown is ...:
            assert not defaults[name], f"{name} has a default that can be shown"
        else:
            assert shown == defaults[name], name


def test_saver_table() -> None:
    """The table of S3Saver has its arguments, those that it passes on, and their defaults."""
    table = rows(DOCS / "packages/s3_saver.md", "### S3Saver")
    own, (passed_on, default, _) = table[:-1], table[-1]
    shown = {name: default_in(row[1]) for row in own for name in names_in(row[0])}
    assert shown == parameters(s3_saver.S3Saver)
    assert list(shown) == list(parameters(s3_saver.S3Saver))
    assert names_in(passed_on) == list(S3Options.__annotations__)
    assert default == "not given"


@pytest.mark.parametrize(
    ("column", "function"),
    [
        (2, url_for_s3.url_for_s3),
        (3, url_for_s3.presign_url_for_s3),
        (4, url_for_s3.presign_post_for_s3),
    ],
)
def test_url_table(column: int, function: Callable[..., object]) -> None:
    """The table of url-for-s3 marks exactly the arguments that each function takes."""
    table = rows(DOCS / "packages/url_for_s3.md", "## All arguments")
    marked = [row for row in table if len(row) > 4 and row[column] == "●"]
    shown = {name: default_in(row[1]) for row in marked for name in names_in(row[0])}
    assert shown == parameters(function)


def test_admin_tables() -> None:
    """The tables of the upload fields have every option, and the defaults of each field."""
    table = rows(readme("flask_admin_s3_upload"), "## Options")
    shown = [(names_in(row[0])[0], default_in(row[1])) for row in table]
    at = next(index for index, (name, _) in enumerate(shown) if name == "max_size")
    assert dict(shown[:at]) == {n: v for n, v in FIELD.items() if n not in OF_WTFORMS}
    assert dict(shown[at:]) == {n: v for n, v in IMAGE_FIELD.items() if n not in OF_WTFORMS}


def allowed(document: Path) -> set[str]:
    """The actions that the policies of a document allow a process, not the public."""
    policies = [json.loads(block) for block in blocks(document, "json")]
    statements = [one for policy in policies for one in policy.get("Statement", ())]
    actions = [one["Action"] for one in statements if "Principal" not in one]
    return {name for one in actions for name in ([one] if isinstance(one, str) else one)}


@pytest.mark.parametrize(
    ("column", "document"),
    [
        (1, readme("s3_saver")),
        (2, DOCS / "recipes" / "iam.md"),
        (3, readme("flask_admin_s3_upload")),
        (4, readme("flask_s3_upload")),
        (5, readme("flask_s3_static")),
    ],
)
def test_permissions(column: int, document: Path) -> None:
    """The table of permissions has what a package's own policy allows, and marks no more."""
    text = (DOCS / "recipes" / "iam.md").read_text()
    table = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
    wanted = {cells[0].strip(): cells[column].strip() for cells in table}
    always = {name for names, when in wanted.items() if when == "●" for name in actions_in(names)}
    at_all = {name for names, when in wanted.items() if when for name in actions_in(names)}
    assert always <= allowed(document) <= at_all


def actions_in(cell: str) -> list[str]:
    return re.findall(r"\w+:\w+", cell)


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_has_a_page(package: str) -> None:
    """A package's page has its guide and its API, and is reached from the first page."""
    page = DOCS / "packages" / f"{package}.md"
    assert f"```{{include}} ../../packages/{package}/README.md\n" in page.read_text()
    assert f".. automodule:: {package}\n" in page.read_text()
    start = (DOCS / "index.md").read_text()
    assert f'href="packages/{package}.html"' in start
    assert f"\npackages/{package}\n" in start


@pytest.fixture
def sdk(storage: s3_saver.S3Storage, s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> str:
    """The bucket of this test, which the SDK reaches by itself, as it does Amazon's."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return storage.bucket_name


@each_page
def test_code_runs(
    page: Path, sdk: str, s3_server: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All Python of a page runs, one block after the other, as one file."""
    monkeypatch.chdir(tmp_path)
    script = "\n".join(blocks(page, "python"))
    for shown, here in {
        "my-bucket": sdk,
        "/srv/site": str(tmp_path / "site"),
        '"eu-north-1"': '"us-east-1"',
        "Flask(__name__)": "Flask('page', root_path=FOLDER, instance_path=FOLDER + '/instance')",
    }.items():
        script = script.replace(shown, here)
    names: dict[str, Any] = {
        "__name__": "page",
        "FOLDER": str(tmp_path),
        "ENDPOINT_URL": s3_server.endpoint_url,
    }
    exec(compile(script, str(page), "exec"), names)
    close_database(names)


@each_page
def test_parts_are_there(page: Path) -> None:
    """What a page includes of another document is found there, by the words that it goes by."""
    for source, options in re.findall(
        r"(?m)^```\{include\} (\S+)\n((?::.*\n)*)```$", page.read_text()
    ):
        text = (page.parent / source).read_text()
        marks = dict(re.findall(r'(?m)^:(start-after|end-before): "(.*)"$', options))
        assert marks.get("start-after", "") in text, source
        rest = text.partition(marks.get("start-after", "\0"))[2] or text
        assert marks.get("end-before", "") in rest, source


@each_page
def test_json_is_json(page: Path) -> None:
    """Every policy and configuration on a page can be pasted as it stands."""
    for block in blocks(page, "json"):
        json.loads(block)


@each_page
def test_links_outside_are_manuals(page: Path) -> None:
    """A page leads to https, and to no registry of packages."""
    for url in re.findall(r"\]\((\w+:[^)]+)\)", page.read_text()):
        assert urlsplit(url).scheme == "https"
        assert not re.search(r"pypi|pythonhosted|npmjs|unpkg|anaconda", url), url


@each_page
def test_settings_exist(page: Path) -> None:
    """Every setting of ours that a page names is one."""
    known = {name for _, _, defaults in TABLES.values() for name in defaults}
    setting = r"\b(?:FLASKS3|UPLOADS|THUMBNAIL)_[A-Z0-9_]+\b"
    assert set(re.findall(setting, without_others(page.read_text()))) <= known


def without_others(text: str) -> str:
    """A page less the first column of tables that name other packages' settings."""
    return re.sub(
        r"(?m)(\| there \| here \|\n.*\n)((?:\|.*\n)+)",
        lambda table: re.sub(r"(?m)^\| .*? \| ", "| ", table[2]),
        text,
    )


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> dict[str, click.Command]:
    """The commands of an app that has all extensions, and those that every app gets."""
    app = Flask("commands", instance_path=str(tmp_path_factory.mktemp("instance")))
    app.config.update(MEDIA_FOLDER="media", FLASKS3_ACTIVE=False)
    flask_s3_static.FlaskS3(app)
    flask_s3_upload.Uploads(app)
    flask_thumbnails_s3.Thumbnail(app)
    found = {point.name: point.load() for point in entry_points(group="flask.commands")}
    groups: dict[str, Any] = {**app.cli.commands, **found}
    return {
        f"{name} {command}": groups[name].commands[command]
        for name in groups
        if isinstance(groups[name], click.Group)
        for command in groups[name].commands
    }


@each_page
def test_commands_exist(page: Path, commands: dict[str, click.Command]) -> None:
    """Every command of ours that a page names is one, and has the options that are shown."""
    for line in re.findall(
        r"\bflask ((?:uploads|admin-uploads|s3-static|thumbnails) [^`\n#]+)", page.read_text()
    ):
        group, name, *rest = line.split()
        taken = {option for one in commands[f"{group} {name}"].params for option in one.opts}
        assert {word for word in rest if word.startswith("--")} <= taken, line


def test_no_page_is_lost() -> None:
    """Every page is in the table of contents of the first one."""
    toc = "\n".join(blocks(DOCS / "index.md", "{toctree}"))
    listed = re.findall(r"(?m)^[\w/-]+$", toc)
    pages = {str(page.relative_to(DOCS).with_suffix("")) for page in PAGES} - {"index"}
    assert pages <= set(listed)
