"""Stores that are not quite S3, as proxies in front of one that is.

Each is what a store does according to its documents or bug reports. The server behind must not
check signatures, since requests are changed on their way: moto does not.
"""

import os
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from fault_proxy import Fault, forward, refuse

CONDITIONS = ("If-None-Match", "If-Match")


def send(handler: Any, status: int, headers: Iterable[tuple[str, str]], body: bytes) -> None:
    handler.send_head(status, list(headers), len(body))
    if handler.command != "HEAD":
        handler.wfile.write(body)


def answer(status: int, body: bytes, content_type: str = "application/xml") -> Fault:
    """Answer each request with the same."""

    def fault(handler: Any) -> None:
        handler.read_body()
        send(handler, status, [("Content-Type", content_type)], body)

    return fault


def leaving_out(*headers: str) -> Fault:
    """A proxy that drops headers of answers, or a store without them. Listings are as they were."""

    def fault(handler: Any) -> None:
        status, given, body = handler.ask_upstream()
        kept = [(key, value) for key, value in given if key not in headers]
        if "Content-Length" not in headers or (handler.command != "GET" and status != 200):
            send(handler, status, kept, body)
            return
        handler.send_response_only(status)
        for key, value in kept:
            if key.lower() not in ("content-length", "transfer-encoding", "connection"):
                handler.send_header(key, value)
        if handler.command != "HEAD":
            handler.send_header("Connection", "close")
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(body)
            handler.close_connection = True

    return fault


def listing_without(*elements: str) -> Fault:
    """A store whose listings lack elements; everything else is as it should be."""

    def fault(handler: Any) -> None:
        status, headers, body = handler.ask_upstream()
        if handler.command == "GET" and _query(handler).get("list-type"):
            for element in elements:
                body = re.sub(rf"<{element}>[^<]*</{element}>".encode(), b"", body)
        send(handler, status, headers, body)

    return fault


def lists_without_prefix(handler: Any) -> None:
    """A store whose listings are always of the whole bucket."""
    query = _query(handler)
    if handler.command == "GET":
        query.pop("prefix", None)
    send(handler, *handler.ask_upstream(path=_path(handler, query, 1000)))


def version_1_lists(page_size: int) -> Fault:
    """A store that answers a listing of version 2 as one of version 1: DigitalOcean (mc#3067)."""

    def fault(handler: Any) -> None:
        query = _query(handler)
        if handler.command != "GET" or "prefix" not in query:
            forward(handler)
            return
        for name in ("list-type", "start-after", "continuation-token"):
            query.pop(name, None)
        send(handler, *handler.ask_upstream(path=_path(handler, query, page_size)))

    return fault


def start_after_lists(page_size: int) -> Fault:
    """A store that has StartAfter, but no tokens and no markers."""

    def fault(handler: Any) -> None:
        query = _query(handler)
        if handler.command != "GET" or "prefix" not in query:
            forward(handler)
            return
        query.pop("marker", None)
        status, headers, body = handler.ask_upstream(path=_path(handler, query, page_size))
        body = re.sub(rb"<NextContinuationToken>[^<]*</NextContinuationToken>", b"", body)
        send(handler, status, headers, body)

    return fault


def endless_lists(page_size: int, *, with_tokens: bool = False) -> Fault:
    """A store that says that there is more, and always answers the first page; with another token
    each time, or without one.
    """

    def fault(handler: Any) -> None:
        query = _query(handler)
        for name in ("marker", "start-after", "continuation-token"):
            query.pop(name, None)
        status, headers, body = handler.ask_upstream(path=_path(handler, query, page_size))
        token = "NextContinuationToken"
        new = f"<{token}>{os.urandom(8).hex()}</{token}>" if with_tokens else ""
        body = re.sub(rf"<{token}>[^<]*</{token}>".encode(), new.encode(), body)
        send(handler, status, headers, body)

    return fault


def without_conditions(handler: Any) -> None:
    """A store that ignores If-None-Match and If-Match: rclone, s3rver, GCS."""
    send(handler, *handler.ask_upstream(without=CONDITIONS))


def refusing_conditions(status: int, code: str) -> Fault:
    """A store that refuses them: B2, OSS."""

    def fault(handler: Any) -> None:
        if any(name in handler.headers for name in CONDITIONS):
            refuse(status, code)(handler)
        else:
            forward(handler)

    return fault


def taking_part_copies_for_parts(handler: Any) -> None:
    """A store that does not see that a part shall be copied: rclone."""
    if "x-amz-copy-source" in handler.headers and "partNumber" in handler.path:
        names = [name for name in handler.headers if name.startswith("x-amz-copy-source")]
        send(handler, *handler.ask_upstream(without=tuple(names), body=b""))
    else:
        forward(handler)


def refusing_part_copies(status: int, code: str) -> Fault:
    """A store without UploadPartCopy: s3rver."""

    def fault(handler: Any) -> None:
        if "x-amz-copy-source" in handler.headers and "partNumber" in handler.path:
            refuse(status, code)(handler)
        else:
            forward(handler)

    return fault


def _query(handler: Any) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(handler.path).query, keep_blank_values=True))


def _path(handler: Any, query: dict[str, str], page_size: int) -> str:
    query["max-keys"] = str(min(int(query.get("max-keys", page_size)), page_size))
    return f"{urlsplit(handler.path).path}?{urlencode(query)}"
