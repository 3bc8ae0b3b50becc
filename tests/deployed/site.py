"""A web server with its database and storage, somebody who tries its pages, and a look behind."""

import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from s3_saver import S3Storage

from .app import Environment, Web
from .record import Record, Stock, check, check_no_strangers, look
from .visitor import Page, Visitor, is_added, is_deleted, photo

_numbers = itertools.count()


@dataclass
class Site:
    """A web server, and what it answered.

    :param database: as the tests reach it.
    :param place: where files are: the machine's folder for data, or the bucket.
    """

    web: Web
    environment: Environment
    database: str
    place: Path | S3Storage
    record: Record = field(default_factory=Record)

    @property
    def visitor(self) -> Visitor:
        """Somebody new."""
        return Visitor(self.web.url)

    def add(self, size: int = 0) -> Page:
        """Try to add a picture; what comes of it goes on record.

        :param size: in bytes, at least.
        """
        title = f"{next(_numbers)}.jpg"
        content = photo(title)
        self.record.sent[title] = content + b"\0" * (size - len(content))
        page = self.visitor.add(title, self.record.sent[title])
        (self.record.added if is_added(page) else self.record.refused).add(title)
        return page

    def delete(self) -> Page:
        """Try to delete the newest picture."""
        visitor = self.visitor
        page = visitor.see("/gallery")
        picture = page.pictures[0]
        after = visitor.delete(picture, page)
        (self.record.deleted if is_deleted(after) else self.record.maybe_deleted).add(picture.title)
        return after

    def save(self) -> Page:
        """Try to save the picture of the home page."""
        title = f"home {next(_numbers)}"
        content = photo(title)
        page = self.visitor.save(content)
        if "Picture saved." in page.words:
            self.record.sent["home"] = content
            self.record.added.add("home")
        return page

    def look(self) -> Stock:
        return look(self.database, self.place)

    def check(self) -> None:
        """The app works again: its answers were true, and pages load."""
        assert is_added(self.add())
        for path in ("/", "/gallery", "/sizes", "/status"):
            assert self.visitor.see(path).status == 200
        check(self.record, self.look())

    def check_no_strangers(self) -> Counter[str]:
        """Every file has a row, or waits to be claimed, or is listed by a command that prunes.

        :return: how many there are of each kind.
        """
        return check_no_strangers(self.look(), self.environment)


@contextmanager
def site(
    environment: Environment, place: Path | S3Storage, *before: str, database: str = ""
) -> Iterator[Site]:
    """Run the app.

    :param before: a command that runs gunicorn's.
    :param database: its URL, if the app goes there by a proxy.
    """
    database = database or environment.get("DATABASE_URL", "")
    database = database or f"sqlite:///{environment['DATA_FOLDER']}/example_app.sqlite"
    with Web(environment, *before) as web:
        yield Site(web, environment, database, place)
