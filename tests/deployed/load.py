"""Many visitors at once, who add, look at and delete pictures, and keep record of it."""

import itertools
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import requests

from .record import Record
from .visitor import Page, PageError, Picture, Visitor, is_added, is_deleted, photo

_numbers = itertools.count()


@dataclass
class Load:
    """What many visitors do and see.

    :param mercy: whether a web server that hangs up is borne, as one that is killed does.
    """

    mercy: bool = False
    record: Record = field(default_factory=Record)
    times: list[float] = field(default_factory=list)
    #: Pages that were an error, in words.
    errors: list[str] = field(default_factory=list)
    #: How often a web server hung up, or took no connection.
    hung_up: int = 0
    left_out: int = 0
    _ended: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def of(self, visitors: int, *urls: str) -> Iterator[None]:
        """Let visitors come for as long as the block lasts.

        :raises PageError: one saw what nobody must see.
        """
        with ThreadPoolExecutor(visitors) as pool:
            self._ended.clear()
            come = [pool.submit(self._visit, number, *urls) for number in range(visitors)]
            try:
                yield
            finally:
                self._ended.set()
        for visit in come:
            _result(visit)

    def percentile(self, percent: float) -> float:
        """How long a page took at most, for so many of them; in seconds."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]

    def _visit(self, number: int, *urls: str) -> None:
        chance = random.Random(number)
        visitor = Visitor(*urls[number % len(urls) :], *urls[: number % len(urls)])
        while not self._ended.is_set():
            try:
                self._do_something(visitor, chance)
            # The latter where an answer was under way.
            except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
                if not self.mercy:
                    raise
                self.hung_up += 1
                time.sleep(0.1)
        self.times += visitor.times
        self.left_out += visitor.left_out

    def _do_something(self, visitor: Visitor, chance: random.Random) -> None:
        deeds = [self._add, self._send_and_add, self._leave, self._delete, self._look]
        chance.choices(deeds, [20, 10, 2, 18, 50])[0](visitor, chance)

    def _add(self, visitor: Visitor, _: random.Random) -> None:
        title = self._new()
        self._told(title, visitor.add(title, self.record.sent[title]))

    def _send_and_add(self, visitor: Visitor, _: random.Random) -> None:
        title = self._new()
        token = visitor.send(title, self.record.sent[title])
        self._told(title, visitor.add_sent(token))

    def _leave(self, visitor: Visitor, _: random.Random) -> None:
        """Send a picture, and think better of it."""
        title = self._new()
        visitor.send(title, self.record.sent[title])

    def _new(self) -> str:
        title = f"{next(_numbers):05}.jpg"
        self.record.sent[title] = photo(title)
        return title

    def _told(self, title: str, page: Page) -> None:
        if is_added(page):
            self.record.added.add(title)
        else:
            self._note(page)
            self.record.refused.add(title)

    def _delete(self, visitor: Visitor, chance: random.Random) -> None:
        page = self._note(visitor.see("/gallery"))
        if not page.pictures:
            return
        picture = chance.choice(page.pictures)
        self.record.maybe_deleted.add(picture.title)
        if is_deleted(self._note(visitor.delete(picture, page))):
            self.record.deleted.add(picture.title)

    def _look(self, visitor: Visitor, chance: random.Random) -> None:
        page = self._note(visitor.see("/gallery"))
        if not page.pictures:
            return
        picture = chance.choice(page.pictures)
        answer = visitor.fetch(picture.original)
        # Another visitor may have deleted it by now.
        if answer.status_code == 200:
            self._compare(picture, answer.content)
        elif answer.status_code != 404:
            self.errors.append(f"{answer.status_code} for {picture.original}")

    def _compare(self, picture: Picture, content: bytes) -> None:
        if content != self.record.sent[picture.title]:
            raise PageError(f"{picture.title} is not what was sent")

    def _note(self, page: Page) -> Page:
        if page.status >= 400 or any("Nothing was changed" in words for words in page.words):
            self.errors.append(f"{page.status} {page.words}")
        return page


def _result(visit: Future[None]) -> None:
    visit.result()
