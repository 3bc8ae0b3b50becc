"""What the Dockerfile makes, as a folder: its own lines run in an environment of their own."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from deployed.app import ROOT

# Takes pip's words, and needs a fraction of its time: what it has downloaded once, it has.
_PIP = """#!/bin/sh
for word; do
  shift
  [ "$word" = --no-cache-dir ] || set -- "$@" "$word"
done
exec {python} -m uv --quiet pip "$@" --python {environment}
"""


@dataclass(frozen=True)
class Image:
    """What containers of the image have.

    :param folder: the working directory.
    :param programs: the folder of what was installed.
    :param variables: what ``ENV`` lines say.
    """

    folder: Path
    programs: Path
    variables: dict[str, str]


def build(folder: Path) -> Image:
    """Make the image's working directory and its environment in an empty folder.

    ``FROM`` is this Python in place of the image's, ``RUN`` lines about users are left out.
    """
    environment, app = folder / "environment", folder / "app"
    programs = environment / "bin"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    pip = programs / "pip"
    pip.write_text(_PIP.format(python=shlex.quote(sys.executable), environment=environment))
    pip.chmod(0o755)
    app.mkdir()
    variables: dict[str, str] = {}
    for word, rest in instructions((ROOT / "Dockerfile").read_text()):
        if word == "COPY":
            source, target = rest.split()
            ignored = shutil.ignore_patterns("tests", "__pycache__", "instance")  # .dockerignore
            shutil.copytree(ROOT / source, app / target, ignore=ignored)
        elif word == "RUN" and "useradd" not in rest:
            # Besides, how this machine reaches packages.
            env = os.environ | {"PATH": f"{programs}:/usr/bin:/bin"}
            subprocess.run(["sh", "-ec", rest], cwd=app, env=env, check=True)
        elif word == "ENV":
            name, _, value = rest.partition("=")
            variables[name] = value
    return Image(app, programs, variables)


def instructions(dockerfile: str) -> list[tuple[str, str]]:
    """Return the instructions of a Dockerfile, each with what it says, on one line."""
    one_line = re.sub(r"\\\n\s*", "", dockerfile)
    found = re.findall(r"(?m)^([A-Z]+) (.+)$", one_line)
    return [(word, rest) for word, rest in found]
