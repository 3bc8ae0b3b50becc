"""A list of files follows what is done to it."""

import pickle
from collections.abc import Callable
from typing import Any

import pytest
from models import Models, add, contents, get, read, upload
from pickled_model import Album, Base, storages
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from s3_saver import ArgumentTypeError


def test_a_list_follows_each_change(models: Models, engine: Engine) -> None:
    """Append, insert, replace, slice, reorder, remove: after each commit the files are these."""
    key = add(engine, models.thing)
    with Session(engine) as session:
        thing = get(session, models.thing, key)
        steps: list[tuple[Callable[[Any], object], list[bytes]]] = [
            (lambda pages: pages.append(upload(b"b")), [b"b"]),
            (lambda pages: pages.insert(0, upload(b"a")), [b"a", b"b"]),
            (lambda pages: pages.extend([upload(b"c"), upload(b"d")]), [b"a", b"b", b"c", b"d"]),
            (lambda pages: pages.__setitem__(1, upload(b"B")), [b"a", b"B", b"c", b"d"]),
            (lambda pages: pages.reverse(), [b"d", b"c", b"B", b"a"]),
            (lambda pages: pages.remove(pages[0]), [b"c", b"B", b"a"]),
            (lambda pages: pages.pop(), [b"c", b"B"]),
            (lambda pages: pages.__setitem__(slice(0, 1), [upload(b"C")]), [b"C", b"B"]),
            (lambda pages: pages.__iadd__([upload(b"e")]), [b"C", b"B", b"e"]),
            (lambda pages: pages.sort(key=lambda file: file.size), [b"C", b"B", b"e"]),
            (lambda pages: pages.clear(), []),
        ]
        for change, expected in steps:
            change(thing.pages)
            session.commit()
            assert [read(page) for page in thing.pages] == expected
            assert contents(models.storages) == sorted(expected)


def test_a_list_is_replaced(models: Models, engine: Engine) -> None:
    """What is in both stays, without a copy; a rollback leaves all as it was."""
    key = add(engine, models.thing, pages=[upload(b"a"), upload(b"b")])
    with Session(engine) as session:
        thing = get(session, models.thing, key)
        kept = thing.pages[1]
        thing.pages = [upload(b"c"), kept]
        session.flush()
        session.rollback()
        assert contents(models.storages) == [b"a", b"b"]
        thing.pages = [upload(b"c"), kept]
        session.commit()
        assert contents(models.storages) == [b"b", b"c"]
        assert thing.pages[1] == kept
        thing.pages = None
        session.commit()
        assert (thing.pages, contents(models.storages)) == ([], [])


def test_an_empty_upload_in_a_list(small: Models, sqlite: Engine) -> None:
    """Among others it is left out; a form's field in which nothing was chosen changes nothing."""
    key = add(sqlite, small.thing, pages=[upload(b"a")])
    with Session(sqlite) as session:
        thing = get(session, small.thing, key)
        thing.pages = ["", upload(b"b", "")]
        thing.pages.append("")
        session.commit()
        assert [read(page) for page in thing.pages] == [b"b"]
        thing.pages = [""]
        session.commit()
        assert [read(page) for page in thing.pages] == [b"b"]
        thing.pages = []
        session.commit()
        assert contents(small.storages) == []


def test_a_list_takes_only_files(small: Models) -> None:
    """One file is no list, and text is no file."""
    thing = small.thing()
    for wrong in (upload(), "a.jpg", 3):
        with pytest.raises(
            ArgumentTypeError, match=r"Thing.pages must be a list of files, or None"
        ):
            thing.pages = wrong
    with pytest.raises(ArgumentTypeError, match=r"Thing.pages must be a file"):
        thing.pages.append("a.jpg")


def test_a_row_with_files_outlives_a_pickle(sqlite: Engine) -> None:
    """Added to a session again, or merged, its files are bound and its list follows as before."""
    Base.metadata.create_all(sqlite)
    with Session(sqlite, expire_on_commit=False) as session:
        album = Album(cover=upload(b"c"), pages=[upload(b"a"), upload(b"b")])
        session.add(album)
        session.commit()
    for take_in in ("add", "merge"):
        arrived = pickle.loads(pickle.dumps(album))
        assert arrived.pages == album.pages
        with Session(sqlite, expire_on_commit=False) as session:
            taken = getattr(session, take_in)(arrived) or arrived
            assert read(taken.cover) == b"c"
            assert read(taken.pages[0]) == contents(storages)[0]
            taken.pages.pop(0)
            taken.pages.append(upload(b"z"))
            session.commit()
            assert contents(storages) == sorted(read(file) for file in [taken.cover, *taken.pages])
            album = taken
