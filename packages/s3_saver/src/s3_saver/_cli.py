"""The command s3-saver: copy, list and delete files on disk and on S3."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

from ._ages import parse_age
from ._cli_places import (
    SIDE_OPTIONS,
    CommandError,
    check_apart,
    existing,
    find_named,
    in_flags,
    in_words,
    storage_of,
)
from ._cli_progress import Progress, count, drop_output, flush_output, is_accepted, printable
from ._copy import copy_files
from ._local import LocalStorage
from ._markers import find_markers
from ._s3 import S3Storage
from ._storage import Storage
from .exceptions import ArgumentError, S3SaverError

_WAITING = (
    "A server that is gone is reported after half a minute at most, and one that goes silent after "
    "two and a half: each request is tried up to four times, with 5 seconds to connect and 30 to "
    "answer. AWS_ENDPOINT_URL, AWS_PROFILE and the other variables of the AWS SDK are obeyed."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    :param arguments: the command line's, by default.
    :return: the exit code: 0; 1 if anything failed; 2 if the command line cannot be parsed; 130 for
        Ctrl-C.
    """
    options = _parser().parse_args(arguments)
    try:
        with in_flags({"prefix": "--prefix", "workers": "--workers", "older_than": "--older-than"}):
            code = int(options.run(options))
        flush_output()
        return code
    except BrokenPipeError:
        drop_output()  # as head leaves it
        return 1
    except (CommandError, S3SaverError, ValueError, OSError) as error:
        with suppress(OSError):
            flush_output()
        print(f"s3-saver: {in_words(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ns3-saver: stopped; run it again to continue", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="s3-saver",
        description="Copy, list and delete files on disk and on S3. A place is a folder or "
        "s3://BUCKET/PREFIX; credentials come from the environment, a profile or a role.",
        epilog=_WAITING,
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"s3-saver {version('s3-saver')}",
        help="show the version and exit",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_copy(commands)
    _add_ls(commands)
    _add_rm(commands)
    _add_prune(commands)
    return parser


def _s3_flags() -> argparse.ArgumentParser:
    flags = argparse.ArgumentParser(add_help=False)
    flags.add_argument(
        "--endpoint-url",
        metavar="URL",
        help="where a store other than Amazon's answers (default: AWS_ENDPOINT_URL)",
    )
    flags.add_argument(
        "--region",
        metavar="NAME",
        help="the bucket's region, such as eu-north-1 (default: AWS_DEFAULT_REGION)",
    )
    return flags


def _add_copy(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    copy = commands.add_parser(
        "copy",
        parents=[_s3_flags()],
        help="copy a folder to another place",
        description="Copy all files of one place to another, and compare each with its original. "
        "Files that are there already are skipped; run it again to continue after a stop. Nothing "
        "is deleted.",
        epilog=_WAITING,
    )
    copy.add_argument("source", metavar="SOURCE")
    copy.add_argument("target", metavar="TARGET")
    copy.add_argument("--prefix", default="", help="copy only names that begin with this")
    copy.add_argument(
        "--workers", type=int, default=8, metavar="N", help="copy N files at once (default: 8)"
    )
    copy.add_argument("--overwrite", action="store_true", help="replace files that differ")
    copy.add_argument("--dry-run", action="store_true", help="compare only, store nothing")
    copy.add_argument("--quiet", action="store_true", help="print failures and the total alone")
    for side in ("source", "target"):
        group = copy.add_argument_group(
            f"for {side.upper()} alone",
            "The key is better set by S3_SAVER_"
            f"{side.upper()}_ACCESS_KEY_ID and _ACCESS_KEY_SECRET in the environment, since other "
            "users of the machine can see a command line.",
        )
        for flag in SIDE_OPTIONS:
            metavar = {"endpoint-url": "URL", "region": "NAME"}.get(flag, "KEY")
            group.add_argument(f"--{side}-{flag}", metavar=metavar)
    copy.set_defaults(run=_copy)


def _add_ls(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    ls = commands.add_parser(
        "ls", parents=[_s3_flags()], help="list files: size, time in UTC, name", epilog=_WAITING
    )
    ls.add_argument("place", metavar="PLACE")
    ls.add_argument("--prefix", default="", help="list only names that begin with this")
    ls.add_argument("--quiet", action="store_true", help="leave out the total on standard error")
    ls.set_defaults(run=_ls)


def _add_rm(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    rm = commands.add_parser(
        "rm",
        parents=[_s3_flags()],
        help="delete files of a place",
        description="Delete files by their names, or all whose names begin with a prefix. The exit "
        "code is 1 if a named file is not there.",
        epilog=_WAITING,
    )
    rm.add_argument("place", metavar="PLACE")
    rm.add_argument("names", nargs="*", metavar="NAME", help="names below PLACE")
    rm.add_argument("--prefix", help="delete all names that begin with this ('' for all of PLACE)")
    rm.add_argument(
        "--older-than", metavar="AGE", help="with --prefix: spare younger ones; such as 12h, 30d"
    )
    rm.add_argument("--dry-run", action="store_true", help="print what would be deleted")
    rm.add_argument(
        "--yes", action="store_true", help="with --prefix: do not ask; scripts are never asked"
    )
    rm.set_defaults(run=_rm)


def _add_prune(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    prune = commands.add_parser(
        "prune",
        parents=[_s3_flags()],
        help="delete hidden files that killed processes left",
        description="Delete files whose names begin with .s3-saver-, which no other command shows. "
        "A process that is killed while it saves may leave one.",
        epilog=_WAITING,
    )
    prune.add_argument("place", metavar="PLACE")
    prune.add_argument(
        "--older-than",
        default="1d",
        metavar="AGE",
        help="spare younger ones, which may be in use (default: 1d)",
    )
    prune.add_argument("--dry-run", action="store_true", help="print what would be deleted")
    prune.add_argument("--yes", action="store_true", help="accepted for scripts; nothing is asked")
    prune.set_defaults(run=_prune)


def _copy(options: argparse.Namespace) -> int:
    check_apart(options.source, options.target, options)
    connections = 5 * max(options.workers, 1)  # as many parts of as many files
    show = Progress(sys.stderr, dry_run=options.dry_run, quiet=options.quiet)
    try:
        report = copy_files(
            existing(options.source, options, side="source", connections=connections),
            storage_of(options.target, options, side="target", connections=connections),
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
        f"{count(report.copied, report.copied_bytes)} {verb}, "
        f"{count(report.skipped, report.skipped_bytes)} there already, "
        f"{len(report.failed)} failed"
    )
    for error in report.failed.values():
        print(f"s3-saver: {in_words(error)}", file=sys.stderr)
    return 1 if report.failed else 0


def _ls(options: argparse.Namespace) -> int:
    files = size = 0
    for info in existing(options.place, options).find(options.prefix):
        print(f"{info.size:>12} {info.modified:%Y-%m-%d %H:%M:%S} {printable(info.name)}")
        files += 1
        size += info.size
    if not options.quiet:
        flush_output()
        print(count(files, size), file=sys.stderr)
    return 0


def _rm(options: argparse.Namespace) -> int:
    if bool(options.names) == (options.prefix is not None):
        raise CommandError("pass the names to delete, or --prefix for all that begin with it")
    if options.older_than is not None and options.names:
        raise CommandError("--older-than goes with --prefix: named files are deleted at any age")
    storage = existing(options.place, options)
    if options.names:
        return _rm_names(storage, options)
    before = datetime.now(UTC) - parse_age(
        "0" if options.older_than is None else options.older_than
    )
    found = [info for info in storage.find(options.prefix) if info.modified <= before]
    if options.dry_run:
        return _would_delete(info.name for info in found)
    size = sum(info.size for info in found)
    question = f"Delete {count(len(found), size)} of {options.place}?"
    if found and not options.yes and not is_accepted(question):
        print("0 deleted")
        return 1
    storage.delete(*found)
    markers = _delete_markers(storage, options.prefix, before)
    also = f", and {markers} empty object{'s' * (markers != 1)} of folders" if markers else ""
    print(f"{len(found)} deleted{also}")
    return 0


def _rm_names(storage: Storage, options: argparse.Namespace) -> int:
    found = {name: find_named(storage, name) for name in options.names}
    names = [name for name in found.values() if name is not None]
    missing = [name for name, there in found.items() if there is None]
    for name in missing:
        print(f"s3-saver: there is no file {name!r} in {options.place}", file=sys.stderr)
    if options.dry_run:
        _would_delete(names)
    else:
        storage.delete(*names)
        print(f"{len(names)} deleted")
    return 1 if missing else 0


def _delete_markers(storage: Storage, prefix: str, before: datetime) -> int:
    """Delete what S3's console made for folders, which would keep a bucket from being empty."""
    if not isinstance(storage, S3Storage):
        return 0
    markers = [info for info in find_markers(storage, prefix) if info.modified <= before]
    storage.delete(*markers)
    return len(markers)


def _prune(options: argparse.Namespace) -> int:
    age: timedelta = parse_age(options.older_than)
    storage = existing(options.place, options)
    if not isinstance(storage, LocalStorage | S3Storage):
        raise ArgumentError("place", options.place, "a folder or a bucket")
    names = storage.prune(older_than=age, dry_run=options.dry_run)
    if options.dry_run:
        return _would_delete(names)
    print(f"{len(names)} deleted")
    return 0


def _would_delete(names: Iterable[str]) -> int:
    for name in names:
        print(f"would delete {printable(name)}")
    return 0
