"""What README.md and CONTRIBUTING.md say is so."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from layout import EXAMPLE, PACKAGES, ROOT, home, project
from pages import PAGES

#: Characters of a line of code that fit on the site's pages at a width of 1,280 pixels.
MOST_CHARACTERS = 107

NAMING_SESSIONS = ["README.md", "CONTRIBUTING.md", "RELEASING.md", "example_app/README.md"]
LINKING = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "example_app/README.md"]


def shell_blocks(document: str) -> list[str]:
    return re.findall(r"(?ms)^```sh\n(.*?)\n```$", (ROOT / document).read_text())


def without_chance(transcript: str) -> list[str]:
    """The lines of a run of the example's check, less what differs between two runs."""
    chances = [r"127\.0\.0\.1:\d+", r"\b[0-9a-f]{16}(?=[._])", r"[\d,]+ bytes"]
    for chance in chances:
        transcript = re.sub(chance, "…", transcript)
    return transcript.splitlines()


def sessions(*, default: bool = False) -> set[str]:
    """The names of noxfile.py's sessions.

    :param default: only of those that plain nox runs.
    """
    functions = [
        (node.name, [ast.unparse(mark) for mark in node.decorator_list])
        for node in ast.parse((ROOT / "noxfile.py").read_text()).body
        if isinstance(node, ast.FunctionDef)
    ]
    return {
        name
        for name, marks in functions
        if any(mark.startswith("nox.session") for mark in marks)
        and not (default and any("default=False" in mark for mark in marks))
    }


def executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def test_two_commands() -> None:
    """README.md's two commands are one line each, make the same environment, and end in nox."""
    run, check = (block for block in shell_blocks("README.md") if block.startswith("python3"))
    assert check == "python3 -m venv .venv && .venv/bin/pip install -q 'nox[uv]' && .venv/bin/nox"
    assert run == f"{check} -s example"


def test_transcript() -> None:
    """The example's README shows what its check prints, and the check passes."""
    (shown,) = re.findall(
        r"(?ms)^```text\n\$ python -m example_app --check\n(.*?)^```$",
        (ROOT / EXAMPLE / "README.md").read_text(),
    )
    command = [sys.executable, "-m", EXAMPLE, "--check"]
    ran = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    assert without_chance(ran.stdout) == without_chance(shown)


def test_ci_runs_the_readme(tmp_path: Path) -> None:
    """.ci/run installs what is missing, runs README.md's command, then side by side what a release
    needs and the tests on real servers, then what needs the whole machine.
    """
    shutil.copytree(ROOT / ".ci", tmp_path / ".ci")
    shutil.copytree(ROOT / "tests" / "servers", tmp_path / "tests" / "servers")
    shutil.copy(ROOT / "README.md", tmp_path)
    record = f'echo "$CI ${{NOX_PARALLEL:-1}} $(basename "$0") $*" >> {tmp_path}/calls'
    for name in ["python3", "apt-get", "sudo", "pip"]:
        executable(tmp_path / "bin" / name, record)
    executable(tmp_path / "bin" / "dpkg-query", "exit 1")
    executable(tmp_path / "bin" / "sudo", '"$@"')
    executable(tmp_path / ".venv" / "bin" / "pip", record)
    executable(tmp_path / ".venv" / "bin" / "nox", record)

    path = f"{tmp_path}/bin:{os.environ['PATH']}"
    env = {name: value for name, value in os.environ.items() if not name.startswith("NOX_")}
    subprocess.run([tmp_path / ".ci" / "run"], check=True, env={**env, "PATH": path})

    servers = (ROOT / "tests" / "servers" / "debian-packages.txt").read_text().split()
    more = len(os.sched_getaffinity(0)) + 1  # than nproc says
    *first, side_by_side, last = (tmp_path / "calls").read_text().splitlines()
    assert first == [
        "true 1 apt-get -q update",
        f"true 1 apt-get -q install -y --no-install-recommends {' '.join(servers)}",
        "true 1 python3 -m venv .venv",
        "true 1 pip install -q nox[uv]",
        "true 1 nox ",
    ]
    assert side_by_side.startswith(f"true {more} nox -s build imports minimums ")
    assert last == "true 1 nox -s load"


def test_ci_runs_every_session() -> None:
    """What plain nox leaves out, .ci/run names, but for those that prove nothing by themselves."""
    lines = re.findall(r"nox -s ([a-z ]+)", (ROOT / ".ci" / "run").read_text())
    named = {name for line in lines for name in line.split()}
    assert named | sessions(default=True) | {"example", "bench"} == sessions()
    assert not named & sessions(default=True)


@pytest.mark.parametrize("document", NAMING_SESSIONS)
def test_sessions_exist(document: str) -> None:
    """Every session that a document names is in noxfile.py."""
    named = re.findall(r"nox -s ['\"]?(\w+)", (ROOT / document).read_text())
    assert named
    assert set(named) <= sessions()


def test_sessions_are_told() -> None:
    """CONTRIBUTING.md has every session of noxfile.py in its table."""
    found = re.findall(r"(?m)^\| `(\w+)` \|", (ROOT / "CONTRIBUTING.md").read_text())
    assert set(found) == sessions()


@pytest.mark.parametrize("document", LINKING)
def test_links(document: str) -> None:
    """A link to a file of the tree leads to one."""
    path = ROOT / document
    targets = re.findall(r"\]\((?!https?:|#)([^)#]+)", path.read_text())
    assert targets
    assert not [target for target in targets if not (path.parent / target).exists()]


@pytest.mark.parametrize(
    "page", [*PAGES, *(home(name) / "README.md" for name in PACKAGES)], ids=str
)
def test_code_is_not_cut_off(page: Path) -> None:
    """A line of code fits on a page that is 1,280 pixels wide; output of Python's prompt wraps."""
    fences = re.findall(r"(?ms)^( *)```(\S*)[^\n]*\n(.*?)^\1```$", page.read_text())
    shown = [
        (indent, code)
        for indent, language, code in fences
        if language != "pycon" and "{" not in language
    ]
    lines = [line.removeprefix(indent) for indent, code in shown for line in code.splitlines()]
    assert not [line for line in lines if len(line) > MOST_CHARACTERS]


def test_places_to_change_exist() -> None:
    """Each place that CONTRIBUTING.md names in its tables of places is there."""
    text = (ROOT / "CONTRIBUTING.md").read_text()
    places = re.findall(r"(?m)^\| [^|`]+ \| `([\w./-]+)` \|$", text)
    assert len(places) >= 10
    assert not [place for place in places if not (ROOT / place).exists()]


def test_all_packages_are_told() -> None:
    """README.md links to every package and to the example app."""
    text = (ROOT / "README.md").read_text()
    for folder in [*(f"packages/{name}" for name in PACKAGES), EXAMPLE]:
        assert f"]({folder}" in text, folder


def test_flask_has_one_minimum() -> None:
    """Packages, the example app and documents name the same lowest version of Flask."""
    requirements = [
        requirement
        for name in [*PACKAGES, EXAMPLE]
        for requirement in project(name)["dependencies"]
        if re.match(r"flask\b(?!-)", requirement)
    ]
    documents = [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("packages/*/README.md")]
    named = {
        version
        for path in documents
        for version in re.findall(r"Flask (\d+\.\d+) and newer", path.read_text())
    }
    (floor,) = set(requirements)
    assert {floor} == {f"flask>={version}" for version in named}
