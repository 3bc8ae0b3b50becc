"""What the command shows while it works, and how it writes counts."""

import time
from typing import TextIO

from ._copy import CopyReport, Outcome
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
            print(f"{verb} {info.name} ({format_size(info.size)})", file=self._out)
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


def _clock(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
