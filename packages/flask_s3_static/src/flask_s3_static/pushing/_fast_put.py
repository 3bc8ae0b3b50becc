"""The short way into a bucket: a presigned PUT on a connection that is kept.

This is here for speed alone. Thousands of small files are what a push of static files is, and the
SDK takes about four times the processor time for one PutObject, all of it in one interpreter: by it
alone a push of 2,700 files takes 1.5 to 1.8 times as long (benchmarks/bench_static_push.py). So
plain files go this way. The signature is :func:`~url_for_s3.presign_url_for_s3`'s, the connection
the standard library's; urllib3's pool takes 1.3 times the processor time of the whole push
(benchmarks/README.md). What this cannot take, or S3 does not take from it, goes the long way,
:meth:`s3_saver.S3Storage.save`, which knows all about retries, encryption, proxies and errors; so
no error is ever reported from here.
"""

import base64
import hashlib
import os
import socket
import ssl
import threading
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from s3_saver import S3Storage
from url_for_s3 import presign_url_for_s3

_TIMEOUT = 30  # seconds
_MOST_HEAD = 65536  # bytes
_EXPIRES = 900  # seconds; a URL is used at once, but clocks differ

# Headers that S3 takes unsigned; those that begin with x-amz- must be signed.
_HEADERS = {
    "CacheControl": "Cache-Control",
    "ContentDisposition": "Content-Disposition",
    "ContentEncoding": "Content-Encoding",
    "ContentLanguage": "Content-Language",
    "ContentType": "Content-Type",
    "Expires": "Expires",
}


class FastPut:
    """Stores objects by presigned PUTs; each thread that uses it has a connection of its own."""

    def __init__(self, storage: S3Storage) -> None:
        # On Amazon as well, where it may be that of a private network or of IPv6.
        self._endpoint_url = storage.client.meta.endpoint_url
        endpoint = urlsplit(self._endpoint_url)
        self._bucket = storage.bucket_name
        self._credentials = storage.credentials
        self._region = storage.region or "us-east-1"
        self._url_style = "path" if storage.endpoint_url else "host"  # as the SDK does
        is_beside = bool(proxy_bypass(endpoint.hostname or ""))
        self._is_open = endpoint.scheme not in getproxies() or is_beside
        self._tls: ssl.SSLContext | None = None
        if endpoint.scheme == "https":
            self._tls = ssl.create_default_context(cafile=os.environ.get("AWS_CA_BUNDLE"))
        self._of_thread = threading.local()

    def put(self, key: str, data: bytes, parameters: Mapping[str, Any]) -> bool:
        """Store an object; ``False`` if it is to go the long way.

        :param parameters: of PutObject.
        """
        if not self._is_open or not parameters.keys() <= _HEADERS.keys():
            return False
        headers = {_HEADERS[name]: _text(value) for name, value in parameters.items()}
        digest = hashlib.md5(data, usedforsecurity=False).digest()
        headers["Content-MD5"] = base64.b64encode(digest).decode()  # S3 refuses what is damaged
        try:
            status = self._send(key, data, headers)
        except (ConnectionRefusedError, ssl.SSLError, TimeoutError):
            self._is_open = False  # nobody there, or a certificate that only the SDK knows
            return False
        except (OSError, HTTPException, ValueError):
            self.close()
            return False
        if 300 <= status < 500:
            # Another region, a policy against presigned requests, a wrong clock: the next is no
            # better, and the SDK knows the way or says what is wrong.
            self._is_open = False
        return status == 200

    def close(self) -> None:
        """Close the connection of this thread."""
        if connection := self._of_thread.__dict__.pop("connection", None):
            connection.close()

    def _send(self, key: str, data: bytes, headers: dict[str, str]) -> int:
        url = presign_url_for_s3(
            "",
            self._bucket,
            filename=key,
            url_style=self._url_style,
            endpoint_url=self._endpoint_url,
            region=self._region,
            credentials=self._credentials,
            method="PUT",
            expires=_EXPIRES,
        )
        _, _, host, path = url.split("/", 3)
        lines = [f"PUT /{path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(data)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if any("\n" in line or "\r" in line for line in lines):
            raise ValueError("a header has a line break")
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        connection = self._connection(host)
        # In one write, which http.client's own request() would make two packets of.
        connection.send(head + data)
        return self._receive(connection.sock)

    def _receive(self, connection: socket.socket) -> int:
        """Return the status of an answer. What has more than a head is not read to its end.

        :class:`http.client.HTTPResponse` makes an email message of each, in a sixth of the
        processor time of the whole push.
        """
        head = b""
        while b"\r\n\r\n" not in head:
            data = connection.recv(_MOST_HEAD)
            if not data or len(head) > _MOST_HEAD:
                raise HTTPException("no answer")
            head += data
        if not _has_no_more(head):
            self.close()
        return int(head[9:12])

    def _connection(self, host: str) -> HTTPConnection:
        connection: HTTPConnection | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            if self._tls:
                connection = HTTPSConnection(host, timeout=_TIMEOUT, context=self._tls)
            else:
                connection = HTTPConnection(host, timeout=_TIMEOUT)
            connection.connect()
            self._of_thread.connection = connection
        return connection


def _has_no_more(head: bytes) -> bool:
    """Report whether the connection can take the next request after the answer of this head."""
    lines = head.lower().split(b"\r\n")
    return (
        head.startswith(b"HTTP/1.1 ")
        and head.endswith(b"\r\n\r\n")
        and b"content-length: 0" in lines
        and b"connection: close" not in lines
    )


def _text(value: str | datetime) -> str:
    return format_datetime(value, usegmt=True) if isinstance(value, datetime) else value
