"""Sign-in slows guessing: after a few wrong passwords an account, or an address, has to wait.

Attempts are in the database, so all processes count them together. An attempt is recorded before
its password is checked, so that guesses at the same time count, too.
"""

import hmac
import ipaddress
from datetime import timedelta
from typing import Any

from flask import current_app as app
from flask import request
from flask_security.forms import LoginForm
from sqlalchemy import ColumnElement, delete, func, select
from werkzeug.exceptions import TooManyRequests

from example_app.models import SignInAttempt, db, utcnow

WINDOW = timedelta(minutes=5)
MOST_PER_ACCOUNT = 10  # failed attempts within WINDOW
MOST_PER_ADDRESS = 30

_NETWORK = 64  # bits of an IPv6 address; a visitor may use all addresses that begin with them


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

    :raises TooManyRequests: there are too many for this account or from this address.
    """
    attempt = SignInAttempt(account=_digest(email), address=network(address))
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.created < utcnow() - WINDOW))
    db.session.add(attempt)
    db.session.commit()  # now the others count it
    if (
        _count(SignInAttempt.account == attempt.account) > MOST_PER_ACCOUNT
        or _count(SignInAttempt.address == attempt.address) > MOST_PER_ADDRESS
    ):
        # It was not tried, so it does not make the wait longer.
        db.session.delete(attempt)
        db.session.commit()
        app.logger.warning("Too many attempts to sign in, the last from %s", address)
        minutes = int(WINDOW.total_seconds() // 60)
        raise TooManyRequests(
            f"Too many attempts to sign in: try again in {minutes} minutes.",
            retry_after=int(WINDOW.total_seconds()),
        )
    return attempt


def forget(attempt: SignInAttempt) -> None:
    """Forget the attempts for an account whose user has signed in."""
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.account == attempt.account))
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


def _count(condition: ColumnElement[bool]) -> int:
    return db.session.scalars(
        select(func.count()).select_from(SignInAttempt).where(condition)
    ).one()
