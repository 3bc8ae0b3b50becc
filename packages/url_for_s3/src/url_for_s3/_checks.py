"""What holds for the text of any argument."""

from .exceptions import ArgumentError, ArgumentTypeError


def check_text(argument: str, value: object, example: str, *, secret: bool = False) -> None:
    """Make sure that an argument is a str.

    :param secret: show the value's type in place of the value.
    """
    if not isinstance(value, str):
        raise ArgumentTypeError(
            argument, type(value) if secret else value, f"a str such as {example!r}"
        )


def check_encodable(argument: str, text: str, *, secret: bool = False) -> None:
    """Make sure that a text has a UTF-8 form, as one with lone surrogates has not."""
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            shown = type(text) if secret else text
            raise ArgumentError(argument, shown, "text that has a UTF-8 form") from None


def has_controls(text: str) -> bool:
    """Report whether a text has characters that would end or break a line (Unicode's class Cc, and
    the two separators that count as line ends).
    """
    return not text.isprintable() and any(
        character < " " or "\x7f" <= character <= "\x9f" or character in "\u2028\u2029"
        for character in text
    )
