"""flask uploads check asks a CDN, too, for what must be closed to strangers."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from test_cli import run
from upload_site import MakeSite

from s3_saver import S3Storage


def certificate(folder: Path) -> Path:
    """A file with a key and its own certificate for 127.0.0.1."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "edge")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "edge.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


#: Starts a CDN for the keys that it lets everybody read; returns its domain.
StartEdge = Callable[[S3Storage, str], str]


@pytest.fixture
def start_edge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StartEdge]:
    pem = certificate(tmp_path)
    monkeypatch.setenv("AWS_CA_BUNDLE", str(pem))
    with ExitStack() as stack:

        def start(bucket: S3Storage, closed: str) -> str:
            class Edge(BaseHTTPRequestHandler):
                def do_GET(self) -> None:
                    key = self.path.removeprefix("/")
                    if closed and closed in key:
                        self.send_error(403)
                        return
                    with bucket.open(key) as file:
                        body = file.read()
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)

                def log_message(self, format: str, *arguments: object) -> None:
                    pass

            server = stack.enter_context(ThreadingHTTPServer(("127.0.0.1", 0), Edge))
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(pem)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            thread = threading.Thread(target=server.serve_forever)
            thread.start()
            stack.callback(thread.join)
            stack.callback(server.shutdown)
            return f"127.0.0.1:{server.server_port}"

        yield start


@pytest.mark.parametrize("closed", ["", "pending/"])
def test_a_cdn_that_may_read_the_whole_bucket(
    make_s3: MakeSite, start_edge: StartEdge, closed: str
) -> None:
    """It serves what is public, and is reported if it serves what is pending as well."""
    site = make_s3(UPLOADS_S3_PREFIX="media")
    assert isinstance(site.storage, S3Storage)
    domain = start_edge(site.storage.derive(prefix=""), closed)
    site = make_s3(UPLOADS_S3_PREFIX="media", UPLOADS_S3_CDN_DOMAIN=domain)
    output = run(site, "check").output
    assert "✓ public files answer at their URLs" in output, output
    assert ("✓ pending uploads are closed to strangers" in output) == bool(closed)
    assert (f"https://{domain}/media/pending/check-" in output) == (not closed)
