"""Fields of many files: a column with a list of names, such as one of type JSON."""

from ._file_field import S3FileUploadField
from ._image_field import S3ImageUploadField
from .showing._widgets import S3MultipleFileUploadInput, S3MultipleImageUploadInput


class S3MultipleFileUploadField(S3FileUploadField):
    """Keeps a list of files: many are added at once, each can be removed and moved.

    The attribute holds a list of names. New files join those that the object has, in the storage
    where those are; a name that is taken gets a short id, so that no file is ever overwritten.

    Options are those of :class:`S3FileUploadField`.
    """

    widget = S3MultipleFileUploadInput()
    many = True


class S3MultipleImageUploadField(S3MultipleFileUploadField, S3ImageUploadField):
    """Keeps a list of pictures, each as :class:`S3ImageUploadField` keeps one.

    Options are those of :class:`S3ImageUploadField`.
    """

    widget = S3MultipleImageUploadInput()
