"""What all benchmarks share: time side by side, then print a table that holds the bars."""

import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version


def best_of(*works: Callable[[], object], rounds: int, calls: int = 1) -> list[float]:
    """The shortest time in seconds of one call of each, taking turns so that all meet one load."""
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        for number, work in enumerate(works):
            started = time.perf_counter()
            for _ in range(calls):
                work()
            best[number] = min(best[number], (time.perf_counter() - started) / calls)
    return best


def import_time(module: str, *, after: str = "", rounds: int = 25) -> float:
    """Seconds of the processor that a fresh Python takes to import a module.

    :param after: a module that is imported before, whose time does not count.
    """
    # Bytecode must be kept, as it is for users who have installed the package.
    env = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}

    def start(*modules: str) -> float:
        before = processor_time_of_children()
        code = "; ".join(f"import {module}" for module in modules if module) or "pass"
        subprocess.run([sys.executable, "-c", code], check=True, env=env)
        return processor_time_of_children() - before

    alone, together = [], []
    for _ in range(rounds):
        alone.append(start(after))
        together.append(start(after, module))
    return min(together) - min(alone)


def processor_time_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def duration(seconds: float) -> str:
    """Such as ``'1.2 ms'``."""
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1 or unit == "µs":
            return f"{seconds * factor:.3g} {unit}"
    raise AssertionError("unreachable")


class Table:
    """Rows of what was measured, printed as they come in Markdown."""

    def __init__(self, *distributions: str) -> None:
        versions = ", ".join(f"{name} {version(name)}" for name in distributions)
        print(f"Python {platform.python_version()}, {versions}\n")
        print("| what | ours | peer | figure | bar | |")
        print("|---|---|---|---|---|---|", flush=True)

    def row(self, what: str, ours: str, peer: str, figure: str, bar: str, *, holds: bool) -> None:
        print(
            f"| {what} | {ours} | {peer} | {figure} | {bar} | {'✓' if holds else 'missed'} |",
            flush=True,
        )

    def ratio(self, what: str, ours: float, peer: float, peer_name: str, most: float) -> None:
        """A row for times in seconds; ``most`` is the bar for ours over the peer's."""
        self.row(
            what,
            duration(ours),
            f"{peer_name} {duration(peer)}",
            f"{ours / peer:.2f} ×",
            f"≤ {most} ×",
            holds=ours / peer <= most,
        )
