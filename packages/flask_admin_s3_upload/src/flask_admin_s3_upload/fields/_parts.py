"""What an upload field holds, and what it answers by these parts."""

from typing import Any

from .._markup import Shown
from ._form_checks import check_endpoint
from .finding._field_files import FieldFiles
from .finding._options import check_pairs, named
from .showing._previews import Previews


class FieldParts(FieldFiles):
    """A field whose parts can be asked.

    :ivar previews: shows its files.
    """

    previews: Previews

    def show(self, view: Any, obj: Any, name: str) -> list[Shown]:
        names = self.files.names_in(getattr(obj, name, None))
        return self.previews.of(view, obj, names, sizes=False)

    def check_options(self, model: Any) -> None:
        with named(type(self), self.short_name):
            check_pairs(self.options)
            self.files.sources.check(self.options)
            check_endpoint(self.options.endpoint)
            self.files.check_model(model)
