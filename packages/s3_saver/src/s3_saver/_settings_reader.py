"""A reader of settings: one way to read each kind of value; errors name the key that was set."""

import math
import os
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Protocol

from ._checks import check_type, without_password
from ._near_keys import near_key
from .exceptions import ArgumentTypeError, ConfigError

#: The settings that an app states once, for all packages.
SHARED_SETTINGS = (
    "S3_BUCKET_NAME",
    "USE_S3",
    "S3_REGION",
    "S3_ENDPOINT_URL",
    "S3_URL_STYLE",
    "S3_ACCESS_KEY_ID",
    "S3_ACCESS_KEY_SECRET",
    "S3_ACL",
    "S3_ALLOWED_BUCKETS",
    "S3_PUBLIC_ENDPOINT_URL",
    "S3_CDN_DOMAIN",
    "S3_CLOUDFRONT_KEY_ID",
    "S3_CLOUDFRONT_PRIVATE_KEY",
    "S3_PRIVATE",
    "S3_CACHE_CONTROL",
    "S3_STORAGE_CLASS",
    "S3_SERVER_SIDE_ENCRYPTION",
    "S3_KMS_KEY_ID",
    "S3_TAGS",
    "S3_RACES",
)

_S3 = "S3_"
_ON = frozenset({"true", "1", "yes", "on"})
_OFF = frozenset({"false", "0", "no", "off"})
_SECRET = re.compile("SECRET|PASSWORD|PRIVATE_KEY|TOKEN|ACCESS_KEY_ID")
_INTEGER = re.compile("0|-?[1-9][0-9]{0,17}")
_NUMBER = re.compile("-?(0|[1-9][0-9]{0,17})([.][0-9]{1,18})?")
_LARGEST = sys.float_info.max
_MOST_SHOWN = 200  # characters of a wrong value
_QUOTES = ": an environment variable needs two pairs of quotes, as in '\"1e10\"'"


class WrongArgument(Protocol):
    """The attributes of an ArgumentError of any package."""

    argument: str
    rule: str
    hint: str


class SettingsReader:
    """Reads and checks settings, and records which ones were read.

    Every reading method takes a key as an app writes it, and returns the default where neither it
    nor what goes over it is set; ``None`` counts as not set, an empty text as set to nothing. A
    shared key such as ``'S3_REGION'`` is read from the package's own first.

    :param config: such as ``app.config``; it is not changed.
    :param own: what the package's own keys for S3 begin with, such as ``'UPLOADS_S3_'``: no app has
        other keys that begin so, and :meth:`check_keys` refuses them. ``''`` for a package that has
        none.
    :param shared: what other keys of the package begin with, such as ``['UPLOADS_']``: an app may
        have more of these, so only near misses are refused.
    :param aliases: by key, others that go over it, such as those of an original package:
        ``{'S3_PRIVATE': ['UPLOADS_PRIVATE']}``.
    :param error: the package's own error.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        *,
        own: str,
        shared: Iterable[str] = (),
        aliases: Mapping[str, Sequence[str]] | None = None,
        error: type[ConfigError] = ConfigError,
    ) -> None:
        check_type("config", config, Mapping, "a mapping such as app.config", secret=True)
        for argument, value in (("shared", shared), *(aliases or {}).items()):
            if isinstance(value, str):
                raise ArgumentTypeError(argument, value, "a list of str")
        self._config = config
        self._own = own
        self._shared = (*shared, _S3)
        self._aliases = dict(aliases or {})
        self._error = error
        self._asked: dict[str, None] = {}

    def keys_of(self, key: str) -> tuple[str, ...]:
        """Return the keys that a setting is read from, the strongest first."""
        own: tuple[str, ...] = ()
        if self._own and key.startswith(_S3):
            own = (self._own + key.removeprefix(_S3),)
        return (*own, *self._aliases.get(key, ()), key)

    def key_of(self, key: str) -> str:
        """Return the key that a setting's value is from; *key* itself if none is set."""
        return next((one for one in self.keys_of(key) if self._config.get(one) is not None), key)

    def is_set(self, key: str) -> bool:
        return self.raw(key) is not None

    def raw(self, key: str, default: Any = None) -> Any:
        """Return a setting's value as it is."""
        self._asked.update(dict.fromkeys(self.keys_of(key)))
        value = self._config.get(self.key_of(key))
        return default if value is None else value

    def text(self, key: str, default: str = "") -> str:
        """Return a text. An int is accepted, because an environment variable of digits arrives as
        an int. A float is refused, because a key id ``1e10`` would arrive as a wrong one.
        """
        value = self.raw(key)
        return default if value is None else self._text(key, value, "a text")

    def texts(self, key: str, default: Sequence[str] = ()) -> tuple[str, ...]:
        """Return several texts, from a list or from one text with commas between them."""
        value = self.raw(key)
        if value is None:
            return tuple(default)
        wanted = "a list of texts, or one text with commas between them"
        if isinstance(value, str):
            value = [one.strip() for one in value.split(",") if one.strip()]
        elif isinstance(value, int):
            value = [value]
        elif not isinstance(value, list | tuple | set | frozenset):
            raise self.wrong(key, wanted)
        return tuple(self._text(key, one, wanted) for one in value)

    def mapping(self, key: str) -> dict[str, str]:
        """Return a dict of texts; of an empty text, an empty one. In an environment variable it is
        JSON.
        """
        value = self.raw(key) or {}
        wanted = "a dict of texts such as {'owner': 'ann'}"
        if not isinstance(value, Mapping) or not all(isinstance(name, str) for name in value):
            raise self.wrong(key, wanted)
        return {name: self._text(key, one, wanted) for name, one in value.items()}

    def switch(self, key: str, default: bool) -> bool:
        """Return whether a setting is on: True or False, 1 or 0, or one of the words true, yes, on,
        false, no and off. Any other text is refused: ``bool('False')`` is True.
        """
        value = self.raw(key)
        if value is None:
            return default
        word = str(value).lower() if isinstance(value, str | int) else ""
        if word not in _ON | _OFF:
            raise self.wrong(key, "True or False, or one of true, false, 1, 0, yes, no, on, off")
        return word in _ON

    def integer(
        self, key: str, default: int, *, minimum: int | None = None, maximum: int | None = None
    ) -> int:
        """Return a whole number within these limits."""
        return self._whole(key, default, minimum, maximum, "a whole number")

    def seconds(
        self, key: str, default: int, *, minimum: int | None = 1, maximum: int | None = None
    ) -> int:
        """Return a time in whole seconds, from a number or a ``timedelta``."""
        return self._whole(key, default, minimum, maximum, "a whole number of seconds")

    def number(
        self,
        key: str,
        default: float,
        *,
        minimum: float | None = None,
        maximum: float | None = None,
    ) -> float:
        """Return a number with or without a fraction."""
        value = self.raw(key, default)
        rule = f"a number{_limits(minimum, maximum)}"
        is_text = isinstance(value, str) and _NUMBER.fullmatch(value)
        if not is_text and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise self.wrong(key, rule)
        number = float(value) if is_text or abs(value) <= _LARGEST else math.inf
        if (
            not math.isfinite(number)
            or (minimum is not None and number < minimum)
            or (maximum is not None and number > maximum)
        ):
            raise self.wrong(key, rule)
        return number

    def choice(self, key: str, allowed: Sequence[str], default: str) -> str:
        """Return one of the *allowed* texts."""
        value = self.text(key, default)
        if value not in allowed:
            raise self.wrong(key, f"one of {', '.join(map(repr, allowed))}")
        return value

    def path(self, key: str, default: str = "", *, root: str | os.PathLike[str]) -> str:
        """Return the absolute path of a folder or file; empty if it is not set. A relative path is
        below *root*, wherever the process was started.
        """
        value = self.raw(key)
        if isinstance(value, os.PathLike):
            value = os.fspath(value)
        value = default if value is None else self._text(key, value, "a path")
        return os.path.abspath(os.path.join(root, value)) if value else ""

    def wrong(self, key: str, rule: str, hint: str = "") -> ConfigError:
        """Return the error for a setting that breaks a rule: ``S3_REGION must be ..., got ...``.

        The value is shown, but no secret and no password.
        """
        name = self.key_of(key)
        shown = _shown(name, self.raw(key))
        return self._error(f"{name} must be {rule}, got {shown}{hint}", setting=name)

    def missing(self, key: str, why: str) -> ConfigError:
        """Return the error for a setting that is not set: ``S3_REGION is missing: ...``."""
        return self._error(f"{key} is missing: {why}", setting=key)

    def blame(self, error: WrongArgument, settings: Mapping[str, str]) -> ConfigError:
        """Return the error for a setting whose value was a wrong argument of some call.

        :param error: the ArgumentError of that call, of s3_saver or of another package.
        :param settings: by argument, the key of the setting.
        """
        if error.argument not in settings:
            return self._error(str(error))
        return self.wrong(settings[error.argument], error.rule, error.hint)

    def check_keys(self, known: Iterable[str] = ()) -> None:
        """Refuse keys that were not read and that look like a mistake. Call it when all settings
        are read.

        :param known: more keys that are known, read elsewhere.
        :raises s3_saver.ConfigError: a key begins like the package's own and is unknown, or it
            is a near miss of a known key that is not set.
        """
        all_known = {*self._asked, *known, *SHARED_SETTINGS}
        for key in map(str, self._config):
            if key in all_known:
                continue
            if self._own and key.startswith(self._own):
                near = near_key(key, all_known, self._own)
                own = ", ".join(sorted(one for one in all_known if one.startswith(self._own)))
                fix = f"did you mean {near}?" if near else f"there are {own}"
                raise self._error(f"{key} is not a setting: {fix}", setting=key)
            for prefix in self._shared:
                near = near_key(key, all_known, prefix) if key.startswith(prefix) else ""
                if near and self._config.get(near) is None:
                    message = f"{key} is not a setting: did you mean {near}? If it is the app's own"
                    raise self._error(f"{message}, rename it", setting=key)

    def _text(self, key: str, value: Any, wanted: str) -> str:
        if isinstance(value, str):
            return value
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        raise self.wrong(key, wanted, _QUOTES if isinstance(value, float | bool) else "")

    def _whole(
        self, key: str, default: int, minimum: int | None, maximum: int | None, wanted: str
    ) -> int:
        value = self.raw(key, default)
        if isinstance(value, timedelta):
            value = value.total_seconds()
        if isinstance(value, str) and _INTEGER.fullmatch(value):
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        rule = wanted + _limits(minimum, maximum)
        if type(value) is not int:
            raise self.wrong(key, rule)
        if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
            raise self.wrong(key, rule)
        return value


def _limits(minimum: float | None, maximum: float | None) -> str:
    if minimum is None or maximum is None:
        at_least = "" if minimum is None else f", {minimum:,} or more"
        return at_least if maximum is None else f", {maximum:,} or less"
    return f", {minimum:,} to {maximum:,}"


def _shown(key: str, value: object) -> str:
    if _SECRET.search(key) and value:
        return f"a value of type {type(value).__name__}"
    shown = repr(without_password(value) if isinstance(value, str) else value)
    if "@" in shown and not isinstance(value, str):
        return f"a value of type {type(value).__name__}"
    return shown if len(shown) <= _MOST_SHOWN else f"{shown[:_MOST_SHOWN]}..."
