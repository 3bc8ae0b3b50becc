"""What this package uses of Flask-Admin's views over SQLAlchemy, which is imported here alone."""

from flask_admin.contrib.sqla import ModelView  # type: ignore[import-untyped]
from flask_admin.contrib.sqla.form import AdminModelConverter  # type: ignore[import-untyped]
from flask_admin.model.form import converts  # type: ignore[import-untyped]

__all__ = ["AdminModelConverter", "ModelView", "converts"]
