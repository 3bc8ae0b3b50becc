"""What the project checks about itself: ``nox --list`` names the sessions, ``nox`` runs most.

A folder under packages/ that has a pyproject.toml is a package and takes part in every session;
tests/environments.py says what its environments hold.
"""

import os
import shutil
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory

import nox
from nox.command import CommandFailed

sys.path.insert(0, "tests")  # nox has made this file's folder the current one
from environments import (
    DIST,
    EXAMPLE,
    PACKAGES,
    PROJECTS,
    built,
    from_tree,
    from_wheels,
    in_tree,
    is_on_s3,
    needs,
    optional,
    requirements,
    siblings,
    test_tools,
)
from servers import ceph, postgres, rclone, redis, weed
from servers.machine import missing

nox.needs_version = ">=2026.10.20"
nox.options.allow_parallel = True
if len(sys.argv) == 1:  # plain `nox`; a session that is named shows its output as it comes
    nox.options.parallel = (os.cpu_count() or 1) + 1  # as all wait at times
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.reuse_venv = "yes"

# uv and npm trust lists of authorities of their own. Where the system has one, which may know a
# company's proxy, they are to trust that, as pip and the tests do.
AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"
if Path(AUTHORITIES).exists():
    os.environ.setdefault("UV_SYSTEM_CERTS", "true")
    os.environ.setdefault("NODE_EXTRA_CA_CERTS", AUTHORITIES)

# Tests start many processes: each would compile all that it imports, where nothing may keep it.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

Store = Callable[[str], AbstractContextManager[Mapping[str, str]]]

each_project = nox.parametrize("project", [nox.param(p, id=Path(p).name) for p in PROJECTS])
each_package = nox.parametrize("package", [nox.param(p, id=Path(p).name) for p in PACKAGES])


def require(session: nox.Session, *commands: str) -> None:
    """End the session if this machine lacks a command: in CI as a failure, elsewhere as a skip."""
    if words := missing(*commands):
        give_up = session.error if os.environ.get("CI") else session.skip
        give_up(words)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: stop the servers, too


@nox.session
def lint(session: nox.Session) -> None:
    """Check style and format."""
    session.install(*needs("lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def typing(session: nox.Session) -> None:
    """Check the types of everything, tests and this file too, strictly."""
    session.install(*from_tree(*PROJECTS), *test_tools(*PROJECTS), *needs("typing", *PROJECTS))
    # In runs of their own, as the tests of several have modules of the same name.
    for package in PACKAGES:
        session.run("mypy", f"{package}/src", f"{package}/tests")
    session.run("mypy", EXAMPLE)
    session.run("mypy", "noxfile.py", "tests")


@nox.session
@each_project
def tests(session: nox.Session, project: str) -> None:
    """Run the tests of one package, or of the example app, with nothing else around."""
    session.install(*from_tree(project), *test_tools(project))
    session.chdir(project)
    session.run("pytest", *session.posargs)


@nox.session
def together(session: nox.Session) -> None:
    """Run the tests that need several packages at once, the example's round trip among them."""
    session.install(*from_tree(*PROJECTS), *needs("together"))
    session.run("pytest", *session.posargs)


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation site, in docs/_build/; a warning is an error."""
    session.install(*from_tree(*PACKAGES), *needs("docs"))
    session.run("sphinx-build", "-W", "-n", "--keep-going", "-q", "docs", "docs/_build/html")


@nox.session(default=False)
def build(session: nox.Session) -> None:
    """Make sdists and wheels in dist/, check them, and run the example app on the wheels."""
    session.install(*needs("build"))
    shutil.rmtree(DIST, ignore_errors=True)
    tmp = Path(session.create_tmp()).absolute()
    # Hatch makes environments of its own: keep them here, and apart from the session's.
    env = {"HATCH_DATA_DIR": str(tmp / "hatch"), "UV_PYTHON": None}
    for package in PACKAGES:
        with session.chdir(package):
            session.run("hatch", "build", str(DIST), env=env)
    files = sorted(map(str, DIST.iterdir()))
    session.run("twine", "check", "--strict", *files)

    fresh = tmp / "fresh"
    shutil.rmtree(fresh, ignore_errors=True)
    session.run("python", "-m", "venv", "--without-pip", str(fresh), silent=True)
    wheels = from_wheels(*requirements(EXAMPLE))
    python = str(fresh / "bin" / "python")
    session.run("uv", "pip", "install", "--python", python, *wheels)
    session.run(python, "-m", EXAMPLE, "--check", external=True)


@nox.session(default=False, requires=["build"], reuse_venv=False)
@each_package
def imports(session: nox.Session, package: str) -> None:
    """Install a wheel bare: every public name imports, and its README's first example runs."""
    require(session, "curl")
    name = str(PROJECTS[package]["project"]["name"])
    session.install(*from_wheels(name))
    session.run("python", "-I", "tests/check_bare_install.py", Path(package).name)
    example = str(Path("tests/check_first_example.py").absolute())
    wanted = str(session.run("python", "-I", example, name, "--install", silent=True))
    session.install(*from_wheels(*wanted.splitlines()))
    with TemporaryDirectory() as outside, session.chdir(outside):
        session.run("python", "-I", example, name)


@nox.session(default=False, requires=["build"], reuse_venv=False, venv_backend="uv")
@each_package
def minimums(session: nox.Session, package: str) -> None:
    """Run the tests of an sdist on the lowest versions that the package allows."""
    folder = Path(session.create_tmp()).absolute()
    shutil.rmtree(folder)
    shutil.unpack_archive(built(package, ".tar.gz"), folder)
    (tree,) = folder.iterdir()
    extras = ",".join(PROJECTS[package]["project"].get("optional-dependencies", {}))
    from_here = from_tree(*siblings(package), *in_tree(optional(package)))
    packages = ["-e", f"{tree}[{extras}]", *from_here]
    session.install("--resolution=lowest-direct", *packages, *needs("minimums", package))
    # The test tools may be new ones, as long as those versions stay.
    versions = session.run("uv", "pip", "freeze", "--quiet", "--exclude-editable", silent=True)
    constraints = folder / "constraints.txt"
    constraints.write_text(str(versions))
    session.install(*test_tools(package), "--constraint", str(constraints))
    session.chdir(tree)
    session.run("pytest", *session.posargs)


@nox.session(default=False)
def example(session: nox.Session) -> None:
    """Run the example app: on an S3 of its own, ``-- --local`` on disk, ``-- --check`` once."""
    session.install(*from_tree(EXAMPLE))
    session.run("python", "-m", EXAMPLE, *session.posargs)


# What asks most of a store, by folder: the storage contract and what reads its answers; what is
# marked, as it needs signatures and policies; what the documents say of it; what Chromium sends.
CONTRACT = ["tests/test_contract.py"]
STORAGES = [f"tests/test_{name}.py" for name in ("conditions", "deletes", "s3")]
MARKED = ["-m", "servers"]
BROWSER = "tests/servers/test_uploads_browser.py"
CHROMIUM = ("chromium", "chromedriver")
ON_SEAWEEDFS = {
    "packages/s3_saver": [*CONTRACT, *STORAGES],
    **{f: MARKED for f in PROJECTS if f != "packages/s3_saver" and is_on_s3(f)},
    ".": [
        *("tests/stores", "tests/servers/test_uploads_policy.py"),
        *(f"{BROWSER}::test_many_pictures[{method}]" for method in ("s3", "s3 by PUT")),
    ],
}
ON_RCLONE = {"packages/s3_saver": CONTRACT, ".": ["tests/stores"]}
STORES: dict[str, tuple[Store, tuple[str, ...], dict[str, list[str]]]] = {
    "seaweedfs": (weed.weed_server, CHROMIUM, ON_SEAWEEDFS),
    "rclone": (rclone.rclone_server, (), ON_RCLONE),
    "ceph": (lambda _: ceph.ceph_gateway(), ceph.COMMANDS, {".": ["tests/stores"]}),
}
KNOWN_FAILURES = ["-p", "servers.known_failures"]


@nox.session(default=False)
@nox.parametrize("store", [nox.param(name, id=name) for name in STORES])
def stores(session: nox.Session, store: str) -> None:
    """Run what asks most of a store on SeaweedFS and rclone; what they fail at is listed."""
    server, commands, folders = STORES[store]
    require(session, *commands)
    projects = [f for f in folders if f in PROJECTS] or ["packages/s3_saver"]
    session.install(*from_tree(*projects), *test_tools(*projects), *needs("stores"))
    failed = []
    with server(session.bin) as s3:
        env = {**s3, "PYTHONPATH": str(Path("tests").absolute())}
        for folder, tests in folders.items():
            with session.chdir(folder):
                arguments = [*KNOWN_FAILURES, *tests, *session.posargs]
                try:  # 5: nothing is marked there
                    session.run("pytest", *arguments, env=env, success_codes=[0, 5])
                except CommandFailed:
                    failed.append(folder)
    if failed:
        session.error(f"failed: {', '.join(failed)}")


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Open 20,000 mutated pictures, in CI 2,000: each gets a verdict, in time and memory."""
    package = "packages/untrusted_files"
    session.install(*from_tree(package), *test_tools(package))
    count = ["--count", "2000" if os.environ.get("CI") else "20000"]
    session.run("python", "tests/fuzz/fuzz_pictures.py", *(session.posargs or count))


@nox.session(default=False)
def browser(session: nox.Session) -> None:
    """Try every page of the example app in Chromium: on disk, on its embedded S3, on Ceph."""
    require(session, *ceph.COMMANDS, "chromium")
    session.install(*from_tree(*PROJECTS), *needs("browser"))
    folder = Path(session.create_tmp()).absolute()
    session.run("npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", "axe-core@4")
    axe = {"AXE_CORE": str(folder / "node_modules" / "axe-core" / "axe.min.js")}
    with ceph.ceph_gateway() as s3:
        session.run("pytest", "tests/browser", *session.posargs, env=s3 | axe)


@nox.session(default=False)
def cluster(session: nox.Session) -> None:
    """Run the example app on two web servers and two workers, and kill some of them."""
    require(session, *ceph.COMMANDS, *redis.COMMANDS, *postgres.COMMANDS)
    session.install(*from_tree(*PROJECTS), *needs("cluster"))
    with ceph.ceph_gateway() as s3:
        session.run("pytest", "tests/cluster", *session.posargs, env=s3)


@nox.session(default=False)
def faults(session: nox.Session) -> None:
    """Run the example app while S3, Redis, the database or the disk fail."""
    require(session, *ceph.COMMANDS, *redis.COMMANDS, *postgres.COMMANDS)
    session.install(*from_tree(*PROJECTS), *needs("cluster"))
    with ceph.ceph_gateway() as s3:
        session.run("pytest", "tests/faults", *session.posargs, env=s3)


@nox.session(default=False)
@nox.parametrize(
    "folder",
    [
        nox.param(f, id=Path(f).name)
        for f in ("tests/servers", EXAMPLE, "tests", *filter(is_on_s3, PACKAGES))
    ],
)
def servers(session: nox.Session, folder: str) -> None:
    """Run the tests of one folder on Ceph's S3 gateway in place of moto, none left out."""
    require(session, *ceph.COMMANDS, *redis.COMMANDS, "memcached", "chromium", "chromedriver")
    tests = str(Path("tests").absolute())
    if folder in PROJECTS:
        session.install(*from_tree(folder), *test_tools(folder))
        session.chdir(folder)
        folder = "tests"
    else:
        session.install(*from_tree(*PROJECTS), *needs("servers"))
    with ceph.ceph_gateway() as s3:
        env = {**s3, "PYTHONPATH": tests}
        session.run("pytest", *KNOWN_FAILURES, folder, *session.posargs, env=env)


@nox.session(default=False, allow_parallel=False)
def load(session: nox.Session) -> None:
    """Run the example app while fifty visitors use it, on disk and on S3."""
    require(session, *ceph.COMMANDS, *postgres.COMMANDS)
    session.install(*from_tree(*PROJECTS), *needs("cluster"))
    with ceph.ceph_gateway() as s3:
        session.run("pytest", "tests/load", *session.posargs, env=s3)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure side by side with peers; ``-- FILE`` runs one of benchmarks/ alone."""
    session.install(*from_tree(*PACKAGES), *needs("bench", *PACKAGES))
    for script in session.posargs or sorted(map(str, Path("benchmarks").glob("[!_]*.py"))):
        session.run("python", script)
