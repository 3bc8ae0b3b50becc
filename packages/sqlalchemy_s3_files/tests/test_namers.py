"""Files that several attributes name."""

from pathlib import Path

from engines import sqlite_engine
from models import Models, contents, read, upload
from sqlalchemy import Engine
from sqlalchemy.orm import Session


def test_a_file_that_another_attribute_names_stays(models: Models, engine: Engine) -> None:
    """Files of shared columns may be in two columns of a row, and in two tables."""
    with Session(engine) as session:
        first = models.shared(image=upload(b"1"), pages=[])
        session.add(first)
        session.commit()
        second = models.shared(pages=[first.image])
        post = models.post(image=first.image.name)
        place = first.image
        post.image_storage_type, post.image_bucket_name = place.storage_type, place.bucket_name
        session.add_all([second, post])
        session.commit()
        session.delete(first)
        session.commit()
        assert contents(models.storages) == [b"1"]
        post.image = None
        session.commit()
        assert read(second.pages[0]) == b"1"
        second.image = second.pages[0]
        second.pages = []
        session.commit()
        assert read(second.image) == b"1"
        session.delete(second)
        session.commit()
        assert contents(models.storages) == []


def test_a_file_that_a_table_of_another_database_names_stays(small: Models, tmp_path: Path) -> None:
    """Each table is asked in the database that the session writes it to; of what a session has no
    database for, nothing is asked.
    """
    folders = tmp_path / "one", tmp_path / "two"
    for folder in folders:
        folder.mkdir()
    one, two = map(sqlite_engine, folders)
    small.shared.__table__.create(one)
    small.post.__table__.create(two)
    with Session(binds={small.shared: one, small.post: two}) as session:
        first = small.shared(image=upload(b"1"), pages=[])
        session.add(first)
        session.commit()
        post = small.post(image=first.image.name)
        session.add(post)
        session.commit()
        session.delete(first)
        session.commit()
        assert contents(small.storages) == [b"1"]
        session.delete(post)
        session.commit()
        assert contents(small.storages) == []
