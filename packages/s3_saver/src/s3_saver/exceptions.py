"""What can go wrong, as one small tree:

.. code-block:: text

    S3SaverError
    ├── UnsafeNameError          (also a ValueError)         the name breaks a rule
    ├── NotFoundError            (also a FileNotFoundError)  no file has that name
    ├── AlreadyExistsError       (also a FileExistsError)    something is in the way
    ├── AccessDeniedError        (also a PermissionError)    the storage refuses us
    ├── BucketNotFoundError                                  there is no such bucket
    ├── StorageUnavailableError  (also a ConnectionError)    the storage can't answer now
    ├── ReplacedError                                        it changed while it was read
    ├── NotConfiguredError       (also a LookupError)        a row names a storage we don't have
    └── UnboundError                                         a StoredFile has no storages yet

    ArgumentError                (also a ValueError)         an argument is wrong
    ├── ArgumentTypeError        (also a TypeError)          it is of a wrong type
    └── UnsafeNameError                                      the same as above

    ConfigError                  (also a ValueError)         a setting is wrong or missing

Errors of the operating system and of the SDK are translated at the storage's edge; the original is
kept as ``__cause__``. An argument that no storage could take is an :exc:`ArgumentError`, which is
no :exc:`S3SaverError` unless it is a file's name: it is a mistake in the program, not a failure.
"""

_MOST_SHOWN = 200  # characters of a wrong value: a list of a thousand names helps nobody


class ArgumentError(ValueError):
    """An argument is wrong; nothing was done.

    Whoever has other names for the arguments, such as settings, makes a message of the data:
    ``f"{SETTINGS[error.argument]} must be {error.rule}, got {error.value!r}{error.hint}"``.

    :param argument: its name, such as ``'permission'``.
    :param value: what was passed, fit to be shown: of a secret the type, of a URL with a password
        the rest.
    :param rule: what it must be, such as ``'1 or more'``.
    :param hint: why, or what to do, in words that may follow a value: empty, or starting with
        ``': '``.
    """

    def __init__(self, argument: str, value: object, rule: str, hint: str = "") -> None:
        # All four, so that it can be copied and pickled.
        super().__init__(argument, value, rule, hint)
        self.argument = argument
        self.value = value
        self.rule = rule
        self.hint = hint

    def __str__(self) -> str:
        shown = repr(self.value)
        if len(shown) > _MOST_SHOWN:
            shown = f"{shown[:_MOST_SHOWN]}..."
        return f"{self.argument} must be {self.rule}, got {shown}{self.hint}"


class ArgumentTypeError(ArgumentError, TypeError):
    """An argument is of the wrong type, or no function has an argument of that name."""


class ConfigError(ValueError):
    """A setting is wrong or missing.

    A package that has settings makes its own of it: ``class ConfigError(UploadsError,
    s3_saver.ConfigError)``.

    :param message: which setting, its value and the fix.
    :param setting: the key, such as ``'S3_BUCKET_NAME'``.
    """

    def __init__(self, message: str, *, setting: str = "") -> None:
        super().__init__(message)
        self.setting = setting


class S3SaverError(Exception):
    """The root of all errors that a storage raises.

    :param message: what happened, to what, and how to fix it.
    :param name: the name of the file concerned, if there is one.
    """

    #: S3's own code, such as ``'NoSuchKey'``, or where its answer has no body, as to a HEAD, the
    #: status, such as ``'404'``; empty if S3 has not answered.
    code: str = ""

    #: Where another value of an argument would help: its name, such as ``'endpoint_url'``, and the
    #: message without the fix, which names it. Whoever has other words for it, such as a flag,
    #: makes a message of these. Empty otherwise.
    argument: str = ""
    problem: str = ""

    def __init__(self, message: str, *, name: str | None = None) -> None:
        super().__init__(message)
        self.name = name


class UnsafeNameError(S3SaverError, ArgumentError):
    """The name could reach outside the storage, or does not fit on every storage.

    :param rule: the rule that the name breaks, in words.
    :param argument: what was passed: ``'name'``, ``'prefix'`` or ``'path'``.
    """

    def __init__(
        self, message: str, *, name: str | None = None, rule: str = "", argument: str = "name"
    ) -> None:
        ValueError.__init__(self, message)
        self.name = name
        self.argument = argument
        self.value = name
        self.rule = rule
        self.hint = ""

    def __str__(self) -> str:
        return str(self.args[0])


class NotFoundError(S3SaverError, FileNotFoundError):
    """No file of that name is stored."""


class AlreadyExistsError(S3SaverError, FileExistsError):
    """The name is taken, and overwriting it was not asked for or is not possible."""


class AccessDeniedError(S3SaverError, PermissionError):
    """Authentication failed, or a permission is missing.

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


class ReplacedError(S3SaverError):
    """Somebody put another file under this name while it was being read: open it again."""


class NotConfiguredError(S3SaverError, LookupError):
    """A file is in a storage that these settings do not have: a bucket that is neither the
    configured one nor allowed, or S3 or a disk where none is configured.

    The settings may be gone, or the row may have been written by somebody who wants to be led into
    another bucket of the same credentials. A page shows a placeholder for it.

    :param storage_type: ``'s3'``, or ``''`` for the disk.
    :param bucket_name: what the row names.
    :param argument: what would allow it, such as ``'allowed_buckets'``, or the setting's key.
    """

    def __init__(
        self,
        message: str,
        *,
        name: str | None = None,
        storage_type: str = "",
        bucket_name: str = "",
        argument: str = "",
    ) -> None:
        super().__init__(message, name=name)
        self.storage_type = storage_type
        self.bucket_name = bucket_name
        self.argument = argument


class UnboundError(S3SaverError):
    """A :class:`StoredFile` is a plain value, and what it was asked for needs its storages."""
