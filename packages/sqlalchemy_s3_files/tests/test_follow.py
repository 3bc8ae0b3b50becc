"""Files that follow rows with a name, a storage type and a bucket name."""

import io

import pytest
from models import Models, add, contents, get, make_models, read, upload
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from s3_saver import ArgumentError, ArgumentTypeError, Storages, location_of
from sqlalchemy_s3_files import follow


def test_an_upload_fills_the_columns(models: Models, engine: Engine) -> None:
    """The name, where the file is, and its size; what follow returned knows the file."""
    post = models.post(image=upload(b"four", "Me.PNG"))
    assert contents(models.storages) == []
    with Session(engine) as session:
        session.add(post)
        session.commit()
        storage_type, bucket_name = location_of(models.storages.current)
        assert post.image.startswith("posts/")
        assert post.image.endswith(".png")
        assert (post.image_storage_type, post.image_bucket_name) == (storage_type, bucket_name)
        assert post.image_size == 4
        assert read(models.followed.get(post)) == b"four"
        assert models.followed.get(models.post()) is None


def test_it_is_replaced_and_deleted_with_the_row(models: Models, engine: Engine) -> None:
    """After the commit, never before, and not at all after a rollback."""
    key = add(engine, models.post, image=upload(b"old"))
    with Session(engine) as session:
        post = get(session, models.post, key)
        post.image = upload(b"new")
        session.flush()
        assert contents(models.storages) == [b"new", b"old"]
        session.rollback()
        assert contents(models.storages) == [b"old"]
        post.image = upload(b"new")
        session.commit()
        assert contents(models.storages) == [b"new"]
        session.delete(post)
        session.commit()
        assert contents(models.storages) == []


def test_a_typed_name_is_a_name(models: Models, engine: Engine) -> None:
    """A rollback deletes no file that somebody has named; its replacement is deleted if no other
    row names it.
    """
    for name in ("posts/a.jpg", "posts/b.jpg"):
        models.storages.save(name, io.BytesIO(name.encode()))
    place = dict(
        zip(
            ("image_storage_type", "image_bucket_name"),
            location_of(models.storages.current),
            strict=True,
        )
    )
    with Session(engine) as session:
        session.add(models.post(image="posts/a.jpg", **place))
        session.flush()
        session.rollback()
    assert contents(models.storages) == [b"posts/a.jpg", b"posts/b.jpg"]
    first, second = (add(engine, models.post, image="posts/a.jpg", **place) for _ in range(2))
    with Session(engine) as session:
        get(session, models.post, first).image = "posts/b.jpg"
        session.commit()
        assert contents(models.storages) == [b"posts/a.jpg", b"posts/b.jpg"]
        get(session, models.post, second).image = None
        session.commit()
        assert contents(models.storages) == [b"posts/b.jpg"]
        session.execute(delete(models.post))
        session.commit()
        assert contents(models.storages) == []


def test_a_merged_object_s_upload_is_stored(models: Models, engine: Engine) -> None:
    """Merging assigns its name; so does a second object that names the same upload."""
    key = add(engine, models.post, image=upload(b"old"))
    with Session(engine) as session:
        merged = session.merge(models.post(id=key, image=upload(b"new")))
        session.commit()
        assert read(models.followed.get(merged)) == b"new"
        first = models.post(image=upload(b"both"))
        place = {"image_storage_type": first.image_storage_type}
        place["image_bucket_name"] = first.image_bucket_name
        second = models.post(image=first.image, **place)
        session.add_all([first, second])
        session.commit()
        session.delete(first)
        session.commit()
        assert read(models.followed.get(second)) == b"both"
    assert contents(models.storages) == [b"both", b"new"]


def test_an_empty_upload_changes_no_column(small: Models, sqlite: Engine) -> None:
    """As of a form in which nothing was chosen."""
    key = add(sqlite, small.post, image=upload(b"old"))
    with Session(sqlite) as session:
        post = get(session, small.post, key)
        name = post.image
        for empty in ("", io.BytesIO()):
            session.expire(post)
            post.image = empty
            session.commit()
            assert post.image == name
    assert contents(small.storages) == [b"old"]


def test_another_row_s_file_is_copied_here_too(small: Models, sqlite: Engine) -> None:
    """A StoredFile that is assigned is another file's value."""
    key = add(sqlite, small.thing, image=upload(b"x", "a.png"))
    with Session(sqlite) as session:
        session.add(small.post(image=get(session, small.thing, key).image))
        session.commit()
    assert contents(small.storages) == [b"x", b"x"]


def test_columns_that_are_not_there_are_refused(memory: Storages) -> None:
    """In words, when they are followed."""
    models = make_models(memory)
    with pytest.raises(ArgumentError, match=r"storage_type must be a column of Post, among id, im"):
        follow(models.post, memory, name="image", storage_type="nope")
    with pytest.raises(ArgumentTypeError, match="model must be a mapped class"):
        follow(str, memory, name="image")
