"""A program whose children are killed while they replace, add and delete rows with files.

``killed.py FOLDER KILLS [BUCKET]``; S3 is what the environment says. After each kill it looks that
all that rows name is there, and that ``find_orphans`` lists the rest. It prints how often there was
any.
"""

import io
import os
import random
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

from models import Models, make_models
from sqlalchemy import NullPool, create_engine, select
from sqlalchemy.orm import Session

from s3_saver import Storages, StoredFile, location_of
from sqlalchemy_s3_files import find_orphans, new_file


def main(folder: str, kills: int, bucket_name: str = "") -> None:
    if bucket_name:
        storages = Storages(storage_type="s3", bucket_name=bucket_name)
    else:
        storages = Storages(Path(folder) / "files")
    models = make_models(storages)
    url = f"sqlite:///{folder}/rows.db"
    engine = create_engine(url, poolclass=NullPool)
    models.base.metadata.create_all(engine)
    start = time.monotonic()
    for number in range(4):
        work(models, url, number)
    cycle = (time.monotonic() - start) / 4
    undone = 0
    for number in range(kills):
        child = os.fork()
        if not child:
            # Kills this process, as SIGKILL does, without a word to Python.
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, random.uniform(0.0001, 2 * cycle))
            while True:
                work(models, url, number := number + 1)
        _, status = os.waitpid(child, 0)
        assert os.WTERMSIG(status) == signal.SIGALRM, status
        with Session(engine) as session:
            things = session.scalars(select(models.thing)).all()
            files = [file for thing in things for file in all_of(thing)]
            lost = [file.name for file in files if not file.exists()]
            named = {file.name for file in files}
            there = {info.name for info in storages.current.find("things/")}
            there |= {info.name for info in storages.current.find("pages/")}
            # Nobody is at work now; clocks may differ.
            found = find_orphans(storages, session, [models.thing], older_than=timedelta(hours=-1))
            orphans = {file.name for file in found}
        assert not lost, lost
        assert orphans == there - named, (orphans, there - named)
        undone += bool(orphans)
        storages.delete_names(orphans, *location_of(storages.current))
    print(f"{kills} kills, {undone} of them left files over")


def all_of(thing: object) -> list[StoredFile]:
    """The files of a row."""
    return [file for file in (thing.image, *thing.pages) if file]  # type: ignore[attr-defined]


def work(models: Models, url: str, number: int) -> None:
    """Replace, add and delete: three transactions, and one that is rolled back."""
    engine = create_engine(url, poolclass=NullPool)
    with Session(engine) as session:
        for thing in session.scalars(select(models.thing).limit(2)):
            thing.image = new_file(io.BytesIO(b"replaced"), "r.txt")
            thing.pages.append(new_file(io.BytesIO(b"page"), "p.txt"))
        session.commit()
        session.add(models.thing(image=new_file(io.BytesIO(b"%d" % number), "n.txt")))
        session.commit()
        session.add(models.thing(image=new_file(io.BytesIO(b"%d" % number), "n.txt")))
        session.flush()
        session.rollback()
        if number % 2:
            session.delete(session.scalars(select(models.thing).limit(1)).one())
            session.commit()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
