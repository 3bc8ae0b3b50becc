"""What browsers may upload: the purposes that an app allows."""

from collections.abc import Callable
from importlib.util import find_spec

from untrusted_files import MissingLibraryError, Rules

from .._arguments import check_callable, check_purpose, check_type
from .._once import OncePerApp
from .._registered import Registered
from ..exceptions import ConfigError
from ._upload import DirectUpload, Purpose


class Purposes:
    """The purposes of one :class:`Uploads`, by name."""

    def __init__(self) -> None:
        self._allowed: dict[str, Purpose] = {}
        self._once = OncePerApp()

    def count_app(self) -> None:
        """Take note of one more app, whose factory may allow the same purposes again."""
        self._once.count_app()

    def allow(self, name: str, rules: Rules, authorize: Callable[[DirectUpload], bool]) -> None:
        """Add one; see :meth:`Uploads.allow_direct`."""
        check_purpose(name)
        check_type("rules", rules, Rules, "Rules(max_bytes=…)")
        check_callable(
            "authorize",
            authorize,
            "a function of the DirectUpload that returns whether this user may send it",
        )
        if rules.max_bytes is None:
            raise ValueError(
                f"rules for {name!r} have no max_bytes: without a limit anybody could fill the"
                " storage; pass Rules(max_bytes=…)"
            )
        if rules.is_picture and find_spec("PIL") is None:  # it is not imported yet
            raise MissingLibraryError(
                f"rules for {name!r} are for pictures, which needs Pillow:"
                " pip install 'flask-s3-upload[images]'"
            )
        if not self._once.add(name, authorize):
            raise ConfigError(
                f"purpose {name!r} is allowed already: call uploads.allow_direct({name!r}, …) in"
                " one place, or choose another purpose"
            )
        self._allowed[name] = Purpose(rules, authorize)

    def check_columns(self, registered: Registered) -> None:
        """
        :raises ConfigError: a column has a purpose that is not allowed.
        """
        for column in tuple(registered.columns):  # a thread may import more models meanwhile
            if column.purpose is not None:
                self.find(column.purpose)

    def find(self, name: str) -> Purpose:
        """Return the purpose of that name.

        :raises ConfigError: it is not allowed.
        """
        check_purpose(name)
        try:
            return self._allowed[name]
        except KeyError:
            known = ", ".join(map(repr, self._allowed))
            raise ConfigError(
                f"purpose {name!r} is not allowed: call uploads.allow_direct({name!r},"
                " rules=Rules(…), authorize=…) where the app is made"
                + (f", or use one of those that are: {known}" if known else "")
            ) from None
