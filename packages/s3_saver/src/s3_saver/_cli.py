"""The command s3-saver: copy, list and delete files on disk and on S3."""

import argparse
import os
import re
import sys
import time
from collections.abc import Sequence
from typing import TextIO

from ._copy import CopyReport, Outcome, copy_files
from ._local import LocalStorage
from ._s3 import S3Storage
from ._storage import FileInfo, Storage
from .exceptions import S3SaverError

_S3 = "s3://"
_SCHEME = re.compile(r"s3:|[a-z][a-z0-9+.-]+:/", re.IGNORECASE).match


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    :param arguments: the command line's, by default.
    :return: the exit code: 0, or 1 if anything failed, 2 for a wrong command line, 130 for Ctrl-C.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        return int(options.run(options))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # as head leaves it
        return 1
    except (S3SaverError, ValueError, OSError) as error:
        print(f"s3-saver: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ns3-saver: stopped; run it again to continue", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="s3-saver",
        description="Copy, list and delete files on disk and on S3. A place is a folder or "
        "s3://BUCKET/PREFIX; credentials come from the environment, a profile or a role.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    s3 = argparse.ArgumentParser(add_help=False)
    s3.add_argument("--endpoint-url", metavar="URL", help="of a store other than Amazon's")
    s3.add_argument("--region", metavar="NAME", help="such as eu-north-1")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    copy = commands.add_parser(
        "copy",
        parents=[s3],
        help="copy a folder to another place",
        description="Copy all files of one place to another. Files that are there already are "
        "skipped; run it again to continue after a stop. Nothing is deleted.",
    )
    copy.add_argument("source", metavar="SOURCE")
    copy.add_argument("target", metavar="TARGET")
    copy.add_argument("--prefix", default="", help="only names that begin with this")
    copy.add_argument("--workers", type=int, default=8, metavar="N", help="at once (default: 8)")
    copy.add_argument("--overwrite", action="store_true", help="replace files that differ")
    copy.add_argument("--dry-run", action="store_true", help="compare only, store nothing")
    copy.set_defaults(run=_copy)

    ls = commands.add_parser("ls", parents=[s3], help="list files: size, time in UTC, name")
    ls.add_argument("place", metavar="PLACE")
    ls.add_argument("--prefix", default="", help="only names that begin with this")
    ls.set_defaults(run=_ls)

    rm = commands.add_parser("rm", parents=[s3], help="delete files of a place")
    rm.add_argument("place", metavar="PLACE")
    rm.add_argument("names", nargs="*", metavar="NAME", help="names below PLACE")
    rm.add_argument("--prefix", help="all names that begin with this ('' for all of PLACE)")
    rm.add_argument("--dry-run", action="store_true", help="tell what would be deleted")
    rm.set_defaults(run=_rm)
    return parser


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version  # 20 ms that no other command pays for

        print(f"s3-saver {version('s3-saver')}")
        parser.exit()


def _is_s3(place: str) -> bool:
    if place.startswith(_S3):
        return True
    if _SCHEME(place):
        raise ValueError(
            f"{place!r} is not a place: write s3://BUCKET/PREFIX, or './' before a folder's name"
        )
    return False


def _storage(place: str, options: argparse.Namespace, connections: int = 10) -> Storage:
    if not _is_s3(place):
        return LocalStorage(place)
    from botocore.config import Config

    bucket, _, prefix = place.removeprefix(_S3).partition("/")
    return S3Storage(
        bucket,
        prefix=prefix,
        region_name=options.region,
        endpoint_url=options.endpoint_url,
        config=Config(max_pool_connections=connections),
    )


def _existing(place: str, options: argparse.Namespace, connections: int = 10) -> Storage:
    if not _is_s3(place) and not os.path.isdir(place):
        raise ValueError(
            f"{place!r} is not a folder: correct the path, or write s3://BUCKET/PREFIX"
        )
    return _storage(place, options, connections)


def _check_apart(source: str, target: str) -> None:
    # A copy into its own source would find its own files, and never end.
    if _is_s3(source) != _is_s3(target):
        return
    if not _is_s3(source):
        source, target = os.path.realpath(source), os.path.realpath(target)
    first, second = sorted(place.rstrip("/") + "/" for place in (source, target))
    if second.startswith(first):
        raise ValueError(
            f"{source!r} and {target!r} are the same or one is inside the other: "
            "copy to another folder"
        )


def _copy(options: argparse.Namespace) -> int:
    _check_apart(options.source, options.target)
    connections = 5 * max(options.workers, 1)  # as many parts of as many files
    show = _Progress(sys.stderr, dry_run=options.dry_run)
    try:
        report = copy_files(
            _existing(options.source, options, connections),
            _storage(options.target, options, connections),
            options.prefix,
            workers=options.workers,
            overwrite=options.overwrite,
            dry_run=options.dry_run,
            progress=show,
        )
    finally:
        show.end()
    verb = "to copy" if options.dry_run else "copied"
    print(
        f"{_count(report.copied, report.copied_bytes)} {verb}, "
        f"{_count(report.skipped, report.skipped_bytes)} there already, "
        f"{len(report.failed)} failed"
    )
    for error in report.failed.values():
        print(f"s3-saver: {error}", file=sys.stderr)
    return 1 if report.failed else 0


def _ls(options: argparse.Namespace) -> int:
    for info in _existing(options.place, options).find(options.prefix):
        print(f"{info.size:>12} {info.modified:%Y-%m-%d %H:%M:%S} {info.name}")
    return 0


def _rm(options: argparse.Namespace) -> int:
    if bool(options.names) == (options.prefix is not None):
        raise ValueError("pass the names to delete, or --prefix for all that begin with it")
    storage = _existing(options.place, options)
    if options.names:
        names = [name for name in options.names if storage.exists(name)]
        for name in options.names:
            if name not in names:
                print(f"s3-saver: there is no file {name!r} in {options.place}", file=sys.stderr)
    else:
        names = [info.name for info in storage.find(options.prefix)]
    if options.dry_run:
        for name in names:
            print(f"would delete {name}")
        return 0
    storage.delete(*names)
    print(f"{len(names)} deleted")
    return 0


class _Progress:
    """Shows how far a copy is: one line that changes on a terminal, else a line per file."""

    def __init__(self, out: TextIO, *, dry_run: bool) -> None:
        self._out = out
        self._dry_run = dry_run
        self._started = time.monotonic()
        self._shown = 0.0

    def __call__(self, info: FileInfo, outcome: Outcome, report: CopyReport) -> None:
        if not self._out.isatty():
            verb = "would copy" if self._dry_run and outcome == "copied" else outcome
            print(f"{verb} {info.name} ({_bytes(info.size)})", file=self._out)
            return
        done = report.copied + report.skipped + len(report.failed)
        now = time.monotonic()
        if now - self._shown >= 0.1 or done == report.total:
            self._shown = now
            print(f"\r{self._line(done, report, now)}\x1b[K", end="", file=self._out, flush=True)

    def end(self) -> None:
        if self._shown:
            print(file=self._out)

    def _line(self, done: int, report: CopyReport, now: float) -> str:
        seconds = max(now - self._started, 0.001)
        seen = report.copied_bytes + report.skipped_bytes
        left = seconds * (report.total - done) / max(done, 1)
        return (
            f"{done}/{report.total} files, {_bytes(seen)} of {_bytes(report.total_bytes)}, "
            f"{_bytes(report.copied_bytes / seconds)}/s, {_clock(left)} left"
        )


def _count(files: int, size: int) -> str:
    return f"{files} file{'' if files == 1 else 's'} ({_bytes(size)})"


def _bytes(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
