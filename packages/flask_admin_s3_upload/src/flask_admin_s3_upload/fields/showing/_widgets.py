"""The inputs: Flask-Admin's own look, plus links, sizes and what was chosen before."""

from typing import Any

from markupsafe import Markup

from ..._flask_admin import FileUploadInput, ImageUploadInput, gettext
from ..._markup import FormField, Shown, delete_box, kept, link, params, picture, position_parts


class S3FileUploadInput(FileUploadInput):  # type: ignore[misc]
    """Shows the stored file's name, size and link, a box to delete it, and the file input.

    ``data_template`` and ``empty_template`` can be replaced as in Flask-Admin; they may use
    ``%(text)s``, ``%(marker)s`` and ``%(file)s`` as there, ``%(link)s``, ``%(delete)s`` (the whole
    box), ``%(delete_label)s``, and in image inputs ``%(image)s``.
    """

    data_template = (
        "<div> <input %(text)s> %(link)s <input %(delete)s>%(delete_label)s</div><input %(file)s>"
    )

    def __call__(self, field: FormField, **kwargs: Any) -> Markup:
        kwargs.setdefault("id", field.id)
        kwargs.setdefault("name", field.name)
        stored = field.shown()
        parts = self.parts(field, stored, kwargs)
        template = self.data_template if stored else self.empty_template
        # Templates are the class's own text; what is filled in is escaped.
        return Markup(template) % parts + chosen_before(field, self)  # noqa: S704

    def parts(
        self, field: FormField, stored: list[Shown], kwargs: dict[str, Any]
    ) -> dict[str, Any]:
        """Return what the templates are filled with; plain strings are escaped."""
        name = stored[0].name if stored else ""
        return {
            "text": params(
                type="text",
                readonly="readonly",
                value=name,
                name=field.name,
                aria_label=field.label.text,
            ),
            "file": params(type="file", value=name, **kwargs),
            "marker": f"_{field.name}-delete",
            "delete": delete_box(field, name),
            "delete_label": gettext("Delete"),
            "link": self.preview(stored[0]) if stored else "",
        }

    def preview(self, shown: Shown) -> Markup:
        """Show a file."""
        return link(shown)


class S3ImageUploadInput(S3FileUploadInput, ImageUploadInput):  # type: ignore[misc]
    """Shows the stored picture or its thumbnail, a box to delete it, and the file input."""

    data_template = (
        '<div class="image-thumbnail"> %(link)s <input %(delete)s>%(delete_label)s'
        " <input %(text)s></div><input %(file)s>"
    )

    def parts(
        self, field: FormField, stored: list[Shown], kwargs: dict[str, Any]
    ) -> dict[str, Any]:
        name = stored[0].name if stored else ""
        return {
            **super().parts(field, stored, kwargs),
            "text": params(type="hidden", value=name, name=field.name),
            "file": params(type="file", **kwargs),
            "image": params(src=stored[0].preview_url or "", alt=name) if stored else "",
        }

    def preview(self, shown: Shown) -> Markup:
        return picture(shown)

    def get_url(self, field: FormField) -> str | None:
        """Return the preview's URL, as Flask-Admin's widget does."""
        return next((shown.preview_url for shown in field.shown()), None)


class S3MultipleFileUploadInput(S3FileUploadInput):
    """Shows every stored file with its position and a box to delete it, and a file input for
    many.
    """

    item_template = (
        "<li> %(link)s <input %(item)s> <input %(position)s> <input %(remove)s>%(delete_label)s"
        "</li>"
    )
    data_template = "<ol>%(items)s</ol><input %(file)s>"

    def parts(
        self,
        field: FormField,
        stored: list[Shown],
        kwargs: dict[str, Any],
    ) -> dict[str, Any]:
        items = [self._item(field, shown, at) for at, shown in enumerate(stored, 1)]
        return {
            "items": Markup("").join(items),
            "file": params(type="file", multiple=True, **kwargs),
        }

    def _item(self, field: FormField, shown: Shown, position: int) -> Markup:
        parts = position_parts(field.name, shown.name, shown, position, field.posted)
        return Markup(self.item_template) % {"link": self.preview(shown), **parts}  # noqa: S704


class S3MultipleImageUploadInput(S3MultipleFileUploadInput):
    """Shows every stored picture with its position and a box to delete it, and a file input for
    many.
    """

    item_template = (
        '<li class="image-thumbnail"> %(link)s <input %(item)s> <input %(position)s>'
        " <input %(remove)s>%(delete_label)s</li>"
    )

    def preview(self, shown: Shown) -> Markup:
        return picture(shown)


def chosen_before(field: FormField, widget: S3FileUploadInput) -> Markup:
    """Show the uploads that an earlier request brought, so that they need not be chosen again."""
    return Markup("").join(kept(one, widget.preview(one), field.name) for one in field.keep())
