"""Headers of the settings as parameters of PutObject."""

from datetime import UTC, datetime
from typing import Any

import pytest

from flask_s3_static._headers import HeaderError, merged, put_parameters


def test_parameters() -> None:
    """Names are taken in any case; what S3 has no place for is metadata."""
    headers: dict[object, object] = {
        "CACHE-CONTROL": "a",
        "Content-Disposition": "b",
        "x-amz-acl": "c",
        "X-Amz-Storage-Class": "d",
        "x-amz-meta-Owner": "e",
        "Texted-Up-By": "Mister Foo",
    }
    assert put_parameters(headers) == {
        "CacheControl": "a",
        "ContentDisposition": "b",
        "ACL": "c",
        "StorageClass": "d",
        "Metadata": {"owner": "e", "texted-up-by": "Mister Foo"},
    }


@pytest.mark.parametrize("zone", ["GMT", "+0000", "-0000"])
def test_dates(zone: str) -> None:
    """Expires is a date of HTTP, in UTC."""
    wanted = {"Expires": datetime(2010, 4, 15, 20, tzinfo=UTC)}
    assert put_parameters({"Expires": f"Thu, 15 Apr 2010 20:00:00 {zone}"}) == wanted


@pytest.mark.parametrize("name", ["Content-MD5", "content-md5", "Content-Length"])
def test_headers_that_depend_on_the_bytes_are_refused(name: str) -> None:
    """Content-MD5 and Content-Length are no metadata either: they differ from file to file."""
    with pytest.raises(HeaderError, match=f"'{name}' depends on the bytes of each file: remove it"):
        put_parameters({name: "5"})


def test_merged() -> None:
    """The later layer wins, metadata name by name."""
    layers: list[dict[str, Any]] = [
        {"ACL": "a", "Metadata": {"x": "1", "y": "1"}},
        {"CacheControl": "b"},
        {"ACL": "c", "Metadata": {"y": "2"}},
    ]
    wanted = {"ACL": "c", "CacheControl": "b", "Metadata": {"x": "1", "y": "2"}}
    assert merged(*layers) == wanted
    assert layers[0]["Metadata"] == {"x": "1", "y": "1"}
