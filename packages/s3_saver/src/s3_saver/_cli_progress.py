"""What the command shows and asks while it works, and how it writes counts and names."""

import os
import sys
import time
from typing import TextIO

from ._copy import CopyReport, Outcome
from ._names import CONTROL
from ._sizes import format_size
from ._storage import FileInfo


class Progress:
    """Shows how far a copy is: one line that changes on a terminal, else a line per file.

    :param quiet: show nothing.
    """

    def __init__(self, out: TextIO, *, dry_run: bool, quiet: bool) -> None:
        self._out = out
        self._dry_run = dry_run
        self._quiet = quiet
        self._started = time.monotonic()
        self._shown = 0.0

    def __call__(self, info: FileInfo, outcome: Outcome, report: CopyReport) -> None:
        if self._quiet:
            return
        if not self._out.isatty():
            verb = "would copy" if self._dry_run and outcome == "copied" else outcome
            print(f"{verb} {printable(info.name)} ({format_size(info.size)})", file=self._out)
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
            f"{done}/{report.total} files, "
            f"{format_size(seen)} of {format_size(report.total_bytes)}, "
            f"{format_size(report.copied_bytes / seconds)}/s, {_clock(left)} left"
        )


def count(files: int, size: int) -> str:
    return f"{files} file{'' if files == 1 else 's'} ({format_size(size)})"


def printable(name: str) -> str:
    """Return a name as one line that a terminal can show, with backslashes for what it cannot.

    Other programs may have used a newline, codes that a terminal obeys, or bytes that are no text.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    shown = CONTROL.sub(lambda match: repr(match[0])[1:-1], name)
    return shown.encode(encoding, "backslashreplace").decode(encoding)


def is_accepted(question: str) -> bool:
    """Ask at a terminal, where no answer means no; a script is not asked."""
    if not (sys.stdin and sys.stdin.isatty()):
        return True
    try:
        return input(f"{question} [y/N] ").lower() == "y"
    except EOFError:
        sys.stdout.write("\n")
        return False


def flush_output() -> None:
    """Write out what was printed, as long as a failure can still be reported."""
    if not sys.stdout:  # it was closed when the process was started
        return
    try:
        sys.stdout.flush()
    except OSError:
        drop_output()
        raise


def drop_output() -> None:
    """Forget what could not be printed: Python would try again at its end, and complain."""
    if sys.stdout:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
