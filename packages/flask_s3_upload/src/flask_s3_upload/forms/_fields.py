"""The form fields, or, without the extra ``wtf``, errors that say how to get them."""

from typing import TYPE_CHECKING, Any

from ..exceptions import ConfigError

if TYPE_CHECKING:
    from ._direct_field import DirectUploadField
    from ._stored_field import StoredFileField
else:
    try:
        from ._direct_field import DirectUploadField
        from ._stored_field import StoredFileField
    except ModuleNotFoundError as missing:
        if missing.name != "wtforms":
            raise

        class _Missing:
            def __init__(self, *_args: Any, **_kwargs: Any) -> None:
                raise ConfigError(
                    f"{type(self).__name__} needs WTForms: pip install 'flask-s3-upload[wtf]'"
                )

        class DirectUploadField(_Missing):
            """Needs WTForms: install ``flask-s3-upload[wtf]``."""

        class StoredFileField(_Missing):
            """Needs WTForms: install ``flask-s3-upload[wtf]``."""


__all__ = ["DirectUploadField", "StoredFileField"]
