"""Mutations of pictures that this makes itself: what comes out is a verdict, within bounds.

.. code-block:: console

    $ python tests/fuzz/fuzz_pictures.py --count 20000 --seed 1

Each input is checked and rendered in a worker process that is held to an amount of memory; its
processor time is measured. An exception that is none of the package's errors, a crash, a verdict
that depends on what is asked for, or an input that takes too long ends the run with exit code 1,
and the input is kept in the folder that ``--keep`` names.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from io import BytesIO
from pathlib import Path

SAMPLES = Path(__file__).parents[2] / "packages/untrusted_files/tests"
sys.path.insert(0, str(SAMPLES))

ADDRESSES = 2_000_000_000  # bytes of a worker, of which libraries and stacks take a good part
MEMORY = 500_000_000  # bytes that a worker may use
SECONDS = 3.0  # of processor time, of all calls for one input
BATCH = 500  # inputs of a worker


def corpus() -> list[tuple[str, bytes]]:
    """Make the pictures that are mutated."""
    from PIL import Image

    samples = import_module("picture_samples")
    saved, noise, two_colors = samples.saved, samples.noise, samples.two_colors
    whole = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "TIFF", "BMP", "PPM", "JPEG2000")
    modes = {
        "PNG": ("1", "L", "LA", "P", "RGBA", "I;16"),
        "TIFF": ("1", "L", "LA", "P", "RGBA", "I;16", "CMYK", "LAB", "F"),
        "JPEG": ("L", "CMYK"),
    }
    codecs = ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg")
    found = [
        ("HEIC", import_module("test_pictures_heif").HEIC),
        *((name, saved(two_colors((40, 30)), name).getvalue()) for name in whole),
        *((f"{name} noise", saved(noise((48, 40)), name).getvalue()) for name in whole),
        *((f"{name} moving", samples.animation(name).getvalue()) for name in samples.MOVING),
        *(
            (f"{name} {mode}", saved(Image.new(mode, (20, 20)), name).getvalue())
            for name, those in modes.items()
            for mode in those
        ),
        *(
            (f"TIFF {name}", saved(two_colors(), "TIFF", compression=name).getvalue())
            for name in codecs
        ),
    ]
    progressive = saved(noise((64, 64)), "JPEG", progressive=True, icc_profile=samples.SRGB)
    found.append(("JPEG progressive", progressive.getvalue()))
    for format in ("JPEG", "PNG", "WEBP", "AVIF"):
        options = {
            "exif": b"Exif\0\0" + samples.exif(),
            "icc_profile": samples.profile(b"RGB ", 2.2),
        }
        if format != "PNG":
            options["xmp"] = samples.XMP
        found.append((f"{format} full", saved(two_colors(), format, **options).getvalue()))
    colors = (
        samples.chunk(b"gAMA", (100_000).to_bytes(4, "big")),
        samples.chunk(b"cHRM", bytes(range(32))),
        samples.chunk(b"cICP", bytes((9, 16, 0, 1))),
    )
    plain = saved(two_colors(), "PNG").getvalue()
    found.append(("PNG colors", samples.with_chunks(plain, *colors)))
    found.append(("WEBP lossless", saved(noise((40, 40)), "WEBP", lossless=True).getvalue()))
    found.append(("PPM text", b"P3\n4 2 255\n" + b"1 2 3 " * 8))
    runs = bytes([3, 1, 5, 2, 0, 0, 0, 1])
    head = b"BM" + bytes(8) + (54 + 1024).to_bytes(4, "little") + (40).to_bytes(4, "little")
    size = (8).to_bytes(4, "little") * 2
    rest = b"\1\0\x08\0\1\0\0\0" + len(runs).to_bytes(4, "little") + bytes(16)
    found.append(("BMP runs", head + size + rest + bytes(range(256)) * 4 + runs))
    return found


def mutated(data: bytes, pick: random.Random, others: list[tuple[str, bytes]]) -> bytes:
    """Change a file in one to four places, most of them near its start."""
    out = bytearray(data)
    for _ in range(pick.choice((1, 1, 1, 2, 3, 4))):
        place = min(pick.randrange(len(out) + 1), pick.choice((40, 400, len(out), len(out))))
        kind = pick.randrange(8)
        if kind == 0 and place < len(out):
            out[place] ^= 1 << pick.randrange(8)
        elif kind == 1 and place < len(out):
            out[place] = pick.choice((0, 1, 0x7F, 0x80, 0xFE, 0xFF, pick.randrange(256)))
        elif kind == 2:
            out[place : place + 4] = pick.choice(
                (bytes(4), b"\xff" * 4, b"\x7f\xff\xff\xff", b"\0\0\xff\xff", b"\xff\xff\0\0")
            )
        elif kind == 3:
            del out[place : place + pick.choice((1, 2, 4, 20, 400))]
        elif kind == 4:
            out[place:place] = out[place : place + pick.choice((1, 8, 100))] * pick.choice(
                (1, 2, 50)
            )
        elif kind == 5:
            out[place:place] = pick.randbytes(pick.choice((1, 4, 30)))
        elif kind == 6:
            del out[max(1, place) :]
        else:
            other = pick.choice(others)[1]
            start = pick.randrange(len(other))
            out[place:place] = other[start : start + pick.choice((16, 200))]
        if not out:
            out = bytearray(b"\0")
    return bytes(out)


def inputs(seed: int, first: int, count: int) -> Iterator[tuple[int, str, bytes]]:
    """Make inputs by their numbers, the same ones for the same seed."""
    samples = corpus()
    for number in range(first, first + count):
        pick = random.Random(f"{seed}/{number}")
        name, data = pick.choice(samples)
        yield number, name, mutated(data, pick, samples)


def work(seed: int, first: int, count: int) -> None:
    """Be a worker: print a line of JSON before each input, and one after it."""
    from untrusted_files import PICTURES, RejectedError, sniff_content_type
    from untrusted_files.pictures import PictureError, Resize, check_picture, fit, read_info, render

    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    outputs = ("jpeg", "png", "webp", "gif", "avif")
    crop, small = Resize(width=30, height=20, crop=True), Resize(width=10, height=10)

    def verdict(call: Callable[[BytesIO], object], data: bytes) -> str:
        file = BytesIO(data)
        try:
            call(file)
            found = "made"
        except RejectedError as error:
            found = "refused"
            if isinstance(error, PictureError) and "memory" in error.reason.lower():
                found = f"unhandled: {error.reason}"
        except BaseException:  # noqa: BLE001 - it is what is looked for
            found = f"unhandled: {traceback.format_exc()[-600:]}"
        if file.closed or file.tell():
            found = "unhandled: the stream is closed, or not at its start"
        return found

    for number, name, data in inputs(seed, first, count):
        print(json.dumps({"number": number}), flush=True)
        started = time.process_time()
        output = outputs[number % len(outputs)]
        found = {
            verdict(check_picture, data),
            verdict(partial(render, resize=crop, format=output), data),
            verdict(partial(fit, resize=small), data),
        }
        others: tuple[Callable[[BytesIO], object], ...] = (
            read_info,
            partial(sniff_content_type, filename=name.replace(" ", ".")),
            partial(PICTURES.check, filename="a.jpg"),
        )
        found |= {verdict(call, data) for call in others} - {"made", "refused"}
        took = time.process_time() - started
        print(json.dumps({"number": number, "name": name, "took": took, "found": sorted(found)}))
    with open("/proc/self/status") as status:
        lines = dict(line.split(":", 1) for line in status)
    print(json.dumps({"peak": int(lines["VmHWM"].split()[0]) * 1024}), flush=True)


def run(count: int, seed: int, keep: str | None) -> int:
    """Run all inputs; return how many were handled badly."""
    bad = 0
    verdicts: Counter[str] = Counter()
    longest, peak = (0.0, -1), 0
    for first in range(0, count, BATCH):
        last = min(count, first + BATCH)
        position = first
        while position < last:  # again behind an input that ended its worker
            command = [sys.executable, __file__, "--work", f"{seed},{position},{last - position}"]
            try:
                done = subprocess.run(command, capture_output=True, text=True, timeout=600)
                output, errors, code = done.stdout, done.stderr, done.returncode
            except subprocess.TimeoutExpired as error:
                output, errors, code = (error.stdout or b"").decode(), "no answer for 600 s", -1
            begun = position
            for line in map(json.loads, output.splitlines()):
                begun = line.get("number", begun)
                peak = max(peak, line.get("peak", 0))
                if "found" not in line:
                    continue
                found = line["found"]
                verdicts[found[0] if len(found) == 1 else "mixed"] += 1
                longest = max(longest, (line["took"], begun))
                wrong = [one for one in found if one.startswith("unhandled")]
                if wrong or len(found) > 1 or line["took"] > SECONDS:
                    bad += 1
                    _report(seed, begun, line["name"], f"{line['took']:.1f} s {found}", keep)
            position = last
            if code:
                bad += 1
                _report(seed, begun, "", f"the worker ended with {code}: {errors[-2000:]}", keep)
                position = begun + 1
        print(f"{last} inputs, {bad} bad", file=sys.stderr, flush=True)
    print(
        f"{count} inputs, seed {seed}: {dict(verdicts)}, {bad} bad; longest {longest[0]:.2f} s "
        f"(input {longest[1]}), most memory of a worker {peak / 1e6:.0f} MB"
    )
    return bad + (peak > MEMORY)


def _report(seed: int, number: int, name: str, what: str, keep: str | None) -> None:
    print(f"input {number} ({name}): {what}")
    if keep:
        Path(keep).mkdir(parents=True, exist_ok=True)
        ((_, _, data),) = inputs(seed, number, 1)
        Path(keep, f"{seed}-{number}").write_bytes(data)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", help="a folder for the inputs that were handled badly")
    parser.add_argument("--work", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work(*map(int, options.work.split(",")))
    else:
        sys.exit(1 if run(options.count, options.seed, options.keep) else 0)


if __name__ == "__main__":
    main()
