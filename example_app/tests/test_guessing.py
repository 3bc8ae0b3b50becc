"""Guessing passwords is slow, for all processes together, and keeps nobody else out."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from example_app.guessing import PER_ACCOUNT, PER_ADDRESS, Limit, network
from example_app.models import SignInAttempt, db
from example_app.tests.support import EMAIL, PASSWORD, MakeApp, Settings
from example_app.visitor import Page

WORDS = "Too many attempts to sign in: try again in"
STRANGER = "198.51.100.7"


@pytest.fixture
def disk_app(make_app: MakeApp, on_disk: Settings) -> Flask:
    return make_app(on_disk)


def sign_in(app: Flask, email: str, password: str, address: str = "192.0.2.1") -> tuple[int, str]:
    """Return the status and the page that somebody at an address gets."""
    client = app.test_client()
    origin = {"REMOTE_ADDR": address}
    token = Page(client.get("/login", environ_overrides=origin).text).csrf_token
    form = {"csrf_token": token, "email": email, "password": password}
    answer = client.post("/login", data=form, environ_overrides=origin)
    return answer.status_code, answer.text


def attempts(app: Flask) -> int:
    with app.app_context():
        return db.session.scalars(select(func.count()).select_from(SignInAttempt)).one()


def record(app: Flask, count: int, **columns: str) -> None:
    """Have so many attempts recorded already."""
    row = {"account": "another", "address": "192.0.2.9", **columns}
    with app.app_context():
        db.session.add_all(SignInAttempt(**row) for _ in range(count))
        db.session.commit()


def make_older(app: Flask, time: timedelta) -> None:
    """Let so much time pass since all attempts."""
    with app.app_context():
        for attempt in db.session.scalars(select(SignInAttempt)):
            attempt.created -= time
        db.session.commit()


def guess(app: Flask, count: int, address: str = STRANGER) -> None:
    """Sign in with wrong passwords, as often as need not wait."""
    for _ in range(count):
        status, text = sign_in(app, EMAIL, "wrong", address)
        assert status == 200
        assert WORDS not in text


def test_who_guesses_has_to_wait(
    make_app: MakeApp, on_disk: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """After some wrong passwords another process refuses even the right one, however the account
    is written, says for how long, and takes it when that time is over.
    """
    first, second = make_app(on_disk), make_app(on_disk)
    guess(first, PER_ACCOUNT.free)
    for spelling in (EMAIL, "admin@EXAMPLE.com", "Admin@example.com"):
        status, text = sign_in(second, spelling, PASSWORD, STRANGER)
        assert status == 429
        assert re.search(rf"{WORDS} \d+ seconds?\.", text)
        assert 'href="/login"' in text
    assert STRANGER in caplog.text
    make_older(second, PER_ACCOUNT.first)
    assert sign_in(second, EMAIL, PASSWORD, STRANGER)[0] == 302
    assert attempts(second) == 0


def test_others_need_not_wait(disk_app: Flask) -> None:
    """However many addresses guess, and however often, who has the password signs in at another."""
    guess(disk_app, PER_ACCOUNT.free)
    for number in range(1, 40):
        record(disk_app, 50, account=account(disk_app), address=f"198.51.100.{number}")
    assert sign_in(disk_app, EMAIL, "wrong", STRANGER)[0] == 429
    assert sign_in(disk_app, EMAIL, PASSWORD, "192.0.2.1")[0] == 302
    assert sign_in(disk_app, EMAIL, PASSWORD, STRANGER)[0] == 429  # this was another's success


def test_each_wrong_password_doubles_the_wait(disk_app: Flask) -> None:
    """The wait grows with each wrong password, not with what is refused, and has an end."""
    guess(disk_app, PER_ACCOUNT.free)
    for seconds in (10, 20, 40):
        for _ in range(3):
            assert sign_in(disk_app, EMAIL, PASSWORD, STRANGER)[0] == 429
        make_older(disk_app, timedelta(seconds=seconds - 5))
        assert sign_in(disk_app, EMAIL, PASSWORD, STRANGER)[0] == 429
        make_older(disk_app, timedelta(seconds=5))
        guess(disk_app, 1)
    record(disk_app, 900, account=account(disk_app), address=STRANGER)
    assert f"{WORDS} 15 minutes." in sign_in(disk_app, EMAIL, PASSWORD, STRANGER)[1]
    make_older(disk_app, PER_ACCOUNT.memory)
    guess(disk_app, PER_ACCOUNT.free)


def test_a_day_has_few_guesses() -> None:
    """From one address, an account takes about a hundred guesses a day."""
    seconds, guesses = timedelta(), 0
    while seconds < PER_ACCOUNT.memory:
        seconds += PER_ACCOUNT.delay(guesses)
        guesses += 1
    assert 80 <= guesses <= 120


def test_delay() -> None:
    """The first wait comes after what is free, then doubles up to the longest."""
    limit = Limit(2, timedelta(seconds=10), timedelta(minutes=1), timedelta(hours=1))
    seconds = [int(limit.delay(attempts).total_seconds()) for attempts in range(7)]
    assert seconds == [0, 0, 10, 20, 40, 60, 60]
    assert limit.delay(1_000_000) == limit.longest


def test_an_address_is_refused_for_a_while(disk_app: Flask) -> None:
    """Who guesses for many accounts has to wait for all, five minutes at most; others need not."""
    record(disk_app, PER_ADDRESS.free, address="192.0.2.1")
    assert sign_in(disk_app, EMAIL, PASSWORD, "192.0.2.1")[0] == 429
    assert sign_in(disk_app, EMAIL, PASSWORD, "192.0.2.2")[0] == 302
    record(disk_app, 500, address="192.0.2.1")
    assert f"{WORDS} 5 minutes." in sign_in(disk_app, EMAIL, PASSWORD, "192.0.2.1")[1]
    make_older(disk_app, PER_ADDRESS.memory)
    assert sign_in(disk_app, "another@example.com", "wrong", "192.0.2.1")[0] == 200
    assert sign_in(disk_app, EMAIL, PASSWORD, "192.0.2.1")[0] == 302


def test_who_signs_in_is_not_counted(disk_app: Flask) -> None:
    """Right passwords take back what was counted for the account."""
    for _ in range(PER_ACCOUNT.free + 1):
        assert sign_in(disk_app, EMAIL, PASSWORD)[0] == 302
    assert attempts(disk_app) == 0


def test_guesses_at_the_same_time_count(disk_app: Flask) -> None:
    """Many guesses at once check no more passwords than the same one after the other."""
    with ThreadPoolExecutor(8) as pool:
        guesses = [pool.submit(sign_in, disk_app, EMAIL, "wrong") for _ in range(16)]
    statuses = [guess.result()[0] for guess in guesses]
    assert statuses.count(200) <= PER_ACCOUNT.free
    assert set(statuses) <= {200, 429}


def test_json_is_counted_too(disk_app: Flask) -> None:
    """What is posted as JSON is an attempt like any other."""
    client = disk_app.test_client()
    token = Page(client.get("/login").text).csrf_token
    for _ in range(PER_ACCOUNT.free):
        body = {"csrf_token": token, "email": EMAIL, "password": "wrong"}
        headers = {"X-CSRFToken": token}
        assert client.post("/login", json=body, headers=headers).status_code == 400
    body["password"] = PASSWORD
    assert client.post("/login", json=body, headers=headers).status_code == 429


def account(app: Flask) -> str:
    """Return the digest by which the admin's account is counted."""
    with app.app_context():
        return str(db.session.scalars(select(SignInAttempt.account)).first())


def test_what_was_typed_is_not_kept(disk_app: Flask) -> None:
    """A password in the field for the address is not in the database."""
    sign_in(disk_app, "my-password@example.com", "wrong")
    with disk_app.app_context():
        (attempt,) = db.session.scalars(select(SignInAttempt))
        assert len(attempt.account) == 64
        assert "my-password" not in attempt.account


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", ""),
    ],
)
def test_addresses_are_counted_by_visitor(address: str, counted: str) -> None:
    """Of IPv6 the network counts, as a visitor has all of its addresses."""
    assert network(address) == counted
