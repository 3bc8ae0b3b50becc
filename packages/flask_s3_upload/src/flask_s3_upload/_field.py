"""DirectUploadField, or, without the extra ``wtf``, an error that says how to get it."""

from typing import TYPE_CHECKING, Any

from .exceptions import ConfigError

if TYPE_CHECKING:
    from ._wtf_field import DirectUploadField
else:
    try:
        from ._wtf_field import DirectUploadField
    except ModuleNotFoundError as missing:
        if missing.name != "wtforms":
            raise

        class DirectUploadField:
            """Needs WTForms: install ``flask-s3-upload[wtf]``."""

            def __init__(self, *_args: Any, **_kwargs: Any) -> None:
                raise ConfigError(
                    "DirectUploadField needs WTForms: pip install 'flask-s3-upload[wtf]'"
                )


__all__ = ["DirectUploadField"]
