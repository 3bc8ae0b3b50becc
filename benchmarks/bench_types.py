"""untrusted_files and other libraries that sniff types: right, wrong and unknown files of a corpus.

Whatever of ffmpeg, LibreOffice, ImageMagick, 7z and zstd is installed makes files for it, and the
libraries python-docx, openpyxl, python-pptx, xlsxwriter and xlwt. A peer that is not installed is
left out.
"""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from _typed_files import make_all

from untrusted_files import sniff_content_type
from untrusted_files._families import canonical_type, is_text_type

Sniff = Callable[[Path], str | None]


def ours(path: Path) -> str | None:
    with path.open("rb") as file:
        return sniff_content_type(file, path.name)


def candidates() -> dict[str, Sniff]:
    found: dict[str, Sniff] = {"untrusted_files": ours}
    try:
        import filetype
    except ImportError:
        pass
    else:
        found["filetype"] = lambda path: filetype.guess_mime(str(path))
    try:
        import puremagic
    except ImportError:
        pass
    else:
        found["puremagic"] = lambda path: puremagic.from_file(str(path), mime=True) or None
    try:
        import magic
    except ImportError:
        pass
    else:
        found["libmagic"] = lambda path: magic.from_file(str(path), mime=True)
    return found


def ask(sniff: Sniff, path: Path) -> str | None:
    try:
        answer = sniff(path)
    except Exception:  # noqa: BLE001 - some raise for what they do not know
        return None
    return None if answer in (None, "", "application/octet-stream") else canonical_type(answer)


def main() -> None:
    is_wordy = "-v" in sys.argv
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        types = make_all(folder)
        texts = {name for name, right in types.items() if any(map(is_text_type, right))}
        print(
            f"{len(types) - len(texts)} files with a signature or structure, {len(texts)} of text\n"
        )
        print("| candidate | right | wrong | unknown | text: right | wrong | unknown | a file |")
        print("|---|---|---|---|---|---|---|---|", flush=True)
        for candidate, sniff in candidates().items():
            started = time.perf_counter()
            answers = {name: ask(sniff, folder / name) for name in types}
            took = (time.perf_counter() - started) / len(types)
            counts: Counter[tuple[bool, str]] = Counter()
            for name, answer in answers.items():
                verdict = "right" if answer in types[name] else "wrong" if answer else "unknown"
                counts[name in texts, verdict] += 1
                if verdict != "right" and is_wordy:
                    print(f"    {name}: {answer}, not {' or '.join(types[name])}")
            cells = (
                str(counts[is_text, verdict])
                for is_text in (False, True)
                for verdict in ("right", "wrong", "unknown")
            )
            print(f"| {candidate} | {' | '.join(cells)} | {took * 1e6:.0f} µs |", flush=True)


if __name__ == "__main__":
    main()
