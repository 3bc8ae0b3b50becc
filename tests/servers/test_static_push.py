"""A push over a far network to a server that checks signatures."""

import socket
import threading
from pathlib import Path

import pytest
from flask import Flask

from flask_s3_static import FlaskS3, create_all
from s3_saver import S3Storage
from s3_saver.testing import S3Server
from servers.delay_proxy import delay_proxy


def make_app(folder: Path, storage: S3Storage, server: S3Server, url: str) -> Flask:
    app = Flask("site", root_path=str(folder), instance_path=str(folder / "instance"))
    app.config.update(
        AWS_ACCESS_KEY_ID=server.access_key_id,
        AWS_SECRET_ACCESS_KEY=server.access_key_secret,
        FLASKS3_BUCKET_NAME=storage.bucket_name,
        FLASKS3_ENDPOINT_URL=url,
        FLASKS3_HASHED_NAMES=True,
    )
    FlaskS3(app)
    return app


def test_delay_proxy_forwards() -> None:
    """The proxy passes every byte on in order, both ways, and the end of a connection, too."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def echo() -> None:
            connection, _ = listener.accept()
            with connection:
                while data := connection.recv(65536):
                    connection.sendall(data)

        threading.Thread(target=echo, daemon=True).start()
        upstream = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with delay_proxy(upstream, round_trip=0.002) as url:
            port = int(url.rpartition(":")[2])
            with socket.create_connection(("127.0.0.1", port)) as client:
                sent = bytes(range(256)) * 4000
                threading.Thread(target=client.sendall, args=(sent,), daemon=True).start()
                received = b""
                while len(received) < len(sent):
                    received += client.recv(65536)
                client.shutdown(socket.SHUT_WR)
                assert received == sent
                assert client.recv(1) == b""


@pytest.mark.servers
def test_push_through_the_proxy(storage: S3Storage, s3_server: S3Server, tmp_path: Path) -> None:
    """A push through the proxy stores every byte, and a second one has nothing to do."""
    (tmp_path / "static").mkdir()
    for number in range(100):
        (tmp_path / f"static/{number}.js").write_text(str(number))
    with delay_proxy(s3_server.endpoint_url, round_trip=0.010) as url:
        app = make_app(tmp_path, storage, s3_server, url)
        report = create_all(app)
        assert len(report.sent) == 200
        assert not create_all(app).sent
    for info in storage.find("static/"):
        with storage.open(info.name) as file:
            assert file.read() == info.name.partition(".")[0].rpartition("/")[2].encode()
