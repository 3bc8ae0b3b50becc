"""Who may use the admin: Flask-Security's users and roles."""

import secrets

import click
from flask import Flask
from flask_security import (
    MailUtil,
    RoleMixin,
    Security,
    SQLAlchemyUserDatastore,
    UserMixin,
    current_user,
    hash_password,
)
from sqlalchemy import Column, ForeignKey, String, Table, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from example_app.config import SettingError
from example_app.guessing import SignInForm
from example_app.models import Base, db

ADMIN = "admin"

roles_users = Table(
    "roles_users",
    Base.metadata,
    Column("user_id", ForeignKey("user.id"), primary_key=True),
    Column("role_id", ForeignKey("role.id"), primary_key=True),
)


class Role(db.Model, RoleMixin):  # type: ignore[name-defined]
    """A role; the admin asks for the one named ``admin``."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)


class User(db.Model, UserMixin):  # type: ignore[name-defined]
    """Somebody who can sign in."""

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    password: Mapped[str] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True)
    # Sessions name users by it; a changed password changes it, and so ends the others.
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    roles: Mapped[list[Role]] = relationship(secondary=roles_users)  # type: ignore[assignment]


datastore = SQLAlchemyUserDatastore(db, User, Role)


def register(app: Flask) -> None:
    """Add to *app* the pages to sign in and out, and to change one's password."""
    Security(app, datastore, login_form=SignInForm)


def is_admin() -> bool:
    """Return whether the visitor has signed in, and has the role ``admin``."""
    return bool(current_user.is_authenticated and current_user.has_role(ADMIN))


def make_first_admin(app: Flask) -> None:
    """If there is nobody yet, make an admin, with a random password that is printed this once.

    ADMIN_EMAIL and ADMIN_PASSWORD can say another, and then nothing is printed.

    :raises SettingError: ADMIN_EMAIL is no address.
    """
    if db.session.scalars(select(User)).first():
        return
    chosen = app.config["ADMIN_PASSWORD"]
    try:
        email = MailUtil(app).normalize(app.config["ADMIN_EMAIL"])  # as who signs in writes it
    except ValueError as error:
        raise SettingError(
            f"ADMIN_EMAIL is {app.config['ADMIN_EMAIL']!r}, which is no address ({error}): write "
            "it like 'admin@example.com'."
        ) from error
    password = chosen or secrets.token_urlsafe(12)
    role = datastore.find_or_create_role(ADMIN)
    datastore.create_user(email=email, password=hash_password(password), roles=[role])
    db.session.commit()
    if not chosen:
        click.echo(f"Admin:     {email}, with the password {password} (shown only this once)")
