"""What can go wrong, as one small tree:

.. code-block:: text

    S3SaverError
    ├── UnsafeNameError          (also a ValueError)         the name breaks a rule
    ├── NotFoundError            (also a FileNotFoundError)  no file has that name
    ├── AlreadyExistsError       (also a FileExistsError)    something is in the way
    ├── AccessDeniedError        (also a PermissionError)    the storage refuses us
    ├── BucketNotFoundError                                  there is no such bucket
    └── StorageUnavailableError  (also a ConnectionError)    the storage can't answer now

Errors of the operating system and of the SDK are translated at the storage's edge; the original is
kept as ``__cause__``. An argument that no storage could take (a wrong storage type, a text stream)
raises the :exc:`ValueError` or :exc:`TypeError` that Python itself would.
"""


class S3SaverError(Exception):
    """The root of all errors that a storage raises.

    :param message: what happened, to what, and how to mend it.
    :param name: the name of the file concerned, if there is one.
    """

    #: S3's own code, such as ``'NoSuchKey'``, or where its answer has no body, as to a HEAD, the
    #: status, such as ``'404'``; empty if S3 has not answered.
    code: str = ""

    def __init__(self, message: str, *, name: str | None = None) -> None:
        super().__init__(message)
        self.name = name


class UnsafeNameError(S3SaverError, ValueError):
    """The name could reach outside the storage, or does not fit on every storage.

    :param rule: the rule that the name breaks, in words.
    """

    def __init__(self, message: str, *, name: str | None = None, rule: str = "") -> None:
        super().__init__(message, name=name)
        self.rule = rule


class NotFoundError(S3SaverError, FileNotFoundError):
    """No file of that name is stored."""


class AlreadyExistsError(S3SaverError, FileExistsError):
    """The name is taken, and overwriting it was not asked for or is not possible."""


class AccessDeniedError(S3SaverError, PermissionError):
    """The storage does not know us, or does not let us.

    :param permission: what is missing, such as ``'s3:PutObject'``; empty if that is unknown.
    """

    def __init__(self, message: str, *, name: str | None = None, permission: str = "") -> None:
        super().__init__(message, name=name)
        self.permission = permission


class BucketNotFoundError(S3SaverError):
    """There is no bucket of that name at this endpoint.

    :param bucket_name: the bucket that was asked for.
    """

    def __init__(self, message: str, *, name: str | None = None, bucket_name: str = "") -> None:
        super().__init__(message, name=name)
        self.bucket_name = bucket_name


class StorageUnavailableError(S3SaverError, ConnectionError):
    """The storage did not answer, answered with a fault of its own, or is full.

    No file is half-written. Of several files that were to be deleted, some may be gone.
    """
