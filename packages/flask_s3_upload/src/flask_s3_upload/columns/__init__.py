"""Columns whose files follow their rows; all of this needs the extra ``sqlalchemy``."""
