"""Pushing 10,000 and 100,000 small files: memory, and whether time is linear.

Needs Ceph for the server (`nox -s servers` says how to get that).
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from _table import Table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from servers.ceph import COMMANDS, ceph_gateway
from servers.machine import missing

APP = """
import os, sys
from flask import Flask
from flask_s3_static import FlaskS3
app = Flask("site", root_path=os.getcwd(), instance_path=os.getcwd() + "/instance")
app.config.update(FLASKS3_BUCKET_NAME=sys.argv[1], FLASKS3_ENDPOINT_URL=sys.argv[2])
FlaskS3(app)

import resource, time
from flask_s3_static import create_all
started, processor = time.perf_counter(), time.process_time()
report = create_all(app)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(len(report.sent), time.perf_counter() - started, time.process_time() - processor, peak)
"""


def make_tree(folder: Path, files: int) -> None:
    for number in range(files):
        path = folder / "static" / f"{number // 1000:03}" / f"{number:06}.js"
        if number % 1000 == 0:
            path.parent.mkdir(parents=True)
        path.write_text(f"export const number = {number};\n")


class Run(NamedTuple):
    sent: int
    seconds: float
    processor: float  # seconds of ours alone, which other work on the machine does not change
    peak: float  # MiB of the process


def push(folder: Path, server: dict[str, str], bucket: str) -> Run:
    ran = subprocess.run(
        [sys.executable, "-c", APP, bucket, server["S3_TEST_ENDPOINT"]],
        cwd=folder,
        env={
            **os.environ,
            "AWS_ACCESS_KEY_ID": server["S3_TEST_KEY"],
            "AWS_SECRET_ACCESS_KEY": server["S3_TEST_SECRET"],
        },
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    sent, *figures = ran.stdout.split()
    return Run(int(sent), *map(float, figures))


def main() -> None:
    if words := missing(*COMMANDS):
        sys.exit(words)
    table = Table("flask", "boto3", "flask-s3-static")
    firsts = []
    with ceph_gateway() as server:
        for files in (10_000, 100_000):
            with tempfile.TemporaryDirectory() as folder:
                make_tree(Path(folder), files)
                first, again = (push(Path(folder), server, f"bench-{files}") for _ in range(2))
            assert (first.sent, again.sent) == (files, 0)
            firsts.append(first)
            peak = max(first.peak, again.peak)
            table.row(
                f"{files:,} files: first push, nothing changed",
                f"{first.seconds:.1f} s, {again.seconds:.1f} s",
                "–",
                f"{peak:.0f} MiB",
                "< 300 MB",
                holds=peak * 1.048576 < 300,
            )
    few, many = firsts
    table.row(
        "100,000 over 10,000 files, first push",
        f"{many.seconds / few.seconds:.1f} × the time",
        "–",
        f"{many.processor / few.processor:.1f} × our processor time",
        "≤ 11 ×",
        holds=many.processor / few.processor <= 11,
    )


main()
