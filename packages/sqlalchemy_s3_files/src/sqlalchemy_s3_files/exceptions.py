"""What can go wrong, as one small tree:

.. code-block:: text

    FilesError
    └── NotStoredError    (also a ValueError)  a value reached the database without a flush

Wrong arguments, and what is assigned and is no file, are an :exc:`s3_saver.ArgumentError`; what a
storage refuses is an :exc:`s3_saver.S3SaverError`; a file that breaks the rules raises what the
rules raise.
"""

from sqlalchemy.exc import DontWrapMixin


class FilesError(Exception):
    """The root of this package's errors."""


class NotStoredError(FilesError, ValueError, DontWrapMixin):
    """A value reached the database by a way on which no flush could store its file.

    Nothing was written.

    :param message: which value, and which way to take.
    :param name: the file's name, empty if it has none yet.
    """

    def __init__(self, message: str, *, name: str = "") -> None:
        super().__init__(message)
        self.name = name
