"""Prove that the first example of a README does what the README says.

The README is the installed distribution's own, as the index shows it. Run by the session
``imports`` with that environment's Python, in an empty folder, and the distribution's name.
``--install`` prints what the README says to install, and does no more.
"""

import doctest
import os
import re
import shlex
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path
from urllib.parse import urlsplit

#: Where ``flask run`` answers, as the READMEs have it; here it is a free port.
_SITE = "http://127.0.0.1:5000"

#: What needs a bucket: the package's tests run it against a server.
_ON_S3 = ("flask s3-static ",)


def commands(readme: str) -> list[str]:
    """What the README's reader is to type before its second heading."""
    top = readme.partition("\n## ")[0]
    blocks = re.findall(r"^```console\n(.*?)^```|((?:^    .+\n)+)", top, re.DOTALL | re.MULTILINE)
    typed = (line.strip() for block in blocks for line in "".join(block).splitlines())
    return [line.removeprefix("$ ") for line in typed if line.startswith(("$ ", "pip "))]


def installed_by(readme: str) -> list[str]:
    """The requirements of the README's first ``pip install``."""
    line = next(line for line in commands(readme) if line.startswith("pip install "))
    return shlex.split(line, comments=True)[2:]


def first_example(readme: str) -> tuple[str, str]:
    """The first block of Python in a README: its kind, and its lines."""
    match = re.search(r"^```(python|pycon)\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    if not match:
        sys.exit("the README has no example")
    return match[1], match[2]


def claims(example: str) -> str:
    """What a script prints, by the comments behind its calls of print."""
    found = re.findall(r"^ *print\(.*\)  # (.*)$", example, re.MULTILINE)
    return "".join(f"{line}\n" for line in found)


def check(claimed: str, printed: str) -> None:
    """End with an error where something else is printed; ``…`` stands for any text."""
    pattern = ".*".join(map(re.escape, re.split(r"…|\.\.\.", claimed)))
    if not re.fullmatch(pattern, printed):
        sys.exit(f"the README says that it prints {claimed!r}, and it prints {printed!r}")


def run_example(readme: str) -> None:
    kind, example = first_example(readme)
    if kind == "pycon":
        test = doctest.DocTestParser().get_doctest(example, {}, "README.md", None, 0)
        if doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test).failed:
            sys.exit("the README's example prints something else")
        return
    Path("app.py").write_text(example)
    run = subprocess.run([sys.executable, "app.py"], capture_output=True, text=True)
    if run.returncode or run.stderr:
        sys.exit(f"the README's example failed with {run.returncode}: {run.stderr}")
    check(claims(example), run.stdout)


@contextmanager
def running_app() -> Iterator[str]:
    """Do what ``flask run`` does, on a free port, and yield the app's address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = [sys.executable, "-m", "flask", "run", "--port", str(port)]
    with Path("server.log").open("wb") as log, subprocess.Popen(server, stderr=log) as process:
        try:
            while process.poll() is None:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except ConnectionRefusedError:
                    time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        except BaseException:
            sys.stderr.write(Path("server.log").read_text())
            raise
        finally:
            process.terminate()


def ask(command: str, address: str) -> None:
    """Do what a README's reader does while the app runs: open a page, or run curl."""
    command = command.replace(_SITE, address)
    if page := re.fullmatch(r"# open (http://\S+)", command):
        if urlsplit(page[1]).netloc != urlsplit(address).netloc:
            sys.exit(f"{command!r} is not on this machine")
        with urllib.request.urlopen(page[1]) as answer:
            print(f"{page[1]}: {answer.status}, {len(answer.read())} bytes")
        return
    words = shlex.split(command)
    if words[0] != "curl":
        sys.exit(f"{command!r} of the README is none that this script runs")
    for name in re.findall(r"=@(\S+)", command):
        Path(name).write_bytes(b"a file of the reader's own")
    subprocess.run([*words, "--fail-with-body", "--silent", "--show-error"], check=True)


def run_commands(readme: str) -> None:
    """Type what the README says after its example."""
    typed = [c for c in commands(readme) if not c.startswith(("pip ", *_ON_S3))]
    if not typed:
        return
    if typed[0] != "flask run":
        sys.exit(f"{typed[0]!r} of the README is none that this script runs")
    with running_app() as address:
        for command in typed[1:]:
            ask(command, address)


def main(name: str, *options: str) -> None:
    readme = distribution(name).metadata["Description"]
    if "--install" in options:
        print(*installed_by(readme), sep="\n")
        return
    os.environ["no_proxy"] = urlsplit(_SITE).hostname or ""
    run_example(readme)
    run_commands(readme)
    print(f"{name}: the first example of its README does what it says")


if __name__ == "__main__":
    main(*sys.argv[1:])
