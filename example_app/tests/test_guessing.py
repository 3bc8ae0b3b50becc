"""Guessing passwords is slow, by account and by address, for all processes together."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from example_app.guessing import MOST_PER_ACCOUNT, MOST_PER_ADDRESS, WINDOW, network
from example_app.models import SignInAttempt, db, utcnow
from example_app.tests.support import EMAIL, PASSWORD, MakeApp, Settings
from example_app.visitor import Page

WORDS = "Too many attempts to sign in: try again in 5 minutes."


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


def test_an_account_is_closed_for_a_while(
    make_app: MakeApp, on_disk: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """After wrong passwords from anywhere, another process refuses even the right one, however
    the address is written; and takes it when the wait is over.
    """
    first, second = make_app(on_disk), make_app(on_disk)
    for number in range(MOST_PER_ACCOUNT):
        status, text = sign_in(first, EMAIL, "wrong", f"192.0.2.{number}")
        assert status == 200
        assert WORDS not in text
    for spelling in (EMAIL, "admin@EXAMPLE.com", "Admin@example.com"):
        status, text = sign_in(second, spelling, PASSWORD, "198.51.100.1")
        assert status == 429
        assert WORDS in text
        assert 'href="/login"' in text
    assert "198.51.100.1" in caplog.text

    with second.app_context():
        long_ago = utcnow() - WINDOW - timedelta(seconds=1)
        db.session.execute(update(SignInAttempt).values(created=long_ago))
        db.session.commit()
    assert sign_in(second, EMAIL, PASSWORD)[0] == 302
    assert attempts(second) == 0


def test_an_address_is_refused_for_a_while(disk_app: Flask) -> None:
    """Who guesses for many accounts has to wait for all; others need not."""
    record(disk_app, MOST_PER_ADDRESS, address="192.0.2.1")
    assert sign_in(disk_app, EMAIL, PASSWORD, "192.0.2.1")[0] == 429
    assert sign_in(disk_app, EMAIL, PASSWORD, "192.0.2.2")[0] == 302


def test_who_signs_in_is_not_counted(disk_app: Flask) -> None:
    """Right passwords take back what was counted for the account."""
    for _ in range(MOST_PER_ACCOUNT + 1):
        assert sign_in(disk_app, EMAIL, PASSWORD)[0] == 302
    assert attempts(disk_app) == 0


def test_guesses_at_the_same_time_count(disk_app: Flask) -> None:
    """Many guesses at once check no more passwords than the same one after the other."""
    with ThreadPoolExecutor(8) as pool:
        guesses = [pool.submit(sign_in, disk_app, EMAIL, "wrong") for _ in range(16)]
    statuses = [guess.result()[0] for guess in guesses]
    assert statuses.count(200) <= MOST_PER_ACCOUNT
    assert set(statuses) <= {200, 429}


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
