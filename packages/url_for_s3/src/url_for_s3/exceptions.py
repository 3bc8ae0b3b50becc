"""What can be wrong with a call, as one small tree:

.. code-block:: text

    ArgumentError              (also a ValueError)  an argument is wrong
    ├── ArgumentTypeError      (also a TypeError)   it is of the wrong type, or there is none such
    └── MissingPackageError    (also an ImportError)   it needs a package that is not installed
"""


class ArgumentError(ValueError):
    """An argument is wrong; nothing was made.

    Whoever has other names for the arguments, such as settings, makes a message of the data:
    ``f"{SETTINGS[error.argument]} must be {error.rule}, got {error.value!r}{error.hint}"``.

    :param argument: its name, such as ``'expires'``.
    :param value: what was passed, fit to be shown: of a secret the type, of an endpoint with a
        password what follows the ``@``.
    :param rule: what it must be, such as ``'1 to 604,800 seconds'``.
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
        return f"{self.argument} must be {self.rule}, got {self.value!r}{self.hint}"


class ArgumentTypeError(ArgumentError, TypeError):
    """An argument is of the wrong type, or no function has an argument of that name."""


class MissingPackageError(ArgumentError, ImportError):
    """An argument needs a package that is not installed; the hint says which extra brings it."""
