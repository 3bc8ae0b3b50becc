"""Sign-in slows guessing: after a few wrong passwords there is a delay, which doubles with each
further one.

Wrong passwords count for one account from one address, and for one address with all accounts, so
that who guesses keeps nobody else out, at another address. Attempts are in the database, so all
processes count them together. An attempt is recorded before its password is checked, so that
guesses at the same time count, too.
"""

import hmac
import ipaddress
import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import current_app as app
from flask import request
from flask_security.forms import LoginForm
from sqlalchemy import ColumnElement, delete, func, select
from werkzeug.exceptions import TooManyRequests

from example_app.models import SignInAttempt, db, utcnow

_NETWORK = 64  # bits of an IPv6 address; a visitor may use all addresses that begin with them


@dataclass(frozen=True)
class Limit:
    """How many attempts need not wait, how long those after them do, and when all are forgotten."""

    free: int
    first: timedelta
    longest: timedelta
    memory: timedelta

    def delay(self, attempts: int) -> timedelta:
        """Return how long after the last of so many attempts the next one has to wait."""
        if attempts < self.free:
            return timedelta()
        doublings = min(attempts - self.free, 20)
        return min(self.first * (1 << doublings), self.longest)


PER_ACCOUNT = Limit(
    5, first=timedelta(seconds=10), longest=timedelta(minutes=15), memory=timedelta(days=1)
)
# People of one house or firm share an address, so it is free for longer, and opens again sooner.
PER_ADDRESS = Limit(
    30, first=timedelta(seconds=10), longest=timedelta(minutes=5), memory=timedelta(hours=1)
)


class SignInForm(LoginForm):
    """Flask-Security's form; it checks no password of who has guessed too often."""

    attempt: SignInAttempt

    def validate_email(self, field: Any) -> None:
        """Record the attempt: WTForms calls this when the address is normalized."""
        self.attempt = record(field.data, request.remote_addr or "")

    def validate(self, **kwargs: Any) -> bool:
        is_valid = bool(super().validate(**kwargs))
        if is_valid:
            forget(self.attempt)
        return is_valid


def record(email: str, address: str) -> SignInAttempt:
    """Record an attempt to sign in.

    :raises TooManyRequests: there were too many for this account from this address, or from this
        address.
    """
    attempt = SignInAttempt(account=_digest(email), address=network(address))
    forgotten = utcnow() - PER_ACCOUNT.memory
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.created < forgotten))
    db.session.add(attempt)
    db.session.commit()  # now the others count it
    at_address = SignInAttempt.address == attempt.address
    wait = max(
        _wait(PER_ADDRESS, attempt, at_address),
        _wait(PER_ACCOUNT, attempt, at_address & (SignInAttempt.account == attempt.account)),
    )
    if wait <= timedelta():
        return attempt
    # It was not tried, so it does not make the wait longer.
    db.session.delete(attempt)
    db.session.commit()
    app.logger.warning("Too many attempts to sign in, the last from %s", address)
    seconds = math.ceil(wait.total_seconds())
    raise TooManyRequests(
        f"Too many attempts to sign in: try again in {_in_words(seconds)}.", retry_after=seconds
    )


def forget(attempt: SignInAttempt) -> None:
    """Forget the attempts for an account from the address at which its user has signed in."""
    db.session.execute(
        delete(SignInAttempt).where(
            SignInAttempt.account == attempt.account, SignInAttempt.address == attempt.address
        )
    )
    db.session.commit()


def network(address: str) -> str:
    """Return the address by which a visitor is counted: of IPv6, the network."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""  # a server on a UNIX socket knows none
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, _NETWORK), strict=False))


def _digest(email: str) -> str:
    """Return a digest for an account: people type their password into this field, too."""
    key = app.config["SECRET_KEY"].encode()
    return hmac.digest(key, email.casefold().encode(), "sha256").hex()


def _wait(limit: Limit, attempt: SignInAttempt, condition: ColumnElement[bool]) -> timedelta:
    """Return for how long an attempt is too early after the others that a condition matches."""
    others, last = db.session.execute(
        select(func.count(), func.max(SignInAttempt.created)).where(
            condition,
            SignInAttempt.id != attempt.id,
            SignInAttempt.created > attempt.created - limit.memory,
        )
    ).one()
    return last + limit.delay(others) - attempt.created if others else timedelta()


def _in_words(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} second{'s' if seconds > 1 else ''}"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
