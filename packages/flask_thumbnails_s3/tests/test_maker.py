import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from image_files import ImageFile, OpenImage
from PIL import Image
from thumbnail_place import Place

from flask_thumbnails_s3 import StorageFailedError, Thumbnail, ThumbnailUrl
from flask_thumbnails_s3.naming._source import Source
from s3_saver import AccessDeniedError, S3SaverError, StorageUnavailableError

Hook = Callable[[str, str], None]


def once(method: str, name: str, action: Callable[[], object]) -> Hook:
    """Act just before the first such call."""
    acted: list[bool] = []

    def hook(called: str, on: str) -> None:
        if (called, on) == (method, name) and not acted:
            acted.append(True)
            action()

    return hook


def show(app: Any, size: str = "20x20", image: str = "a.jpg") -> ThumbnailUrl:
    with app.test_request_context():
        url: ThumbnailUrl = app.jinja_env.filters["thumbnail"](image, size)
    return url


def test_replaced_while_it_is_made(
    place: Place, image_file: ImageFile, open_image: OpenImage
) -> None:
    """An image that is replaced after it was read and before its thumbnail is saved is read again:
    else the thumbnail, newer than the image, would be the old one's for good.
    """
    place.save("a.jpg", image_file((80, 60)))
    new = image_file((60, 80))
    place.hooks.append(once("save", "a_20x20_85.jpg", lambda: place.save("a.jpg", new)))
    app = place.app()
    url = show(app)
    assert (url.width, url.height) == (15, 20)
    assert open_image(place.read("a_20x20_85.jpg")).size == (15, 20)
    assert place.calls["open", "a.jpg"] == 2
    assert show(app).height == 20


def test_deleted_while_it_is_made(place: Place, image_file: ImageFile) -> None:
    """An image that is deleted while its thumbnail is made leaves no orphan."""
    place.save("a.jpg", image_file())
    place.hooks.append(once("save", "a_20x20_85.jpg", lambda: place.originals.delete("a.jpg")))
    assert show(place.app()).stands_in
    assert place.names() == []


def test_replaced_again_and_again(
    place: Place, image_file: ImageFile, caplog: pytest.LogCaptureFixture
) -> None:
    """An image that is replaced whenever it was read is given up for a while, and logged."""
    sides = iter(range(60, 100))

    def replace(method: str, name: str) -> None:
        if method == "save":
            place.save("a.jpg", image_file((next(sides), 60)))

    place.save("a.jpg", image_file())
    place.hooks.append(replace)
    assert show(place.app()).stands_in
    assert place.names() == []
    assert caplog.text.count("replaced while it was read") == 1


def test_deleted_while_they_are_made(place: Place, image_file: ImageFile, state_of: Any) -> None:
    """Thumbnails that are deleted while others of the image are being made are not remembered as if
    they were there.
    """
    place.save("a.jpg", image_file())
    extension = Thumbnail(storage_for=place.counted)
    app = place.app(thumbnail=extension)
    place.hooks.append(once("save", "a_30x30_85.jpg", lambda: extension.delete("a.jpg")))
    with app.test_request_context():
        extension.generate("a.jpg", ["20x20", "30x30"])
        assert place.names() == ["a_30x30_85.jpg"]
        assert extension.thumbnail("a.jpg", "20x20") == place.url("a_20x20_85.jpg")
    assert place.names() == ["a_20x20_85.jpg", "a_30x30_85.jpg"]


def test_lease_that_was_lost(place: Place, image_file: ImageFile, state_of: Any) -> None:
    """What takes longer than the lease is left to who has taken it over meanwhile."""
    place.save("a.jpg", image_file())
    app = place.app()
    state = state_of(app)
    with app.app_context():
        wanted = [state.wants.want(Source("a.jpg"), size) for size in ("20x20", "30x30")]
    key = wanted[1].key

    def take_over() -> None:
        state.memory.revoke([key])
        state.memory.acquire(key, "another")

    place.hooks.append(once("save", "a_20x20_85.jpg", take_over))
    outcomes = state.maker.make_leased(wanted, "me")
    assert outcomes == {wanted[0]: (20, 15)}
    assert place.names() == ["a_20x20_85.jpg"]
    assert not state.memory.acquire(key, "me")


def test_each_is_known_at_once(place: Place, image_file: ImageFile, state_of: Any) -> None:
    """A thumbnail is known as soon as it is saved, not when all of its image are."""
    place.save("a.jpg", image_file())
    extension = Thumbnail(storage_for=place.counted)
    app = place.app(thumbnail=extension)
    key = state_of(app).wants.key(place.bucket, "a_20x20_85.jpg")
    known = []
    place.hooks.append(
        once("save", "a_30x30_85.jpg", lambda: known.append(state_of(app).memory.get(key)))
    )
    with app.app_context():
        extension.generate("a.jpg", ["20x20", "30x30"])
    assert known == [(20, 15)]


def test_one_too_large_of_several(place: Place, image_file: ImageFile) -> None:
    """A size that cannot be made keeps no other from being made."""
    place.save("a.jpg", image_file(image=Image.new("RGB", (80, 60), "red")))
    app = place.app(THUMBNAIL_MAX_PIXELS=5000)
    with app.test_request_context():
        srcset = app.jinja_env.filters["thumbnail_srcset"](
            "a.jpg", "40x30", densities=(1, 3), crop="fit"
        )
    assert srcset == f"{place.url('a_40x30_fit_85.jpg')} 1x"
    assert place.calls["open", "a.jpg"] == 1


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("method", ["stat", "open", "save", "delete"])
def test_storage_that_fails(
    method: str, strict: bool, place: Place, image_file: ImageFile, caplog: pytest.LogCaptureFixture
) -> None:
    """Wherever the storage fails, the page gets the placeholder and the log the reason; strict
    mode raises.
    """

    def fail(called: str, name: str) -> None:
        if called == "save" and method == "delete":
            place.save("a.jpg", image_file((60, 80)))  # so that something has to be deleted
        if called == method:
            raise StorageUnavailableError("the disk is full")

    place.save("a.jpg", image_file())
    app = place.app(THUMBNAIL_ON_ERROR="raise" if strict else "placeholder")
    place.hooks.append(fail)
    if strict:
        with pytest.raises(StorageFailedError, match="the disk is full"):
            show(app)
    else:
        assert show(app).stands_in
    assert "no thumbnail of 'a.jpg'" in caplog.text
    assert "the disk is full" in caplog.text


@pytest.mark.parametrize(
    ("error", "calls"),
    [(StorageUnavailableError("no answer"), 1), (AccessDeniedError("refused"), 24)],
)
def test_storage_that_does_not_answer(
    error: S3SaverError, calls: int, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A storage that does not answer is left alone for a while, so that a page waits for it once;
    one that only refuses is not.
    """

    def fail(called: str, name: str) -> None:
        raise error

    app = place.app()
    place.hooks.append(fail)
    with app.test_request_context():
        thumbnail = app.jinja_env.filters["thumbnail"]
        assert all(thumbnail(f"{number}.jpg", "20x20").stands_in for number in range(24))
        assert sum(place.calls.values()) == calls
        later = time.monotonic() + 5
        monkeypatch.setattr(time, "monotonic", lambda: later)
        thumbnail("another.jpg", "20x20")
        assert sum(place.calls.values()) == calls + 1


def test_generate_is_patient(place: Place, image_file: ImageFile) -> None:
    """generate asks a storage that has just not answered, again and again: nobody waits for it."""

    def fail() -> None:
        raise StorageUnavailableError("no answer")

    extension = Thumbnail(storage_for=place.counted)
    app = place.app(thumbnail=extension)
    place.save("a.jpg", image_file())
    place.hooks.append(once("open", "a.jpg", fail))
    with app.app_context():
        with pytest.raises(StorageFailedError, match="no answer"):
            extension.generate("a.jpg", ["20x20"])
        assert extension.generate("a.jpg", ["20x20"]) == ["a_20x20_85.jpg"]


def test_no_reader_sees_half(place: Place, image_file: ImageFile, open_image: OpenImage) -> None:
    """Who reads a thumbnail while it is made again and again always gets a whole one."""
    noise = Image.effect_noise((400, 300), 90)
    extension = Thumbnail(storage_for=place.counted)
    app = place.app(thumbnail=extension)
    place.save("a.jpg", image_file(image=noise))
    with app.app_context():
        extension.generate("a.jpg", ["300x300"])
    done = threading.Event()

    def write() -> None:
        for side in range(300, 310):
            place.save("a.jpg", image_file(image=noise.resize((400, side))))
            with app.app_context():
                extension.generate("a.jpg", ["300x300"])
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    sizes = set()
    while not done.is_set():
        sizes.add(open_image(place.read("a_300x300_85.jpg")).width)
    writer.join()
    assert sizes == {300}
