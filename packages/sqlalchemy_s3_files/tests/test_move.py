"""Rows whose files were moved to another place."""

import io
from pathlib import Path
from typing import Any

import pytest
from models import Models, contents, get, read, upload
from sqlalchemy import Engine, String, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from s3_saver import ArgumentError, Storages, StoredFile, copy_file
from s3_saver.testing import S3Server
from sqlalchemy_s3_files import files_of, follow, move_files


@pytest.fixture
def storages(tmp_path: Path, s3_server: S3Server, s3_bucket: str) -> Storages:
    """New files go to disk, and there is a bucket."""
    return Storages(
        tmp_path / "files",
        bucket_name=s3_bucket,
        region=s3_server.region,
        endpoint_url=s3_server.endpoint_url,
        access_key_id=s3_server.access_key_id,
        access_key_secret=s3_server.access_key_secret,
    )


def copied(storages: Storages, file: StoredFile, bucket_name: str) -> StoredFile:
    """The same file in the bucket."""
    place = file.replace(storage_type="s3", bucket_name=bucket_name)
    copy_file(storages.storage_of(file), storages.storage_of(place), file.name)
    return place


def in_bucket(storages: Storages, bucket_name: str) -> list[str]:
    return sorted(info.name for info in storages.find("s3", bucket_name).find())


def test_a_row_names_its_files_at_their_new_places(
    models: Models, engine: Engine, s3_bucket: str
) -> None:
    """A commit deletes the originals; a rollback leaves all as it was, and the copies."""
    storages = models.storages
    with Session(engine) as session:
        thing = models.thing(image=upload(b"i"), pages=[upload(b"1"), upload(b"2")])
        post = models.post(image=upload(b"post"))
        session.add_all([thing, post])
        session.commit()
        for row, count in ((thing, 3), (post, 1)):
            files = files_of(row)
            assert files == files_of(row, storages)
            assert files_of(row, Storages()) == []
            assert len(files) == count
            moved = [(file, copied(storages, file, s3_bucket)) for file in files]
            for end in (session.rollback, session.commit):
                assert move_files(row, moved[-2:])
                session.flush()
                end()
            places = {file.name for _, file in moved[-2:]}
            assert [file.name for file in files_of(row) if file.storage_type] == [
                file.name for file in files if file.name in places
            ]
            assert [file.size for file in files_of(row)][:2] == [file.size for file in files][:2]
            assert all(read(file) for file in files_of(row))
        assert contents(storages) == [b"i"]
        assert len(in_bucket(storages, s3_bucket)) == 4
        session.delete(thing)
        session.delete(post)
        session.commit()
        assert contents(storages) == []
        assert len(in_bucket(storages, s3_bucket)) == 1  # the copy of the image was never named


def test_a_file_that_rows_share_moves_with_the_last(
    models: Models, engine: Engine, s3_bucket: str
) -> None:
    """Until then the original stays."""
    storages = models.storages
    file = storages.save("shared/x", io.BytesIO(b"x"))
    with Session(engine) as session:
        rows = [models.shared(image=file), models.shared(image=file)]
        session.add_all(rows)
        session.commit()
        place = copied(storages, file, s3_bucket)
        for row in rows:
            assert contents(storages) == [b"x"]
            assert move_files(row, [(file, place)])
            session.commit()
        assert contents(storages) == []
        assert [row.image.location for row in rows] == [place.location] * 2


def test_what_somebody_has_replaced_meanwhile_stays(
    models: Models, engine: Engine, s3_bucket: str
) -> None:
    """The row is read again under its lock, and nothing is done."""
    storages = models.storages
    with Session(engine) as session, Session(engine) as other:
        session.add(models.thing(image=upload(b"old")))
        session.commit()
        thing = session.scalars(select(models.thing)).one()
        key, old = thing.id, thing.image
        place = copied(storages, old, s3_bucket)
        session.rollback()
        get(other, models.thing, key).image = upload(b"new")
        other.commit()
        assert not move_files(thing, [(old, place)])
        session.commit()
        assert read(thing.image) == b"new"


def test_what_cannot_be_moved_is_refused(small: Models, sqlite: Engine, tmp_path: Path) -> None:
    """An object without a row; a file to a storage that the followed columns cannot say."""
    with pytest.raises(ArgumentError, match="obj must be an object of a session, whose"):
        move_files(small.thing(), [])

    class Base(DeclarativeBase):
        pass

    class Old(Base):
        __tablename__ = "old"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str | None] = mapped_column(String(255))

    Base.metadata.create_all(sqlite)
    follow(Old, Storages(tmp_path), name="name")
    with Session(sqlite) as session:
        row = Old()
        value: Any = upload()
        row.name = value
        session.add(row)
        session.commit()
        (file,) = files_of(row)
        place = file.replace(storage_type="s3", bucket_name="media")
        with pytest.raises(ArgumentError, match="storage_type must be a column that Old.name"):
            move_files(row, [(file, place)])
