"""untrusted_files.pictures next to flask-thumbnails 1.1.1, bare Pillow, libvips and sharp.

Times are processor time, of peers that take turns. The photographs are those of two Debian packages
of wallpapers, fetched for the run and not kept, or all JPEGs of 4 to 20 megapixels in the folder
that the variable BENCH_PHOTOS names. Rows of sharp need Node: the variable BENCH_SHARP names a
folder in which ``npm install sharp`` has run.
"""

import glob
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from statistics import geometric_mean, median

import numpy as np
from _table import Table, duration
from PIL import Image

from untrusted_files.pictures import DEFAULT_QUALITY, Limits, Resize, render

DEBIAN_PACKAGES = ["mate-backgrounds", "lomiri-wallpapers-16.04"]
SIZES = ((200, 200), (800, 600))
# What a photograph may have: the largest of the wallpapers.
LIMITS = Limits(max_decoded_pixels=50_000_000)
SHARP = """
const fs = require("fs"), sharp = require("sharp");
const options = { jpeg: { mozjpeg: true }, webp: {}, avif: {} };
(async () => {
  for (const name of fs.readdirSync(process.argv[2]).filter((n) => n.endsWith(".png"))) {
    for (const [format, more] of Object.entries(options)) {
      for (const quality of JSON.parse(process.argv[3])[format]) {
        const path = `${process.argv[2]}/${name}`;
        const made = sharp(path).toFormat(format, { quality, ...more });
        await made.toFile(`${path}.${quality}.${format}`);
      }
    }
  }
})();
"""
QUALITIES = {"jpeg": range(60, 96, 4), "webp": range(50, 99, 5), "avif": range(35, 96, 6)}


def fetch_photos(folder: str) -> list[bytes]:
    where = os.environ.get("BENCH_PHOTOS")
    if not where:
        where = folder
        subprocess.run(
            ["apt-get", "download", *DEBIAN_PACKAGES], cwd=folder, check=True, capture_output=True
        )
        for package in glob.glob(f"{folder}/*.deb"):
            subprocess.run(["dpkg", "-x", package, folder], check=True)
    photos = []
    for path in sorted(glob.glob(f"{where}/**/*.jp*g", recursive=True)):
        with Image.open(path) as image:
            if not os.path.islink(path) and 4e6 <= image.width * image.height <= 20e6:
                photos.append(Path(path).read_bytes())
    return photos[:: max(1, len(photos) // 10)][:10]


def processor_times(works: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """The shortest processor time of each, which take turns, in one order and then in the other."""
    best = [float("inf")] * len(works)
    numbered = list(enumerate(works))
    for turn in range(rounds):
        for number, work in numbered if turn % 2 else reversed(numbered):
            started = time.process_time()
            work()
            best[number] = min(best[number], time.process_time() - started)
    return best


def ours(data: bytes, size: tuple[int, int], format: str = "jpeg") -> bytes:
    resize = Resize(width=size[0], height=size[1])
    return render(BytesIO(data), resize, format, quality=85, limits=LIMITS).data


def bare_pillow(data: bytes, size: tuple[int, int]) -> bytes:
    out = BytesIO()
    with Image.open(BytesIO(data)) as image:
        image.draft(None, (2 * size[0], 2 * size[1]))
        image.thumbnail(size, reducing_gap=2.0)
        image.save(out, "JPEG", quality=85)
    return out.getvalue()


def flask_thumbnails(data: bytes, size: tuple[int, int]) -> bytes:
    from flask_thumbnails import Thumbnail  # type: ignore[import-untyped]

    peer = Thumbnail()
    image = Image.open(BytesIO(data))
    image.load()
    thumbnail = peer._create_thumbnail(image, size, crop=None)
    made: bytes = peer.get_raw_data(thumbnail, format="JPEG", quality=85)
    return made


def libvips(data: bytes, size: tuple[int, int], *, equal: bool = True) -> bytes:
    """As ours with the same settings, or with those that libvips has itself."""
    import pyvips  # type: ignore[import-untyped]

    image = pyvips.Image.thumbnail_buffer(data, size[0], height=size[1], size="down")
    if image.hasalpha():
        image = image.flatten(background=[255, 255, 255])
    options = {"optimize_coding": True, "interlace": True} if equal else {}
    made: bytes = image.jpegsave_buffer(Q=85, keep="none", **options)
    return made


def converted(data: bytes, format: str) -> bytes:
    out = BytesIO()
    options = {"AVIF": {"speed": 8, "quality": 80}, "WEBP": {"method": 2}}.get(format, {})
    with Image.open(BytesIO(data)) as image:
        image.convert("RGB").save(out, format, **options)
    return out.getvalue()


def compare_speed(table: Table, photos: list[bytes]) -> None:
    small, large = SIZES
    _speed(table, "JPEG to 200x200", photos, small, [
        ("flask-thumbnails 1.1.1", flask_thumbnails, 1 / 1.7),
        ("bare Pillow", bare_pillow, 1.1),
        ("libvips, its settings", partial(libvips, equal=False), 1.0),
        ("libvips, ours", libvips, 1.0),
    ])  # fmt: skip
    _speed(table, "JPEG to 800x600", photos, large, [("libvips, equal settings", libvips, 1.3)])
    for format, bar in (("AVIF", 0.6), ("PNG", None), ("WEBP", None)):
        few = [converted(photo, format) for photo in photos[:3]]
        _speed(table, f"{format} to 200x200", few, small, [("libvips", libvips, bar)])


def _speed(
    table: Table,
    what: str,
    photos: list[bytes],
    size: tuple[int, int],
    peers: list[tuple[str, Callable[[bytes, tuple[int, int]], bytes], float | None]],
) -> None:
    times: list[list[float]] = [[] for _ in range(1 + len(peers))]
    for data in photos:
        works = [partial(ours, data, size), *(partial(peer, data, size) for _, peer, _ in peers)]
        for found, took in zip(times, processor_times(works, 7), strict=True):
            found.append(took)
    mine, *theirs = (geometric_mean(took) for took in times)
    for (name, _, bar), took in zip(peers, theirs, strict=True):
        row = f"{what}, mean of {len(photos)}", duration(mine), f"{name} {duration(took)}"
        ratio = f"{mine / took:.2f} ×"
        if bar == 1 / 1.7:
            ratio, shown = f"{took / mine:.2f} × faster", "≥ 1.7 × faster"
        else:
            shown = f"≤ {bar} ×" if bar else "no bar"
        table.row(*row, ratio, shown, holds=not bar or mine / took <= bar)


def luma(data: bytes) -> "np.ndarray[tuple[int, int], np.dtype[np.float64]]":
    with Image.open(BytesIO(data)) as image:
        return np.asarray(image.convert("RGB").convert("L"), dtype=np.float64)


def ssim(one: bytes, other: bytes) -> float:
    """Structural similarity of luma: windows of 11 with a deviation of 1.5 (Wang et al., 2004)."""
    window = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    window /= window.sum()

    def blur(array: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        for axis in (0, 1):
            array = np.apply_along_axis(np.convolve, axis, array, window, mode="valid")
        return array

    a, b = luma(one), luma(other)
    mean_a, mean_b = blur(a), blur(b)
    var_a, var_b = blur(a * a) - mean_a**2, blur(b * b) - mean_b**2
    both = blur(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean_a * mean_b + c1) * (2 * both + c2)
    return float((top / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))).mean())


def reference(data: bytes, size: tuple[int, int]) -> bytes:
    """Lanczos3 of the photograph, decoded whole."""
    with Image.open(BytesIO(data)) as opened:
        image = opened.convert("RGB")
    factor = min(size[0] / image.width, size[1] / image.height)
    whole = round(image.width * factor), round(image.height * factor)
    out = BytesIO()
    image.resize(whole, Image.Resampling.LANCZOS).save(out, "PNG")
    return out.getvalue()


def compare_scaling(table: Table, photos: list[bytes]) -> None:
    for size in SIZES:
        found = [ssim(reference(data, size), ours(data, size, "png")) for data in photos]
        worst = f"least {min(found):.4f}"
        figure = f"{geometric_mean(found):.4f}"
        what = f"SSIM against Lanczos3, {size[0]}x{size[1]}"
        table.row(what, figure, worst, "", "≥ 0.998", holds=geometric_mean(found) >= 0.998)


def compare_bytes(table: Table, photos: list[bytes], folder: str) -> None:
    """Bytes at our SSIM, of the same pixels."""
    for size in SIZES:
        where = f"{folder}/{size[0]}"
        os.mkdir(where)
        pixels = [reference(data, size) for data in photos]
        for number, data in enumerate(pixels):
            Path(f"{where}/{number}.png").write_bytes(data)
        made = {
            format: [render(BytesIO(data), Resize(), format).data for data in pixels]
            for format in QUALITIES
        }
        for format, files in made.items():
            alike = median(ssim(a, b) for a, b in zip(pixels, files, strict=True))
            taken = median(
                len(file) / len(jpeg) for file, jpeg in zip(files, made["jpeg"], strict=True)
            )
            quality = f"{format} {DEFAULT_QUALITY[format]}"
            what = f"SSIM of {quality}, {size[0]}x{size[1]}"
            table.row(what, f"{alike:.4f}", f"{taken:.2f} × JPEG's bytes", "", "no bar", holds=True)
        if sharp := os.environ.get("BENCH_SHARP"):
            _run_sharp(sharp, where)
            for format, bar in (("jpeg", 1.05), ("webp", 1.05), ("avif", 1.25)):
                ratios = [
                    len(made[format][number]) / _bytes_at(where, number, format, data, made[format])
                    for number, data in enumerate(pixels)
                ]
                ratio = median(ratios)
                shown = f"{min(ratios):.2f} to {max(ratios):.2f}"
                what = f"bytes at equal SSIM, {format}, {size[0]}x{size[1]}"
                peer = "sharp mozjpeg" if format == "jpeg" else f"sharp {format}"
                table.row(what, shown, peer, f"{ratio:.3f} ×", f"≤ {bar} ×", holds=ratio <= bar)


def _run_sharp(modules: str, folder: str) -> None:
    qualities = json.dumps({format: list(steps) for format, steps in QUALITIES.items()})
    env = os.environ | {"NODE_PATH": f"{modules}/node_modules"}
    subprocess.run(["node", "-e", SHARP, "-", folder, qualities], check=True, env=env)


def _bytes_at(folder: str, number: int, format: str, pixels: bytes, made: list[bytes]) -> float:
    """How many bytes sharp takes for the similarity that ours has, between two of its qualities."""
    wanted = ssim(pixels, made[number])
    found = []
    for quality in QUALITIES[format]:
        file = Path(f"{folder}/{number}.png.{quality}.{format}").read_bytes()
        found.append((ssim(pixels, file), len(file)))
    found.sort()
    for (low, few), (high, many) in pairwise(found):
        if low <= wanted <= high:
            return float(few * (many / few) ** ((wanted - low) / ((high - low) or 1)))
    return float(found[0][1] if wanted < found[0][0] else found[-1][1])


def main() -> None:
    table = Table("untrusted-files", "pillow", "flask-thumbnails", "pyvips")
    with tempfile.TemporaryDirectory() as folder:
        photos = fetch_photos(folder)
        compare_speed(table, photos)
        compare_scaling(table, photos)
        compare_bytes(table, photos, folder)


if __name__ == "__main__":
    main()
