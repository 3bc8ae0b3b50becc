"""Files of several rows, and two transactions: who deletes the last row, and who names its file."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from models import Models, add, contents, get, make_models, upload
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from s3_saver import Storages
from sqlalchemy_s3_files import NotStoredError

pytestmark = pytest.mark.postgres


@pytest.fixture
def engine(postgres: str) -> Any:
    """An empty database with transactions that wait for each other."""
    made = create_engine(postgres)
    yield made
    with made.begin() as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    made.dispose()


@pytest.fixture
def models(memory: Storages, engine: Engine) -> Models:
    made = make_models(memory)
    made.base.metadata.create_all(engine)
    return made


def shared_file(models: Models, first: Any = None) -> Any:
    return models.shared(image=first.image if first else upload(b"x"), pages=[])


def shared_list(models: Models, first: Any = None) -> Any:
    return models.shared(pages=list(first.pages) if first else [upload(b"x")])


def followed(models: Models, first: Any = None) -> Any:
    if first is None:
        return models.post(image=upload(b"x"))
    return models.post(image=first.image, image_storage_type=first.image_storage_type)


KINDS = pytest.mark.parametrize("make", [shared_file, shared_list, followed])


@KINDS
def test_who_deletes_the_last_row_waits_for_who_names_its_file(
    models: Models, engine: Engine, make: Callable[..., Any]
) -> None:
    """Afterwards it sees the other's row, and the file stays."""
    with Session(engine) as one, Session(engine) as two:
        first = make(models)
        one.add(first)
        one.commit()
        two.add(make(models, two.get(type(first), first.id)))
        two.flush()
        one.execute(text("SET LOCAL lock_timeout = 20"))
        one.delete(first)
        with pytest.raises(OperationalError, match="lock timeout"):
            one.flush()
        one.rollback()
        two.commit()
        one.delete(first)
        one.commit()
    assert contents(models.storages) == [b"x"]


@KINDS
def test_a_file_whose_last_row_is_being_deleted_is_refused_in_words(
    models: Models, engine: Engine, make: Callable[..., Any]
) -> None:
    """Who names it waits for that, and nothing is written."""
    with Session(engine) as one, Session(engine) as two, Session(engine) as watch:
        first = make(models)
        one.add(first)
        one.commit()
        two.add(make(models, two.get(type(first), first.id)))
        one.delete(first)
        one.flush()
        errors: list[Exception] = []

        def name_it() -> None:
            try:
                two.commit()
            except NotStoredError as error:
                errors.append(error)

        thread = threading.Thread(target=name_it)
        thread.start()
        waiting = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        while thread.is_alive() and not watch.scalar(waiting):
            watch.rollback()
        one.commit()
        thread.join()
        assert "has deleted the last row that named it" in str(errors[0])
        two.rollback()
    assert contents(models.storages) == []


def test_one_row_is_locked_of_the_many_that_name_a_file(models: Models, engine: Engine) -> None:
    """Others of them can be changed meanwhile, and the same file be named."""
    first = add(engine, models.shared, image=upload(b"x"), pages=[])
    with Session(engine) as one, Session(engine) as two:
        image = get(one, models.shared, first).image
        rows = [models.shared(image=image, pages=[]) for _ in range(3)]
        one.add_all(rows)
        one.commit()
        one.add(models.shared(image=image, pages=[]))
        one.flush()
        two.execute(text("SET LOCAL lock_timeout = 1000"))
        two.add(models.shared(image=image, pages=[]))
        two.flush()
        get(two, models.shared, rows[-1].id).image = None
        two.commit()
        one.commit()
    assert contents(models.storages) == [b"x"]
