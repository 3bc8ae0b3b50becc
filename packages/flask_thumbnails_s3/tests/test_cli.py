import pytest
from click.testing import Result
from flask import Flask
from image_files import ImageFile
from thumbnail_place import Place

from flask_thumbnails_s3 import Thumbnail


def run(app: Flask, *arguments: str) -> Result:
    return app.test_cli_runner().invoke(args=["thumbnails", *arguments])


@pytest.fixture
def app(place: Place, image_file: ImageFile) -> Flask:
    for image in ("a.jpg", "d/b.jpg", "d/c.png"):
        place.save(image, image_file(format="PNG" if "png" in image else "JPEG"))
    place.save("text.pdf", b"no image")
    place.save("drawing.svg", b"<svg/>")
    made: Flask = place.app(THUMBNAIL_ALIASES={"tiny": {"size": "4x4", "crop": "fit"}})
    return made


def test_generate(app: Flask, place: Place) -> None:
    """generate makes the thumbnails of all images in all sizes, of nothing else, and reports what
    it skips.
    """
    result = run(app, "generate", "tiny", "8x8")
    assert result.exit_code == 0, result.output
    assert "3 images" in result.output
    assert "skipped 1 (SVG needs no thumbnails): drawing.svg\n" in result.output
    assert "skipped 1 (no images by their names): text.pdf\n" in result.output
    assert place.names() == [
        "a_4x4_fit_85.jpg",
        "a_8x8_85.jpg",
        "d/b_4x4_fit_85.jpg",
        "d/b_8x8_85.jpg",
        "d/c_4x4_fit_85.png",
        "d/c_8x8_85.png",
    ]
    assert place.calls["open", "a.jpg"] == 1


def test_generate_options(app: Flask, place: Place) -> None:
    """generate takes the filter's options, and a prefix."""
    options = ["--crop", "10%,20%", "--bg", "#fff", "--quality", "50", "--format", "webp"]
    result = run(app, "generate", "8x8", "--prefix", "d/b", *options)
    assert result.exit_code == 0, result.output
    assert place.names() == ["d/b_8x8_at10-20_#fff_50_jpg.webp"]


def test_generate_failures(app: Flask, place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """generate goes on after a broken image, reports it once, at the end, and exits with 1."""
    place.save("a.jpg", b"no image")
    result = run(app, "generate", "8x8", "20x20")
    assert result.exit_code == 1
    assert "1 failed\na.jpg: not a picture of a known format\n" in result.output
    assert result.output.count("a.jpg") == 1
    assert not caplog.records
    assert place.names() == [
        "d/b_20x20_85.jpg",
        "d/b_8x8_85.jpg",
        "d/c_20x20_85.png",
        "d/c_8x8_85.png",
    ]


def test_generate_several_reasons(place: Place, image_file: ImageFile) -> None:
    """Of an image some of whose thumbnails are too large, generate makes the others, and reports
    each reason.
    """
    place.save("a.jpg", image_file())
    sizes = ["8x8", "90000x10000", "80000x90000"]
    result = run(place.app(), "generate", *sizes, "--crop", "fit")
    assert "a.jpg: 900,000,000 pixels are more than" in result.output
    assert "; 7,200,000,000 pixels are more than" in result.output
    assert place.names() == ["a_8x8_fit_85.jpg"]


def test_generate_of_many_others(place: Place) -> None:
    """Of many files that are skipped, generate names a few, and counts the rest."""
    for number in range(7):
        place.save(f"{number}.pdf", b"no image")
    output = run(place.app(), "generate", "8x8").output
    names = "0.pdf, 1.pdf, 2.pdf, 3.pdf, 4.pdf and 2 more\n"
    assert f"skipped 7 (no images by their names): {names}" in output


def test_wrong_size(app: Flask) -> None:
    """A wrong size is reported with its rule and without a traceback."""
    result = run(app, "generate", "8")
    assert result.exit_code == 1
    assert "Error: size '8': must be '200x100'" in result.output


@pytest.mark.parametrize("command", [["generate", "8x8"], ["delete", "a.jpg"], ["prune"]])
def test_dry_run(command: list[str], app: Flask, place: Place) -> None:
    """With --dry-run a command prints what it would do, and does nothing."""
    run(app, "generate", "4x4", "--prefix", "a")
    run(app, "generate", "4x4", "--prefix", "d/b")
    place.originals.delete("d/b.jpg")
    before = place.names()
    result = run(app, *command, "--dry-run")
    assert result.exit_code == 0
    assert {
        "generate": "would make thumbnails of d/c.png",
        "delete": "would delete a_4x4_85.jpg",
        "prune": "would delete d/b_4x4_85.jpg",
    }[command[0]] in result.output
    assert place.names() == before


def test_delete(app: Flask, place: Place) -> None:
    """delete removes the thumbnails of the images that it is given."""
    run(app, "generate", "4x4")
    result = run(app, "delete", "a.jpg", "d/b.jpg", "--yes")
    assert "2 thumbnails" in result.output
    assert place.names() == ["d/c_4x4_85.png"]


def test_prune(app: Flask, place: Place) -> None:
    """prune removes the thumbnails whose original is gone, with a progress bar."""
    run(app, "generate", "4x4")
    place.originals.delete("a.jpg", "d/c.png")
    result = run(app, "prune", "--yes")
    assert "Deleting thumbnails" in result.output
    assert "2 thumbnails" in result.output
    assert place.names() == ["d/b_4x4_85.jpg"]


def test_prune_refuses(app: Flask, place: Place) -> None:
    """prune prints why it refuses, and continues when it is forced."""
    run(app, "generate", "4x4", "--prefix", "a")
    place.originals.delete(*(info.name for info in place.originals.find()))
    result = run(app, "prune", "--dry-run")
    assert result.exit_code == 1
    assert "Error: no original is left" in result.output
    assert "would delete a_4x4_85.jpg" in run(app, "prune", "--dry-run", "--force").output
    assert "1 thumbnail deleted\n" in run(app, "prune", "--force", "--yes").output
    assert place.names() == []


@pytest.mark.parametrize("command", [["delete", "a.jpg"], ["prune"]])
def test_asks_first(command: list[str], app: Flask, place: Place) -> None:
    """What deletes asks first, and deletes nothing unless somebody says yes."""
    run(app, "generate", "4x4", "--prefix", "a")
    place.originals.delete("a.jpg")
    runner = app.test_cli_runner()
    for answer in ("", "n\n"):
        refused = runner.invoke(args=["thumbnails", *command], input=answer)
        assert refused.exit_code == 1
        assert "Delete 1 thumbnail?" in refused.output
        assert place.names() == ["a_4x4_85.jpg"]
    done = runner.invoke(args=["thumbnails", *command], input="y\n")
    assert "1 thumbnail deleted" in done.output
    assert place.names() == []
    assert "0 thumbnails deleted" in run(app, *command).output  # there is nothing to ask


def test_where(s3: Place, image_file: ImageFile) -> None:
    """--disk and --bucket say where the images are, whatever the settings; not both."""
    s3.save("a.jpg", image_file())
    app = s3.app(thumbnail=Thumbnail(), THUMBNAIL_S3_STORAGE_TYPE="")
    assert "0 images" in run(app, "generate", "8x8").output
    assert "1 image" in run(app, "generate", "8x8", "--bucket", s3.bucket).output
    assert "0 thumbnails" in run(app, "prune", "--disk").output
    assert run(app, "prune", "--disk", "--bucket", s3.bucket).exit_code == 2
