"""A program whose children are killed while rows claim, replace and delete direct uploads.

``killed_rows.py FOLDER KILLS``, with the app's settings as JSON on standard input. After each kill
it looks that all that rows name is there, and that ``flask uploads prune`` lists the rest.
"""

import json
import os
import random
import re
import signal
import sys
import time
from typing import Any

from flask import Flask
from gallery import Models, add_models
from sent_files import picture, posted
from sqlalchemy import select

from flask_s3_upload import Uploads


def main(folder: str, kills: int, settings: dict[str, Any]) -> None:
    app = Flask("killed", instance_path=folder)
    app.config.update(SECRET_KEY="not a secret", SQLALCHEMY_DATABASE_URI="sqlite:///rows.db")
    app.config.update(settings)
    models = add_models(app, Uploads(app, user=lambda: "ann"))
    with app.app_context():
        models.db.create_all()
        models.db.engine.dispose()
    start = time.monotonic()
    for _ in range(3):
        work(app, models)
    cycle = (time.monotonic() - start) / 3
    orphans = 0
    for _ in range(kills):
        child = os.fork()
        if not child:
            # Kills this process, as SIGKILL does, without a word to Python.
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, random.uniform(0.0001, 2 * cycle))
            while True:
                work(app, models)
        _, status = os.waitpid(child, 0)
        assert os.WTERMSIG(status) == signal.SIGALRM, status
        orphans = check(app, models)
    print(f"{kills} kills left {orphans} files that no row names")


def work(app: Flask, models: Models) -> None:
    """Add a row by a token, replace its file by that of another, and delete it."""
    with app.app_context():
        session = models.db.session
        row = models.picture()
        session.add(row)
        for _ in range(2):
            row.image = models.uploads.hold(posted(picture()), purpose="picture")
            session.commit()
        if random.random() < 0.7:
            session.delete(row)
            session.commit()
        models.db.engine.dispose()


def check(app: Flask, models: Models) -> int:
    with app.app_context():
        files = [row.image for row in models.db.session.scalars(select(models.picture))]
        lost = [file.name for file in files if file is not None and not file.exists()]
        assert not lost, lost
        names = {info.name for info in models.uploads.storages.current.find("pictures/")}
        models.db.session.remove()
        models.db.engine.dispose()
    output = (
        app.test_cli_runner()
        .invoke(args=["uploads", "prune", "--older-than", "0", "--dry-run"])
        .output
    )
    listed = set(re.findall("would delete (.*)", output))
    orphans = names - {file.name for file in files if file is not None}
    assert listed == orphans, (output, orphans)
    return len(orphans)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), json.load(sys.stdin))
