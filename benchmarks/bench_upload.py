"""flask_s3_upload compared with boto3 and bare s3_saver: how fast it signs and saves, and the
memory of an app while people upload.

S3 is moto's server in a process of its own, or the one that S3_TEST_ENDPOINT, S3_TEST_KEY and
S3_TEST_SECRET name. The app under load runs in a process of its own too.
"""

import io
import json
import os
import re
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from _table import Table, best_of
from flask import Flask, jsonify, request
from werkzeug.serving import make_server
from werkzeug.test import EnvironBuilder

from flask_s3_upload import DirectUpload, Uploads
from s3_saver import S3Storage
from untrusted_files import Rules

CLIENTS = 10
SIZE = 100_000_000  # bytes that each client sends
MIB = 1024 * 1024
_MOTO = (
    "import sys; from moto.server import ThreadedMotoServer;"
    "moto = ThreadedMotoServer('127.0.0.1', 0, verbose=False); moto.start();"
    "print(moto.get_host_and_port()[1], flush=True); sys.stdin.read()"
)


def make_app(folder: str, settings: dict[str, Any]) -> Flask:
    app = Flask("bench", instance_path=folder)
    app.config.update(SECRET_KEY="bench", **settings)
    uploads = Uploads(app, user=lambda: "ann")
    uploads.allow_direct(rules=Rules(max_bytes=SIZE), authorize=lambda upload: True)
    app.extensions["bench_uploads"] = uploads

    @app.post("/form")
    def form() -> dict[str, Any]:
        return uploads.save(request.files["file"], to="forms/").to_dict()

    return app


def serve() -> None:
    """Run as the app under load: print the port, then end with standard input."""
    app = make_app(sys.argv[2], json.loads(sys.argv[3]))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(server.server_port, flush=True)
    server.serve_forever()


class Process:
    """A server in a process of its own, which prints its port."""

    def __init__(self, *command: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())

    def peak(self) -> int:
        """The most memory that it has ever had, in bytes."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) * 1024

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()


class Body:
    """As many zeros as a client sends, within some other bytes; they are never in memory."""

    def __init__(self, before: bytes = b"", after: bytes = b"") -> None:
        self._before, self._after = before, after
        self.length = len(before) + SIZE + len(after)

    def __iter__(self) -> Any:
        yield self._before
        chunk = bytes(MIB)
        for start in range(0, SIZE, MIB):
            yield chunk[: SIZE - start]
        yield self._after


def form_of(fields: dict[str, str]) -> tuple[Body, str]:
    lines = [
        f'--xx\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    lines.append('--xx\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n')
    return Body("".join(lines).encode(), b"\r\n--xx--\r\n"), "multipart/form-data; boundary=xx"


def send(method: str, url: str, body: Body, content_type: str) -> None:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=600)
    headers = {"Content-Type": content_type, "Content-Length": str(body.length)}
    connection.request(method, f"{parts.path}?{parts.query}", body, headers)
    answer = connection.getresponse()
    assert answer.status < 300, (answer.status, answer.read())
    connection.close()


def sign(port: int) -> Any:
    connection = HTTPConnection("127.0.0.1", port)
    question = {"filename": "a.bin", "size": SIZE, "type": "application/octet-stream"}
    headers = {"Content-Type": "application/json"}
    connection.request("POST", "/uploads/-/sign", json.dumps(question), headers)
    return json.load(connection.getresponse())


def send_directly(port: int) -> None:
    answer = sign(port)
    if answer["method"] == "POST":
        send("POST", answer["url"], *form_of(answer["fields"]))
    else:
        url = f"http://127.0.0.1:{port}{answer['url']}"
        send("PUT", url, Body(), answer["headers"]["Content-Type"])


def send_form(port: int) -> None:
    send("POST", f"http://127.0.0.1:{port}/form", *form_of({}))


def growth(settings: dict[str, Any], client: Callable[[int], None]) -> int:
    """By how many bytes an app's memory grows while all clients send."""
    with tempfile.TemporaryDirectory() as folder:
        app = Process(__file__, "serve", folder, json.dumps(settings))
        try:
            sign(app.port)
            before = app.peak()
            with ThreadPoolExecutor(CLIENTS) as pool:
                list(pool.map(client, [app.port] * CLIENTS))
            return app.peak() - before
        finally:
            app.stop()


def caller(app: Flask, path: str) -> Callable[[], None]:
    """Ask an app a question, by WSGI alone."""
    question = {"filename": "cat.png", "size": 10_000, "type": "image/png"}
    environ = EnvironBuilder(path=path, method="POST", json=question).get_environ()
    body = environ["wsgi.input"].read()

    def call() -> None:
        asked = {**environ, "wsgi.input": io.BytesIO(body)}
        statuses: list[str] = []
        b"".join(app(asked, lambda status, headers, error=None: statuses.append(status)))  # type: ignore[arg-type]
        assert statuses == ["200 OK"], statuses

    return call


def main() -> None:
    table = Table("flask", "boto3", "werkzeug")
    moto = None
    if not (endpoint := os.environ.get("S3_TEST_ENDPOINT")):
        moto = Process("-c", _MOTO)
        endpoint = f"http://127.0.0.1:{moto.port}"
    settings = {
        "UPLOADS_S3_BUCKET_NAME": f"bench-{uuid.uuid4().hex[:12]}",
        "UPLOADS_S3_REGION": "us-east-1",
        "UPLOADS_S3_ENDPOINT_URL": endpoint,
        "UPLOADS_S3_ACCESS_KEY_ID": os.environ.get("S3_TEST_KEY", "testkey"),
        "UPLOADS_S3_ACCESS_KEY_SECRET": os.environ.get("S3_TEST_SECRET", "testsecret"),
    }
    storage = S3Storage(
        settings["UPLOADS_S3_BUCKET_NAME"],
        endpoint_url=endpoint,
        region="us-east-1",
        access_key_id=settings["UPLOADS_S3_ACCESS_KEY_ID"],
        access_key_secret=settings["UPLOADS_S3_ACCESS_KEY_SECRET"],
    )
    storage.client.create_bucket(Bucket=storage.bucket_name)
    folder = tempfile.mkdtemp()
    try:
        compare_signing(table, make_app(folder, settings), storage)
        compare_saving(table, make_app(folder, settings), storage)
        sending = f"{CLIENTS} clients send {SIZE / 1e6:.0f} MB each"
        for what, place, client, most in (
            ("directly to S3", settings, send_directly, 8),
            ("directly to the disk", {}, send_directly, 64),
            ("by a form, saved on disk", {}, send_form, 64),
        ):
            grown = growth(place, client) / MIB
            shown = f"{grown:.1f} MiB"
            table.row(f"{sending} {what}", shown, "", shown, f"≤ {most} MiB", holds=grown <= most)
        storage.delete(*[info.name for info in storage.find()])
        storage.client.delete_bucket(Bucket=storage.bucket_name)
    finally:
        if moto:
            moto.stop()


def compare_signing(table: Table, app: Flask, storage: S3Storage) -> None:
    def presign(size: int = 10_000, content_type: str = "image/png") -> dict[str, Any]:
        return storage.client.generate_presigned_post(
            storage.bucket_name,
            f"pending/{uuid.uuid4().hex}",
            Fields={"Content-Type": content_type},
            Conditions=[
                {"Content-Type": content_type},
                ["content-length-range", size, size],
            ],
            ExpiresIn=3600,
        )

    @app.post("/boto3")
    def by_boto3() -> Any:
        question = request.get_json()
        return jsonify(presign(question["size"], question["type"]))

    @app.post("/nothing")
    def nothing() -> Any:
        return jsonify(request.get_json())

    direct = app.extensions["flask_s3_upload"][""].direct
    upload = DirectUpload("file", "cat.png", 10_000, "image/png", "ann", id=uuid.uuid4().hex)
    signing, by_peer, answer, peers_answer, bare = best_of(
        lambda: direct.transport.form(upload),
        presign,
        caller(app, "/uploads/-/sign"),
        caller(app, "/boto3"),
        caller(app, "/nothing"),
        rounds=15,
        calls=200,
    )
    for what, ours, peer in (
        ("forms signed a second", signing, by_peer),
        ("whole answers a second, token and all", answer, peers_answer),
    ):
        table.row(
            what,
            f"{1 / ours:,.0f}",
            f"generate_presigned_post {1 / peer:,.0f}",
            f"{peer / ours:.2f} ×",
            "≥ 5 ×",
            holds=peer / ours >= 5,
        )
    table.row("a view that signs nothing", f"{1 / bare:,.0f}", "", "", "", holds=True)


def compare_saving(table: Table, app: Flask, storage: S3Storage) -> None:
    uploads = app.extensions["bench_uploads"]
    data = bytes(10_000)
    with app.app_context():
        ours, peer = best_of(
            lambda: uploads.save(io.BytesIO(data), to=f"ours/{uuid.uuid4().hex}.bin"),
            lambda: storage.save(f"bare/{uuid.uuid4().hex}.bin", io.BytesIO(data), overwrite=False),
            rounds=15,
            calls=30,
        )
    table.ratio("`save` of 10 kB", ours, peer, "S3Storage.save", most=1.2)


if __name__ == "__main__":
    serve() if sys.argv[1:2] == ["serve"] else main()
