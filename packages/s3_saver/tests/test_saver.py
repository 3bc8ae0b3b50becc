"""S3Saver: the blog post's class, on disk and on S3 by the same calls."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from makers import MakeStorage

from s3_saver import (
    AlreadyExistsError,
    BucketNotFoundError,
    FileInfo,
    LocalStorage,
    NotFoundError,
    S3Saver,
    S3SaverError,
    UnsafeNameError,
)
from s3_saver.testing import S3Server

FIELDS = {
    "field_name": "image",
    "storage_type_field": "image_storage_type",
    "bucket_name_field": "image_storage_bucket_name",
    "filesize_field": "image_size",
}
MakeSaver = Callable[..., S3Saver]


def thing(**fields: Any) -> SimpleNamespace:
    """A model's row without a file."""
    empty = {"image": "", "image_storage_type": "", "image_storage_bucket_name": ""}
    return SimpleNamespace(**{**empty, "image_size": 0, **fields})


@pytest.fixture
def make_saver(s3_server: S3Server, tmp_path: Path) -> MakeSaver:
    """Makes savers for one site, whose uploads are in static/uploads."""

    def make(**options: Any) -> S3Saver:
        site = {
            "base_path": tmp_path / "static" / "uploads",
            "static_root_parent": tmp_path,
            "access_key_id": s3_server.access_key_id,
            "access_key_secret": s3_server.access_key_secret,
            "endpoint_url": s3_server.endpoint_url,
            "region": "us-east-1",
        }
        return S3Saver(**{**site, **FIELDS, **options})

    return make


@pytest.fixture(params=["local", "s3"])
def saver(request: pytest.FixtureRequest, make_saver: MakeSaver) -> S3Saver:
    """A saver to disk, then one to S3."""
    if request.param == "local":
        return make_saver()
    return make_saver(storage_type="s3", bucket_name=request.getfixturevalue("s3_bucket"))


def where(saver: S3Saver) -> dict[str, Any]:
    """What an object saved by this saver says of its place."""
    return {"storage_type": saver.storage_type, "bucket_name": saver.bucket_name}


def test_the_blog_post_s_view_works(saver: S3Saver, tmp_path: Path) -> None:
    """Save with BytesIO, replace, find the old one's thumbnails by path prefix, delete them all."""
    model = thing()
    uploads = str(tmp_path / "static" / "uploads")
    temp_file = io.BytesIO()
    temp_file.write(b"picture")

    saver.save(temp_file, "thing/1.jpg", model)
    assert model.image == "thing/1.jpg"
    assert model.image_size == 7
    saver.save(io.BytesIO(b"t"), "thing/1_200x200_fit_85.jpg")

    image_orig = model.image
    saver.save(io.BytesIO(b"new picture"), "thing/2.jpg", model)
    saver.delete(os.path.join(uploads, image_orig), **where(saver))
    glob_filepath = os.path.splitext(os.path.join(uploads, image_orig))[0]
    matches = saver.find_by_path(glob_filepath, **where(saver))
    for filepath in matches:
        saver.delete(filepath, **where(saver))
    left = saver.find_by_path(uploads + "/", **where(saver))
    assert [info.name for info in left] == ["static/uploads/thing/2.jpg"]


def test_a_picture_goes_with_its_thumbnails_and_nobody_else_s(saver: S3Saver) -> None:
    """The README's way to delete: a folder for what belongs together, ended by a slash."""
    others = ["thingy/7.jpg", "thingy/70/tom.jpg", "thingy/7x/tom.jpg", "thingy/tommy.jpg"]
    for name in ("thingy/7/tom.jpg", "thingy/7/tom_200x200.jpg", *others):
        saver.save(io.BytesIO(b"x"), name)
    saver.delete(saver.find_by_path("thingy/7/", **where(saver)), **where(saver))
    left = saver.find_by_path("", **where(saver))
    assert sorted(info.name.removeprefix("static/uploads/") for info in left) == sorted(others)


def test_delete_takes_a_path_an_info_or_many(saver: S3Saver) -> None:
    """One path, one FileInfo of find_by_path, a list or a generator of either."""
    for name in ("a", "b", "c", "d", "e"):
        saver.save(io.BytesIO(b"x"), name)
    place = where(saver)
    saver.delete("a", **place)
    saver.delete(saver.stat("b", **place), **place)
    saver.delete(["c", saver.stat("d", **place)], **place)
    saver.delete((info for info in saver.find_by_path("e", **place)), **place)
    assert list(saver.find_by_path("", **place)) == []


def test_what_was_found_can_be_deleted_whatever_its_key(
    make_saver: MakeSaver, make_s3: MakeStorage, s3_bucket: str
) -> None:
    """Another program's key such as a//b keeps no other file, though no path leads to it."""
    saver = make_saver(storage_type="s3", bucket_name=s3_bucket)
    saver.save(io.BytesIO(b"x"), "a/1.jpg")
    client = make_s3(s3_bucket).client
    client.put_object(Bucket=s3_bucket, Key="static/uploads/a//b", Body=b"x")
    saver.delete(saver.find_by_path("a/", **where(saver)), **where(saver))
    assert list(make_s3(s3_bucket).find()) == []
    with pytest.raises(UnsafeNameError):
        saver.delete("a//b", **where(saver))


def test_methods_take_the_original_s_arguments_in_their_order(
    make_saver: MakeSaver, s3_bucket: str
) -> None:
    """Every method takes the original's arguments in their order."""
    model = thing()
    saver = make_saver(storage_type="s3", bucket_name=s3_bucket)
    saver.save(io.BytesIO(b"x"), "a.jpg", model)
    make_saver().save(io.BytesIO(b"x"), "a.jpg")
    assert len(list(saver.find_by_path("a", "s3", s3_bucket))) == 1
    saver.delete("a.jpg", "s3", s3_bucket)
    assert not saver.exists("a.jpg", "s3", s3_bucket)
    assert saver.exists("a.jpg"), "the file on disk is another one"
    saver.delete(filename="a.jpg")
    assert not saver.exists("a.jpg")


def test_the_constructor_takes_the_original_s_arguments_in_their_order() -> None:
    """The constructor takes the original's arguments in their order."""
    saver = S3Saver(
        "s3", "b", "id", "secret", None, "f", "st", "bn", "fs", "/srv/a/up", 0o600, "/srv/a"
    )
    assert saver.filesize_field == "fs"
    assert saver.base_path == "/srv/a/up"
    assert saver.permission == 0o600
    assert saver.static_root_parent == "/srv/a"
    assert saver.acl is None


def test_key_is_the_path_less_the_static_root_parent(
    make_saver: MakeSaver, make_s3: MakeStorage, s3_bucket: str
) -> None:
    """As the original had it, without a leading slash."""
    make_saver(storage_type="s3", bucket_name=s3_bucket).save(io.BytesIO(b"x"), "thing/1.jpg")
    assert [info.name for info in make_s3(s3_bucket).find()] == ["static/uploads/thing/1.jpg"]


def test_local_files_are_below_base_path(make_saver: MakeSaver, tmp_path: Path) -> None:
    """As the original had it."""
    make_saver().save(io.BytesIO(b"x"), "thing/1.jpg")
    assert (tmp_path / "static/uploads/thing/1.jpg").read_bytes() == b"x"


def test_fields_say_where_the_file_is(saver: S3Saver) -> None:
    """The object gets name, storage type, bucket and size; empty strings for the disk."""
    model = thing()
    assert saver.save(io.BytesIO(b"12345"), "a.jpg", model) == "a.jpg"
    assert vars(model) == {
        "image": "a.jpg",
        "image_storage_type": saver.storage_type or "",
        "image_storage_bucket_name": saver.bucket_name or "",
        "image_size": 5,
    }


def test_fields_are_set_only_after_the_save_succeeded(saver: S3Saver) -> None:
    """Whatever fails, the object still names its old file."""
    model = thing()
    saver.save(io.BytesIO(b"old"), "a.jpg", model)
    before = dict(vars(model))

    class Torn(io.BytesIO):
        def read(self, *size: Any) -> bytes:
            raise OSError("torn")

    with pytest.raises(OSError, match="torn"):
        saver.save(Torn(b"x"), "b.jpg", model)
    with pytest.raises(AlreadyExistsError):
        saver.save(io.BytesIO(b"x"), "a.jpg", model, overwrite=False)
    with pytest.raises(UnsafeNameError):
        saver.save(io.BytesIO(b"x"), "../../../b.jpg", model)
    assert vars(model) == before


def test_only_the_wanted_fields_are_set(make_saver: MakeSaver) -> None:
    """A saver without field names leaves the object alone, and no object is needed."""
    no_fields = dict.fromkeys(FIELDS)
    model = SimpleNamespace()
    make_saver(**no_fields).save(io.BytesIO(b"x"), "a.jpg", model)
    assert vars(model) == {}


def test_absolute_and_relative_paths_are_one(saver: S3Saver, tmp_path: Path) -> None:
    """Strings and Path objects, relative to the base or absolute: the same file."""
    absolute = tmp_path / "static" / "uploads" / "a.jpg"
    assert saver.save(io.BytesIO(b"x"), absolute) == "a.jpg"
    for path in ("a.jpg", str(absolute), absolute, Path("a.jpg")):
        assert saver.exists(path, **where(saver))
        assert saver.stat(path, **where(saver)).size == 1
        with saver.open(path, **where(saver)) as file:
            assert file.read() == b"x"


def test_absolute_paths_lie_below_the_base_path(saver: S3Saver, tmp_path: Path) -> None:
    """A row's path does not reach the rest of the project, which static_root_parent holds."""
    source = tmp_path / "app.py"
    source.write_text("secret = 1")
    calls: list[Callable[[], Any]] = [
        lambda: saver.open(source, **where(saver)),
        lambda: saver.delete(source, **where(saver)),
        lambda: saver.save(io.BytesIO(b"x"), tmp_path / "static" / "css" / "a.css"),
        lambda: saver.find_by_path(tmp_path, **where(saver)),
        lambda: saver.find_by_path(f"{tmp_path}/static/uploads-of-others", **where(saver)),
    ]
    for call in calls:
        with pytest.raises(UnsafeNameError, match="is not below base_path"):
            call()
    assert source.read_text() == "secret = 1"


def test_the_base_path_itself_finds_its_folder_alone(saver: S3Saver, tmp_path: Path) -> None:
    """A folder of others whose name begins like that of the base path is not found."""
    saver.save(io.BytesIO(b"x"), "a.jpg")
    saver.storages.current.save("static/uploads-of-others/b.jpg", io.BytesIO(b"x"))
    found = saver.find_by_path(tmp_path / "static" / "uploads", **where(saver))
    assert [info.name for info in found] == ["static/uploads/a.jpg"]


def test_found_files_are_the_same_on_disk_and_s3(make_saver: MakeSaver, s3_bucket: str) -> None:
    """FileInfos are equal on both, path-like, and lead to where the original's paths led."""
    savers = [make_saver(), make_saver(storage_type="s3", bucket_name=s3_bucket)]
    found: list[list[FileInfo]] = []
    for saver in savers:
        for name in ("thing.jpg", "thing_200.jpg", "things/1.jpg", "other.jpg"):
            saver.save(io.BytesIO(name.encode()), name)
        found.append(list(saver.find_by_path("thing", **where(saver))))
    assert found[0] == found[1]
    assert [os.fspath(info) for info in found[0]] == [os.fspath(info) for info in found[1]]
    uploads = os.fspath(savers[0].base_path)  # type: ignore[arg-type]
    assert [os.path.relpath(info, uploads) for info in found[0]] == [
        "thing.jpg",
        "thing_200.jpg",
        "things/1.jpg",
    ]
    for saver, files in zip(savers, found, strict=True):
        saver.delete(files, **where(saver))
        left = saver.find_by_path("", **where(saver))
        assert [os.path.basename(info) for info in left] == ["other.jpg"]


def test_glob_characters_are_plain_text(saver: S3Saver) -> None:
    """The original used glob() on disk: a path with [1] found nothing there."""
    for name in ("a[1].jpg", "a1.jpg", "a*.jpg"):
        saver.save(io.BytesIO(b"x"), name)
    for prefix, count in {"a[1]": 1, "a*": 1, "a": 3, "a?": 0}.items():
        assert len(list(saver.find_by_path(prefix, **where(saver)))) == count


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../../../etc/passwd",
        "../other.jpg",
        "a/../../b.jpg",
        "a/./b.jpg",
        "a\\..\\b.jpg",
        "a\0.jpg",
        "{uploads}/../../app.py",
        "{uploads}x/../../../secret",
        "{parent}/../secret",
    ],
)
def test_nothing_outside_is_ever_touched(saver: S3Saver, tmp_path: Path, path: str) -> None:
    """Save, open, find, delete and their kin refuse it, on disk and on S3 alike."""
    path = path.format(uploads=tmp_path / "static" / "uploads", parent=tmp_path)
    calls: list[Callable[[], Any]] = [
        lambda: saver.save(io.BytesIO(b"x"), path),
        lambda: saver.open(path, **where(saver)),
        lambda: saver.stat(path, **where(saver)),
        lambda: saver.exists(path, **where(saver)),
        lambda: saver.delete(["fine.jpg", path], **where(saver)),
        lambda: saver.find_by_path(path + "/", **where(saver)),
    ]
    for call in calls:
        with pytest.raises(UnsafeNameError):
            call()


def test_base_path_is_the_root_without_a_static_root_parent(
    saver: S3Saver, make_saver: MakeSaver, tmp_path: Path
) -> None:
    """Then keys are relative to the base path."""
    alone = make_saver(static_root_parent=None, **where(saver))
    alone.save(io.BytesIO(b"x"), "a.jpg")
    (info,) = alone.find_by_path("", **where(saver))
    assert info.name == "a.jpg"
    assert os.fspath(info) == str(tmp_path / "static/uploads/a.jpg")
    with pytest.raises(UnsafeNameError):
        alone.delete(tmp_path / "static/other", **where(saver))


def test_base_path_may_be_a_function(make_saver: MakeSaver, tmp_path: Path) -> None:
    """A function as base_path is called again by each call, so that a request can decide it."""
    current = "ann"
    saver = make_saver(base_path=lambda: tmp_path / current)
    saver.save(io.BytesIO(b"x"), "a.jpg")
    current = "bob"
    saver.save(io.BytesIO(b"x"), "a.jpg")
    assert sorted(os.listdir(tmp_path)) == ["ann", "bob"]


def test_storage_follows_the_object_not_the_setting(
    make_saver: MakeSaver, s3_bucket: str, tmp_path: Path
) -> None:
    """After the switch to S3, files saved on disk are still found and deleted there."""
    model = thing()
    make_saver().save(io.BytesIO(b"x"), "a.jpg", model)
    today = make_saver(storage_type="s3", bucket_name=s3_bucket)
    place = (model.image_storage_type, model.image_storage_bucket_name)
    assert today.exists("a.jpg", *place)
    assert not today.exists("a.jpg", "s3", s3_bucket)
    today.delete("a.jpg", storage_type=place[0], bucket_name=place[1])
    assert not (tmp_path / "static/uploads/a.jpg").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"storage_type": "S3", "bucket_name": "b"}, "storage_type must be 's3', .* got 'S3'"),
        ({"storage_type": "ftp"}, "storage_type must be 's3', or '' for the disk, got 'ftp'"),
        ({"storage_type": "s3"}, "bucket_name must be the name of a bucket"),
        ({"storage_type": "s3", "bucket_name": ""}, "bucket_name must be the name of a bucket"),
        ({"base_path": None}, "base_path must be the path of a folder .* got None"),
        (
            {"base_path": "/srv/x", "static_root_parent": "/srv/y"},
            "base_path must be below static_root_parent.*'/srv/x'",
        ),
    ],
)
def test_wrong_settings_are_told_at_once(
    make_saver: MakeSaver, options: dict[str, Any], message: str
) -> None:
    """Each error names the argument, what it must be, and its value."""
    with pytest.raises(ValueError, match=message):
        make_saver(**options)


def test_wrong_places_are_told_by_every_call(make_saver: MakeSaver) -> None:
    """A row whose storage type is wrong is not quietly looked for on disk."""
    saver = make_saver()
    for call in (saver.open, saver.exists, saver.stat, saver.find_by_path):
        with pytest.raises(ValueError, match="storage_type must be 's3', .* got 'gcs'"):
            call("a.jpg", "gcs", "b")
    with pytest.raises(ValueError, match="storage_type must be 's3', .* got 'gcs'"):
        saver.delete("a.jpg", storage_type="gcs", bucket_name="b")


def test_without_a_storage_type_it_is_local(make_saver: MakeSaver, tmp_path: Path) -> None:
    """USE_S3 off with the bucket's name still set means the disk, and fields say so."""
    model = thing()
    make_saver(storage_type=None, bucket_name="unused").save(io.BytesIO(b"x"), "a.jpg", model)
    assert (model.image_storage_type, model.image_storage_bucket_name) == ("", "")
    assert (tmp_path / "static/uploads/a.jpg").exists()


@pytest.mark.parametrize("to_s3", [True, False])
def test_transfer_moves_one_object_s_file(
    make_saver: MakeSaver, s3_bucket: str, to_s3: bool
) -> None:
    """From where its fields say it is to the other storage; the original stays till asked."""
    places = [("", ""), ("s3", s3_bucket)]
    here, there = places if to_s3 else places[::-1]
    model = thing()
    make_saver(storage_type=here[0], bucket_name=here[1]).save(io.BytesIO(b"x"), "a.jpg", model)
    saver = make_saver()

    info = saver.transfer(model, *there)
    assert info.size == 1
    assert (model.image_storage_type, model.image_storage_bucket_name) == there
    assert model.image == "a.jpg"
    with saver.open(model.image, *there) as file:
        assert file.read() == b"x"
    assert saver.exists(model.image, *here)

    saver.transfer(model, *here)
    saver.transfer(model, *there, delete_source=True)
    assert not saver.exists(model.image, *here)
    assert saver.exists(model.image, *there)


def test_transfer_to_where_it_is_changes_nothing(saver: S3Saver) -> None:
    """Also with delete_source the file stays, whether the disk is called '' or None."""
    model = thing()
    saver.save(io.BytesIO(b"x"), "a.jpg", model)
    place = (model.image_storage_type, model.image_storage_bucket_name)
    before = dict(vars(model))
    for spelling in (place, (place[0] or None, place[1] or None)):
        saver.transfer(model, *spelling, delete_source=True)
        assert saver.exists("a.jpg", *place)
        assert vars(model) == before


def test_transfer_overwrites_no_other_file(make_saver: MakeSaver, s3_bucket: str) -> None:
    """A different file of that name is left alone; the same one, from an earlier try, is used."""
    saver = make_saver()
    model = thing()
    saver.save(io.BytesIO(b"mine"), "a.jpg", model)
    on_s3 = make_saver(storage_type="s3", bucket_name=s3_bucket)
    on_s3.save(io.BytesIO(b"else"), "a.jpg")
    before = dict(vars(model))
    with pytest.raises(AlreadyExistsError):
        saver.transfer(model, "s3", s3_bucket, delete_source=True)
    assert vars(model) == before
    assert saver.exists("a.jpg")

    on_s3.save(io.BytesIO(b"mine"), "a.jpg")
    saver.transfer(model, "s3", s3_bucket)
    assert model.image_storage_type == "s3"


def test_transfer_verifies_before_it_sets_fields(
    make_saver: MakeSaver, make_s3: MakeStorage, s3_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A copy that was damaged on its way is an error; fields and original stay."""
    saver = make_saver()
    model = thing()
    saver.save(io.BytesIO(b"whole"), "a.jpg", model)
    before = dict(vars(model))
    from s3_saver import S3Storage

    save = S3Storage.save

    def damaged(self: S3Storage, name: str, file: Any, **options: Any) -> FileInfo:
        return save(self, name, io.BytesIO(b"wh0le"), **options)

    monkeypatch.setattr(S3Storage, "save", damaged)
    with pytest.raises(S3SaverError, match=r"the copy of 'static/uploads/a\.jpg' .* differs"):
        saver.transfer(model, "s3", s3_bucket, delete_source=True)
    assert vars(model) == before
    assert saver.exists("a.jpg")


def test_transfer_finds_a_source_that_changed_meanwhile(
    make_saver: MakeSaver, s3_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the original is replaced during the copy, that is an error, and nothing is deleted."""
    saver = make_saver()
    model = thing()
    on_s3 = make_saver(storage_type="s3", bucket_name=s3_bucket)
    on_s3.save(io.BytesIO(b"version 1"), "a.jpg", model)
    save = LocalStorage.save

    def replaced_meanwhile(self: LocalStorage, name: str, file: Any, **options: Any) -> FileInfo:
        info = save(self, name, file, **options)
        on_s3.save(io.BytesIO(b"version 2"), "a.jpg")
        return info

    monkeypatch.setattr(LocalStorage, "save", replaced_meanwhile)
    with pytest.raises(S3SaverError, match="changed meanwhile"):
        saver.transfer(model, "", "", delete_source=True)
    assert model.image_storage_type == "s3"
    with saver.open("a.jpg", "s3", s3_bucket) as file:
        assert file.read() == b"version 2"


def test_a_relative_base_path_works(
    make_saver: MakeSaver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """delete takes what find returns, also where the base path is relative to the process."""
    monkeypatch.chdir(tmp_path)
    saver = make_saver(base_path="uploads", static_root_parent=None)
    saver.save(io.BytesIO(b"x"), "cat.jpg")
    saver.delete(saver.find_by_path("cat"))
    assert list(saver.find_by_path(tmp_path / "uploads")) == []


def test_deleting_the_last_file_keeps_the_base_path(make_saver: MakeSaver, tmp_path: Path) -> None:
    """The uploads folder is the deployment's: its owner and mode must not be lost."""
    saver = make_saver()
    saver.save(io.BytesIO(b"x"), "thing/a.jpg")
    saver.delete("thing/a.jpg")
    assert os.listdir(tmp_path / "static" / "uploads") == []


def test_transfer_needs_to_know_the_fields(make_saver: MakeSaver) -> None:
    """The error names the option that is missing, or that the object has no file."""
    with pytest.raises(ValueError, match="bucket_name_field must be the name of a field"):
        make_saver(bucket_name_field=None).transfer(thing(image="a"), "s3", "b")
    with pytest.raises(ValueError, match="obj must be an object with a file: its 'image' is empty"):
        make_saver().transfer(thing(), "s3", "b")
    with pytest.raises(NotFoundError, match="static/uploads/gone"):
        make_saver().transfer(thing(image="gone"), "s3", "b")


def test_a_missing_bucket_is_told_and_nothing_lost(make_saver: MakeSaver) -> None:
    """Saving to a bucket that is not there names it, and the object keeps its fields."""
    model = thing(image="old.jpg")
    saver = make_saver(storage_type="s3", bucket_name="no-such-bucket-here")
    with pytest.raises(BucketNotFoundError, match="no-such-bucket-here"):
        saver.save(io.BytesIO(b"x"), "a.jpg", model)
    assert model.image == "old.jpg"


@pytest.mark.parametrize(
    ("options", "kind", "message"),
    [
        ({"foo": 1}, TypeError, "s3_options must be among cache_control, .* got 'foo'"),
        ({"base_path": 5}, TypeError, "base_path must be the path of a folder .* got 5"),
        ({"static_root_parent": 5}, TypeError, "static_root_parent must be the path .* got 5"),
        ({"permission": "0666"}, TypeError, "permission must be an int such as .* got '0666'"),
        (
            {"storage_type": "s3", "bucket_name": "b", "endpoint_url": "localhost:9000"},
            ValueError,
            "endpoint_url must be a URL that begins with",
        ),
    ],
)
def test_wrong_options_are_told_at_once(
    make_saver: MakeSaver, options: dict[str, Any], kind: type[Exception], message: str
) -> None:
    """When the saver is made, not by its first call."""
    with pytest.raises(kind, match=message):
        make_saver(**options)


def test_swapped_arguments_are_told(make_saver: MakeSaver) -> None:
    """A stream in the place of the path is named, whatever the call."""
    saver: Any = make_saver()
    with pytest.raises(TypeError, match="a file's path must be a str .* got <_io.BytesIO"):
        saver.save("cat.jpg", io.BytesIO(b"x"))
    for call in (saver.open, saver.exists, saver.stat, saver.find_by_path):
        with pytest.raises(TypeError, match="a file's path must be a str .* got None"):
            call(None)
