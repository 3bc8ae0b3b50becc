"""What browsers may upload: the purposes that an app allows."""

from collections.abc import Callable

from untrusted_files import Rules

from .._arguments import check_callable, check_purpose, check_type
from ..exceptions import ConfigError
from ._upload import DirectUpload, Purpose


class Purposes:
    """The purposes of one :class:`Uploads`, by name."""

    def __init__(self) -> None:
        self._allowed: dict[str, Purpose] = {}

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
        self._allowed[name] = Purpose(rules, authorize)

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
