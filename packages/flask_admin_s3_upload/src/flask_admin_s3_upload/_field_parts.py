"""What an upload field holds, for those who ask the fields of a view."""

from typing import Any

from ._options import FileOptions
from ._previews import Previews
from ._row_files import RowFiles


class UploadField:
    """A field whose parts can be asked: all upload fields over names in columns are one.

    :ivar files: finds the files that rows name.
    :ivar previews: shows them.
    """

    options: FileOptions
    files: RowFiles
    previews: Previews

    def check_options(self, model: Any) -> None:
        """Check the options with each other, with the app's settings, its routes and a model.

        :raises ValueError: one is wrong.
        """
        raise NotImplementedError
