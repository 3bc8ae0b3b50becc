"""flask_thumbnails_s3 compared with flask-thumbnails 1.1.1, bare Pillow, libvips and flask.url_for.

The photographs are those of two Debian packages of wallpapers, fetched for the run and not kept,
or all JPEGs of 2 to 15 megapixels in the folder that the variable BENCH_PHOTOS names.
"""

import glob
import logging
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from io import BytesIO
from statistics import geometric_mean
from threading import Thread
from typing import Any
from urllib.request import urlopen

from _table import Table, best_of, duration
from cachelib import SimpleCache
from flask import Flask, render_template, url_for
from jinja2 import DictLoader
from moto.server import ThreadedMotoServer
from PIL import Image
from werkzeug.serving import make_server

from flask_thumbnails_s3 import ThreadQueue, Thumbnail
from flask_thumbnails_s3.background._threads import Threads
from flask_thumbnails_s3.naming._options import parse_spec
from flask_thumbnails_s3.pictures._pictures import Original, Reading
from s3_saver import FileInfo, S3Storage

DEBIAN_PACKAGES = ["mate-backgrounds", "lomiri-wallpapers-16.04"]
SIZE = (200, 200)
QUALITY = 85
PAGE = 50
TEMPLATE = """<!doctype html>
<title>Gallery</title>
{% for image in images %}
<figure>
  <img src="{{ image|thumbnail('200x200', crop='fit') }}" alt="">
  <figcaption>{{ image }}</figcaption>
</figure>
{% endfor %}
"""


def find_photos(folder: str) -> list[str]:
    photos = []
    for path in sorted(glob.glob(f"{folder}/**/*.jp*g", recursive=True)):
        with Image.open(path) as image:
            if not os.path.islink(path) and 2e6 <= image.width * image.height <= 15e6:
                photos.append(path)
    return photos


def fetch_photos(folder: str) -> list[str]:
    if given := os.environ.get("BENCH_PHOTOS"):
        return find_photos(given)
    subprocess.run(
        ["apt-get", "download", *DEBIAN_PACKAGES], cwd=folder, check=True, capture_output=True
    )
    for package in glob.glob(f"{folder}/*.deb"):
        subprocess.run(["dpkg", "-x", package, folder], check=True)
    return find_photos(folder)


def ours(data: bytes, crop: str | None = None) -> bytes:
    reading = Reading(max_pixels=50_000_000, max_decoded_pixels=25_000_000)
    spec = parse_spec("200x200", {}, {"crop": crop})
    return Original(data, reading).render(spec, "jpeg").data


def bare_pillow(data: bytes) -> bytes:
    out = BytesIO()
    with Image.open(BytesIO(data)) as image:
        image.draft(None, (2 * SIZE[0], 2 * SIZE[1]))
        image.thumbnail(SIZE, reducing_gap=2.0)
        image.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def flask_thumbnails(data: bytes) -> bytes:
    from flask_thumbnails import Thumbnail as Peer  # type: ignore[import-untyped]

    peer = Peer()
    image = Image.open(BytesIO(data))
    image.load()
    made: bytes = peer.get_raw_data(
        peer._create_thumbnail(image, SIZE, crop=None), format="JPEG", quality=QUALITY
    )
    return made


def libvips(data: bytes) -> bytes:
    import pyvips  # type: ignore[import-untyped]

    image = pyvips.Image.thumbnail_buffer(data, SIZE[0], height=SIZE[1], size="down")
    made: bytes = image.jpegsave_buffer(Q=QUALITY, strip=True)
    return made


def decode_whole(data: bytes) -> None:
    with Image.open(BytesIO(data)) as image:
        image.load()


def peak_memory(work: str, path: str) -> int:
    """Bytes by which a process of its own grows at most while it works on a file."""
    ran = subprocess.run(
        [sys.executable, __file__, work, path], check=True, stdout=subprocess.PIPE, text=True
    )
    return int(ran.stdout)


def measure_peak(work: str, path: str) -> None:
    call = {"ours": ours, "whole": decode_whole}[work]
    small = BytesIO()
    Image.new("RGB", (300, 300)).save(small, "JPEG")
    call(small.getvalue())
    with open(path, "rb") as file:
        data = file.read()
    # The peak that getrusage reports is inherited from the parent process.
    with open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")
    before = status("VmRSS")
    call(data)
    print(status("VmHWM") - before)


def status(field: str) -> int:
    """Bytes, of a line of /proc/self/status."""
    with open("/proc/self/status") as file:
        lines = dict(line.split(":", 1) for line in file)
    return int(lines[field].split()[0]) * 1024


def compare_pipelines(table: Table, photos: list[str]) -> None:
    peers = {"flask-thumbnails 1.1.1": flask_thumbnails, "bare Pillow": bare_pillow}
    peers["libvips"] = libvips
    times: dict[str, list[float]] = {name: [] for name in ["ours", *peers]}
    for path in photos:
        with open(path, "rb") as file:
            data = file.read()
        works = [lambda work=work, data=data: work(data) for work in [ours, *peers.values()]]
        for name, took in zip(times, best_of(*works, rounds=9), strict=True):
            times[name].append(took)
    mean = {name: geometric_mean(took) for name, took in times.items()}
    what = f"JPEG to 200x200 in memory, mean of {len(photos)} photographs"
    for name, bar, least in [("flask-thumbnails 1.1.1", "≥ 1.7 × faster", 1.7), ("libvips", "", 0)]:
        factor = mean[name] / mean["ours"]
        shown = f"{name} {duration(mean[name])}"
        figure = f"{factor:.2f} × faster"
        table.row(what, duration(mean["ours"]), shown, figure, bar, holds=factor >= least)
    table.ratio(what, mean["ours"], mean["bare Pillow"], "bare Pillow", most=1.1)
    pairs = zip(times["ours"], times["bare Pillow"], strict=True)
    ratios = [mine / theirs for mine, theirs in pairs]
    print(f"| ... each photograph | | | {min(ratios):.2f} to {max(ratios):.2f} × | | |", flush=True)


def compare_crops(table: Table, photos: list[str]) -> None:
    """Time the search for the place of a crop."""
    times: dict[str, list[float]] = {"smart": [], "fit": []}
    for path in photos:
        with open(path, "rb") as file:
            data = file.read()
        works = [partial(ours, data, crop) for crop in times]
        for crop, took in zip(times, best_of(*works, rounds=5), strict=True):
            times[crop].append(took)
    smart, fit = map(geometric_mean, times.values())
    table.ratio("... with crop='smart'", smart, fit, "crop='fit'", most=2)


def compare_memory(table: Table, photo: str, folder: str) -> None:
    path = f"{folder}/large.jpg"
    with Image.open(photo) as image:
        image.resize((8660, 5770)).save(path, quality=90)
    mine, whole = peak_memory("ours", path), peak_memory("whole", path)
    table.row(
        "peak memory, JPEG of 50 megapixels (a photograph, enlarged)",
        f"{mine / 1e6:.0f} MB",
        f"decoded whole {whole / 1e6:.0f} MB",
        f"{mine / whole:.2f} ×",
        "≤ 0.25 ×",
        holds=mine / whole <= 0.25,
    )


class CountingStorage(S3Storage):
    calls = 0

    def stat(self, name: str) -> FileInfo:
        CountingStorage.calls += 1
        return super().stat(name)

    def open(self, name: str) -> Any:
        CountingStorage.calls += 1
        return super().open(name)

    def save(self, *arguments: Any, **options: Any) -> FileInfo:
        CountingStorage.calls += 1
        return super().save(*arguments, **options)


class IdleQueue(ThreadQueue):
    """Takes jobs as its base does, but its threads make nothing: that would be other machines'
    work, and the page's own part is what is timed.
    """

    def __init__(self) -> None:
        super().__init__()
        self._threads = Threads(2, 1000, lambda app, job: None)


def make_app(
    endpoint_url: str, mode: str, cache: SimpleCache, *, is_private: bool = False
) -> Flask:
    app = Flask("bench")
    app.config.update(
        SECRET_KEY="secret",
        MEDIA_FOLDER="/srv/static/up",
        THUMBNAIL_S3_STATIC_ROOT_PARENT="/srv",
        THUMBNAIL_S3_STORAGE_TYPE="s3",
        THUMBNAIL_S3_BUCKET_NAME="bench",
        THUMBNAIL_S3_ENDPOINT_URL=endpoint_url,
        THUMBNAIL_S3_PRIVATE=is_private,
        THUMBNAIL_MODE=mode,
    )

    def storage_for(folder: str, bucket: str) -> S3Storage:
        return CountingStorage(
            bucket,
            prefix=folder,
            endpoint_url=endpoint_url,
            region="us-east-1",
            access_key_id="id",
            access_key_secret="secret",
        )

    Thumbnail(app, cache=cache, storage_for=storage_for, queue=IdleQueue())

    app.jinja_loader = DictLoader({"gallery.html": TEMPLATE})

    @app.route("/")
    def page() -> str:
        images = [f"photos/{number}.jpg" for number in range(PAGE)]
        return render_template("gallery.html", images=images)

    return app


def compare_pages(table: Table, photo: str) -> None:
    logging.getLogger("werkzeug").disabled = True
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint_url = "http://{}:{}".format(*server.get_host_and_port())
    cache = SimpleCache(threshold=10_000)
    app = make_app(endpoint_url, "inline", cache)
    state = app.extensions["flask_thumbnails_s3"].first
    originals = state.files.originals("bench")
    originals.client.create_bucket(Bucket="bench")
    with open(photo, "rb") as file:
        small = bare_pillow(file.read())
    for number in range(PAGE):
        originals.save(f"photos/{number}.jpg", BytesIO(small))

    app.test_client().get("/")
    CountingStorage.calls = 0
    with app.test_request_context():
        thumbnail = app.jinja_env.filters["thumbnail"]
        mine, peer = best_of(
            lambda: thumbnail("photos/1.jpg", "200x200", crop="fit"),
            lambda: url_for("static", filename="photos/1_200x200_fit_85.jpg"),
            rounds=15,
            calls=5_000,
        )
    table.ratio("warm filter call, S3, cache in process", mine, peer, "flask.url_for", most=3)
    time_private(table, make_app(endpoint_url, "inline", cache, is_private=True), peer)

    apps = {"warm": app} | {
        mode: make_app(endpoint_url, mode, SimpleCache()) for mode in ("lazy", "queue")
    }
    clients = {mode: app.test_client() for mode, app in apps.items()}
    inside = time_pages(apps, {mode: partial(client.get, "/") for mode, client in clients.items()})
    with ExitStack() as stack:
        urls = {mode: stack.enter_context(served(app)) for mode, app in apps.items()}
        outside = time_pages(apps, {mode: partial(fetch, url) for mode, url in urls.items()})
    for mode in ("lazy", "queue"):
        what = f"cold page of {PAGE} thumbnails over HTTP, {mode}"
        table.ratio(what, outside[mode], outside["warm"], "warm page", most=1.5)
        ratio = inside[mode] / inside["warm"]
        times = f"{duration(inside[mode])} | warm page {duration(inside['warm'])}"
        print(f"| ... without HTTP, by Flask's test client | {times} | {ratio:.2f} × | | |")
    calls = CountingStorage.calls
    row = "storage calls of all these calls and pages"
    table.row(row, str(calls), "", "", "0", holds=calls == 0)
    server.stop()


def time_private(table: Table, app: Flask, peer: float) -> None:
    """Time a warm call that signs its URL."""
    with app.test_request_context():
        thumbnail = app.jinja_env.filters["thumbnail"]
        signed = best_of(
            lambda: thumbnail("photos/1.jpg", "200x200", crop="fit"), rounds=15, calls=5_000
        )[0]
    times = f"{duration(signed)} | flask.url_for {duration(peer)}"
    print(f"| ... of a private bucket, signed | {times} | {signed / peer:.2f} × | | |", flush=True)


def time_pages(apps: dict[str, Flask], get: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of each app's page; the cold ones know the template, but none of the images."""
    times = dict.fromkeys(apps, float("inf"))
    for _ in range(300):
        for mode, app in apps.items():
            if mode != "warm":
                state = app.extensions["flask_thumbnails_s3"].first
                state.memory.cache.clear()
                state.memory._leases._leases.clear()
                state.wants._cached.cache_clear()
            times[mode] = min(times[mode], *best_of(get[mode], rounds=1))
    return times


@contextmanager
def served(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}/"
    server.shutdown()
    thread.join()


def fetch(url: str) -> bytes:
    with urlopen(url) as answer:
        data: bytes = answer.read()
    return data


def main() -> None:
    table = Table("flask-thumbnails-s3", "pillow", "flask-thumbnails", "pyvips", "flask")
    with tempfile.TemporaryDirectory() as folder:
        photos = fetch_photos(folder)
        compare_pipelines(table, photos)
        compare_crops(table, photos)
        compare_memory(table, photos[0], folder)
        compare_pages(table, photos[0])


if __name__ == "__main__":
    if len(sys.argv) == 3:
        measure_peak(*sys.argv[1:])
    else:
        main()
