"""What visitors sent, what they read in return, and whether it is so."""

import json
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from s3_saver import S3Storage

from .app import Environment, run

_KINDS = ("uploads", "thumbnails")  # folders of files that visitors cause


@dataclass
class Record:
    """What visitors read about the gallery's pictures, by their titles."""

    sent: dict[str, bytes] = field(default_factory=dict)
    added: set[str] = field(default_factory=set)
    #: Somebody read that it was not added.
    refused: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    #: Somebody wanted it deleted, and got no answer, or the answer that it could not be done.
    maybe_deleted: set[str] = field(default_factory=set)


@dataclass
class Stock:
    """What there is, seen from behind: the database's rows and the storage's files.

    :param rows: the names of the files, below the uploads folder, by title.
    :param files: the contents, by name below the folder for data, or the bucket.
    """

    rows: dict[str, str]
    files: dict[str, bytes]

    @property
    def pictures(self) -> dict[str, bytes | None]:
        """The contents of the rows' files, by title; ``None`` where a row's file is gone."""
        return {title: self.files.get(f"uploads/{name}") for title, name in self.rows.items()}


def look(database: str, place: Path | S3Storage) -> Stock:
    """See what there is.

    :param database: its URL.
    :param place: the machine's folder for data, or the bucket.
    """
    return Stock(_rows(database), dict(_files(place)))


def check(record: Record, stock: Stock) -> None:
    """What visitors read is so.

    :raises AssertionError: it is not.
    """
    pictures = stock.pictures
    lost = record.added - record.deleted - record.maybe_deleted - pictures.keys()
    assert not lost, f"acknowledged, and not there: {sorted(lost)}"
    there = record.deleted & pictures.keys()
    assert not there, f"deleted, and still there: {sorted(there)}"
    wrong = {title for title, content in pictures.items() if content != record.sent[title]}
    assert not wrong, f"rows whose files are gone, or not what was sent: {sorted(wrong)}"


def check_no_strangers(stock: Stock, environment: Environment) -> Counter[str]:
    """Every file has a row, or waits to be claimed, or is listed by a command that prunes.

    :raises AssertionError: one is and does not.
    :return: how many there are of each kind.
    """
    kinds = Counter[str]()
    named = {f"uploads/{name}" for name in stock.rows.values()}
    # Of an original that prune lists, the thumbnails come next.
    stems = {os.path.splitext(name)[0].removeprefix("uploads/") + "_" for name in stock.files}
    orphans = _listed(environment, "uploads", "prune", "--dry-run", "--older-than", "0")
    thumbnails = _listed(environment, "thumbnails", "prune", "--dry-run", "--force")
    strangers = []
    for name in stock.files:
        folder, _, rest = name.partition("/")
        if name in named:
            kinds["have a row"] += 1
        elif rest.startswith("pending/"):
            kinds["pending"] += 1
        elif folder == "thumbnails" and any(rest.startswith(stem) for stem in stems):
            kinds["thumbnails"] += 1
        elif any(rest in line.split() for line in orphans):
            kinds["files that prune lists"] += 1
        elif any(line.endswith(f" {rest}") for line in thumbnails):
            kinds["thumbnails that prune lists"] += 1
        else:
            strangers.append(name)
    assert not strangers, f"no row names them, and no prune finds them: {strangers}"
    return kinds


def _listed(environment: Environment, *command: str) -> list[str]:
    return run(environment, *command).splitlines()


def _rows(database: str) -> dict[str, str]:
    named = sa.text(
        "SELECT title, image FROM picture UNION ALL"
        " SELECT 'home', image FROM thingy WHERE image IS NOT NULL"
    )
    engine = sa.create_engine(database)
    with engine.connect() as connection:
        rows = connection.execute(named).all()
    engine.dispose()
    # SQLite has text where PostgreSQL has JSON.
    files = {title: json.loads(file) if isinstance(file, str) else file for title, file in rows}
    return {title: file["name"] for title, file in files.items()}


def _files(place: Path | S3Storage) -> list[tuple[str, bytes]]:
    if isinstance(place, Path):
        paths = [path for kind in _KINDS for path in (place / kind).rglob("*") if path.is_file()]
        return [(str(path.relative_to(place)), path.read_bytes()) for path in paths]
    found = []
    for info in (info for kind in _KINDS for info in place.find(f"{kind}/")):
        with place.open(info.name) as file:
            found.append((info.name, file.read()))
    return found
