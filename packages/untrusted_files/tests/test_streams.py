"""Streams of every kind: all calls take the good ones, and refuse the others by name."""

import io
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

import pytest
from PIL import Image
from samples import png

from untrusted_files import (
    ArgumentError,
    Rules,
    is_utf8,
    measure,
    possible_types,
    sniff_content_type,
)
from untrusted_files.pictures import Resize, check_picture, fit, open_picture, read_info, render

CALLS: dict[str, Callable[[Any], object]] = {
    "Rules.check": lambda file: Rules().check(file, "a.png"),
    "measure": measure,
    "sniff_content_type": sniff_content_type,
    "possible_types": possible_types,
    "is_utf8": is_utf8,
    "open_picture": open_picture,
    "read_info": read_info,
    "check_picture": check_picture,
    "render": lambda file: render(file, Resize(), "jpeg"),
    "fit": lambda file: fit(file, Resize()),
}


class Upload:
    """A framework's own wrapper, which has the calls but is no stream, as FastAPI's is."""

    async def read(self, size: int = -1) -> bytes:
        return b""

    async def seek(self, offset: int) -> None:
        pass


@pytest.fixture
def wrong(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[object]:
    path = tmp_path / "a.png"
    path.write_bytes(png())
    match request.param:
        case "text file":
            with path.open(encoding="latin-1") as text:
                yield text
        case "text":
            yield io.StringIO("a")
        case "closed":
            closed = io.BytesIO(png())
            closed.close()
            yield closed
        case "pipe":
            reading, writing = os.pipe()
            os.close(writing)
            with os.fdopen(reading, "rb") as pipe:
                yield pipe
        case "only for writing":
            with path.open("ab") as file:
                yield file
        case "bytes":
            yield png()
        case "path":
            yield str(path)
        case "none":
            yield None
        case "wrapper":
            yield Upload()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    "wrong",
    ["text file", "text", "closed", "pipe", "only for writing", "bytes", "path", "none", "wrapper"],
    indirect=True,
)
def test_what_is_no_binary_stream_is_a_mistake_in_code(call: str, wrong: object) -> None:
    """The error names the argument, and no visitor reads that a picture is damaged."""
    with pytest.raises(ArgumentError, match="file must be an open binary stream that can be rew"):
        CALLS[call](wrong)


@pytest.mark.parametrize("kind", ["memory", "file", "raw file", "spooled", "on disk"])
def test_binary_streams_of_all_kinds_do(kind: str, tmp_path: Path) -> None:
    """Wherever they stand before; they are left open, at their start."""
    path = tmp_path / "a.png"
    path.write_bytes(png())
    streams: dict[str, Callable[[], IO[bytes]]] = {
        "memory": lambda: io.BytesIO(png()),
        "file": lambda: path.open("rb"),
        "raw file": lambda: path.open("rb", buffering=0),
        "spooled": tempfile.SpooledTemporaryFile,
        "on disk": tempfile.TemporaryFile,
    }
    with streams[kind]() as stream:
        if stream.writable() and not stream.read(1):
            stream.write(png())
        stream.seek(3)
        assert sniff_content_type(stream, "a.png") == "image/png"
        assert (stream.tell(), measure(stream)) == (0, len(png()))
        assert Rules(types=("image/png",)).check(stream, "a.png").size == len(png())
        assert not is_utf8(stream)
        assert stream.read() == png()


class Odd(io.BytesIO):
    """A stream as some libraries have it: seek() returns nothing, and what is read is no bytes."""

    def seek(self, offset: int, whence: int = 0, /) -> Any:
        super().seek(offset, whence)

    def read(self, size: int | None = -1, /) -> Any:
        return bytearray(super().read(size))


@pytest.mark.parametrize("call", CALLS)
def test_streams_of_other_libraries_do(call: str) -> None:
    """What counts is where a stream stands, and which bytes it has."""
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(data, "PNG")
    stream = Odd(data.getvalue())
    CALLS[call](stream)
    assert stream.tell() == 0
    assert measure(stream) == len(data.getvalue())
    assert sniff_content_type(stream) == "image/png"
