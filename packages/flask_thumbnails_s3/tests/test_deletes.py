import shutil
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from image_files import ImageFile
from thumbnail_place import Place

from flask_thumbnails_s3 import OptionError, PruneRefusedError, Thumbnail
from s3_saver import BucketNotFoundError


def test_delete_several_buckets(
    s3: Place, make_s3_bucket: Callable[[], str], image_file: ImageFile
) -> None:
    """delete removes the thumbnails of the image in that bucket, not of its namesake."""
    other = make_s3_bucket()
    extension = Thumbnail()
    there: Any = {"storage_type": "s3", "bucket_name": other}
    with s3.app(thumbnail=extension, S3_ALLOWED_BUCKETS=[other]).app_context():
        s3.save("a.jpg", image_file())
        s3.client.put_object(Bucket=other, Key="up/a.jpg", Body=image_file())
        extension.generate("a.jpg", ["20x20"])
        extension.generate("a.jpg", ["20x20"], **there)
        assert extension.delete("a.jpg", **there) == [f"@{other}/a_20x20_85.jpg"]
    assert s3.names() == ["a_20x20_85.jpg"]


def test_delete_what_is_no_name(disk: Place) -> None:
    """delete wants a name; an empty one has no thumbnails."""
    extension = Thumbnail()
    with disk.app(thumbnail=extension).app_context():
        disk.thumbnails.save("_20x20_85.jpg", BytesIO(b"thumbnail of nothing"))
        assert extension.delete("") == []
        with pytest.raises(OptionError, match="below MEDIA_FOLDER"):
            extension.delete(["a.jpg"])  # type: ignore[arg-type]


def test_delete_many(place: Place) -> None:
    """More thumbnails than one request of S3 deletes are deleted in several."""
    extension = Thumbnail(storage_for=place.counted)
    app = place.app(thumbnail=extension)
    sizes = range(1, 1002)
    for size in sizes:
        place.thumbnails.save(f"a_{size}x_85.jpg", BytesIO(b"x"))
    with app.app_context():
        assert len(extension.delete("a.jpg")) == len(sizes)
    assert place.names() == []
    assert place.count("delete") == 2


def test_prune(place: Place, image_file: ImageFile) -> None:
    """prune removes the thumbnails whose original is gone, and only those (ET#614)."""
    extension = Thumbnail(storage_for=place.counted)
    with place.app(thumbnail=extension).test_request_context():
        for image in ("gone.jpg", "kept.jpg", "d/gone.png"):
            place.save(image, image_file(format="PNG" if "png" in image else "JPEG"))
            extension.generate(image, ["20x20", {"size": "10x10", "format": "webp"}])
        place.thumbnails.save("README_200x.txt", BytesIO(b"no thumbnail"))
        place.originals.delete("gone.jpg", "d/gone.png")
        gone = ["d/gone_10x10_80_png.webp", "d/gone_20x20_85.png"]
        gone += ["gone_10x10_80_jpg.webp", "gone_20x20_85.jpg"]
        place.calls.clear()
        assert extension.prune(dry_run=True) == gone
        assert len(place.names()) == 7
        assert extension.prune() == gone
        assert place.count("find") == 4
        assert place.count("exists") == place.count("stat") == 0
        assert extension.thumbnail("gone.jpg", "20x20").stands_in
    assert place.names() == ["README_200x.txt", "kept_10x10_80_jpg.webp", "kept_20x20_85.jpg"]


def test_prune_odd_keys(s3: Place, image_file: ImageFile) -> None:
    """An object whose key no thumbnail has stops no other."""
    extension = Thumbnail()
    with s3.app(thumbnail=extension).app_context():
        for image in ("gone.jpg", "kept.jpg"):
            s3.save(image, image_file())
            extension.generate(image, ["20x20"])
        s3.originals.delete("gone.jpg")
        s3.client.put_object(Bucket=s3.bucket, Key="thumbs/a//b_20x20_85.jpg", Body=b"x")
        s3.client.put_object(Bucket=s3.bucket, Key="thumbs/./c_20x20_85.jpg", Body=b"x")
        assert "gone_20x20_85.jpg" in extension.prune()
    assert "gone_20x20_85.jpg" not in s3.names()
    assert "kept_20x20_85.jpg" in s3.names()


def test_prune_several_buckets(
    s3: Place, make_s3_bucket: Callable[[], str], image_file: ImageFile
) -> None:
    """prune looks for each original in its own bucket; one whose bucket is gone is gone. What is
    pruned is forgotten, whichever bucket its original was in.
    """
    other, lost = make_s3_bucket(), make_s3_bucket()
    extension = Thumbnail()
    app = s3.app(thumbnail=extension, S3_ALLOWED_BUCKETS=[other, lost])
    with app.test_request_context():
        for bucket in (other, lost):
            for image in ("a.jpg", "b.jpg"):
                key = f"up/{image}"
                s3.client.put_object(Bucket=bucket, Key=key, Body=image_file())
                extension.generate(image, ["20x20"], storage_type="s3", bucket_name=bucket)
        s3.client.delete_object(Bucket=other, Key="up/a.jpg")
        for image in ("a.jpg", "b.jpg"):
            s3.client.delete_object(Bucket=lost, Key=f"up/{image}")
        s3.client.delete_bucket(Bucket=lost)
        s3.save("@ann/a.jpg", image_file())
        extension.generate("@ann/a.jpg", ["20x20"])
        gone = [f"@{other}/a_20x20_85.jpg"]
        gone += [f"@{lost}/a_20x20_85.jpg", f"@{lost}/b_20x20_85.jpg"]
        assert extension.prune() == sorted(gone)
        for image, bucket in (("a.jpg", other), ("b.jpg", lost)):
            url = extension.thumbnail(image, "20x20", storage_type="s3", bucket_name=bucket)
            assert url.stands_in
    left = [f"@{s3.bucket}/@ann/a_20x20_85.jpg", f"@{other}/b_20x20_85.jpg"]
    assert s3.names() == sorted(left)


def test_prune_without_originals(place: Place, image_file: ImageFile) -> None:
    """If no original is left at all, prune refuses and deletes nothing until it is forced: a disk
    may be missing, or a setting wrong.
    """
    extension = Thumbnail(storage_for=place.counted)
    with place.app(thumbnail=extension).app_context():
        assert extension.prune() == []
        place.save("a.jpg", image_file())
        extension.generate("a.jpg", ["20x20"])
        place.originals.delete("a.jpg")
        if not place.bucket:
            shutil.rmtree(f"{place.root}/up", ignore_errors=True)
        for dry_run in (True, False):
            with pytest.raises(
                PruneRefusedError, match="no original is left in .*prune with force=True"
            ):
                extension.prune(dry_run=dry_run)
        assert place.names() == ["a_20x20_85.jpg"]
        assert extension.prune(dry_run=True, force=True) == ["a_20x20_85.jpg"]
        assert extension.prune(force=True) == ["a_20x20_85.jpg"]
    assert place.names() == []


def test_prune_leaves_what_it_cannot_know(
    s3: Place,
    make_s3_bucket: Callable[[], str],
    image_file: ImageFile,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Thumbnails of images in a bucket that the settings no longer allow are left alone, with a
    line in the log; others are pruned.
    """
    other = make_s3_bucket()
    s3.client.put_object(Bucket=other, Key="up/a.jpg", Body=image_file())
    for image in ("a.jpg", "b.jpg"):
        s3.save(image, image_file())
    extension = Thumbnail()
    with s3.app(thumbnail=extension, S3_ALLOWED_BUCKETS=other).app_context():
        extension.generate("a.jpg", ["20x20"], storage_type="s3", bucket_name=other)
        extension.generate("a.jpg", ["20x20"])
    s3.originals.delete("a.jpg")
    extension = Thumbnail()
    with s3.app(thumbnail=extension).app_context():
        assert extension.prune() == ["a_20x20_85.jpg"]
    assert f"'{other}' are left alone" in caplog.text
    assert s3.names() == [f"@{other}/a_20x20_85.jpg"]


def test_missing_bucket(s3: Place) -> None:
    """If the bucket itself is missing, delete and prune say so."""
    extension = Thumbnail()
    app = s3.app(thumbnail=extension, THUMBNAIL_S3_BUCKET_NAME="bucket-that-is-not-there")
    with app.app_context():
        with pytest.raises(BucketNotFoundError):
            extension.delete("a.jpg")
        with pytest.raises(BucketNotFoundError):
            extension.prune()
