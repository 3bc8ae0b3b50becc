"""The inputs: Flask-Admin's own look, plus links, sizes and what was chosen before."""

from typing import Any

from markupsafe import Markup
from wtforms.widgets import html_params

from ._flask_admin import FileUploadInput, ImageUploadInput, gettext
from ._shown import Shown, ShownFiles


class S3FileUploadInput(FileUploadInput):  # type: ignore[misc]
    """Shows the stored file's name, size and link, a box to delete it, and the file input.

    ``data_template`` and ``empty_template`` can be replaced as in Flask-Admin; they may use
    ``%(text)s``, ``%(marker)s`` and ``%(file)s`` as there, ``%(link)s``, ``%(delete)s`` (the whole
    box), ``%(delete_label)s``, and in image inputs ``%(image)s``.
    """

    data_template = (
        "<div> <input %(text)s> %(link)s <input %(delete)s>%(delete_label)s</div><input %(file)s>"
    )

    def __call__(self, field: ShownFiles, **kwargs: Any) -> Markup:
        kwargs.setdefault("id", field.id)
        kwargs.setdefault("name", field.name)
        stored = field.shown()
        parts = self.parts(field, stored, kwargs)
        template = self.data_template if stored else self.empty_template
        # Templates are the class's own text; what is filled in is escaped.
        return Markup(template) % parts + chosen_before(field, self)  # noqa: S704

    def parts(
        self, field: ShownFiles, stored: list[Shown], kwargs: dict[str, Any]
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
        self, field: ShownFiles, stored: list[Shown], kwargs: dict[str, Any]
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

    def get_url(self, field: ShownFiles) -> str | None:
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
        field: ShownFiles,
        stored: list[Shown],
        kwargs: dict[str, Any],
    ) -> dict[str, Any]:
        items = [self._item(field, shown, at) for at, shown in enumerate(stored, 1)]
        return {
            "items": Markup("").join(items),
            "file": params(type="file", multiple=True, **kwargs),
        }

    def _item(self, field: ShownFiles, shown: Shown, position: int) -> Markup:
        label = gettext("Position of %(name)s", name=shown.name)
        parts = {
            "link": self.preview(shown),
            "item": params(type="hidden", name=f"_{field.name}-item", value=shown.name),
            "position": params(
                type="number",
                name=f"_{field.name}-position",
                value=position,
                min=1,
                aria_label=label,
                title=label,
            ),
            "remove": params(
                type="checkbox",
                name=f"_{field.name}-remove",
                value=shown.name,
                aria_label=delete_label(shown.name),
            ),
            "delete_label": gettext("Delete"),
        }
        return Markup(self.item_template) % parts  # noqa: S704


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


def params(**attributes: Any) -> Markup:
    return Markup(html_params(**attributes))  # noqa: S704 - it escapes them


def delete_box(field: ShownFiles, filename: str) -> Markup:
    checked = {"checked": True} if field.is_deleting else {}
    name, label = f"_{field.name}-delete", delete_label(filename)
    return params(type="checkbox", name=name, aria_label=label, **checked)


def delete_label(filename: str) -> str:
    # Begins with the text beside the box, which screen readers would read without the name.
    return f"{gettext('Delete')} {filename}"


def chosen_before(field: ShownFiles, widget: S3FileUploadInput) -> Markup:
    """Show the uploads that an earlier request brought, so that they need not be chosen again."""
    html = Markup("")
    for shown in field.put_aside():
        token = params(type="hidden", name=f"_{field.name}-pending", value=shown.token)
        html += Markup('<div class="image-thumbnail"> %s <input %s></div>') % (
            widget.preview(shown),
            token,
        )
    return html


def link(shown: Shown) -> Markup:
    """Show a file's name and size, with a link if it has a URL."""
    size = "" if shown.size is None else f" ({readable_size(shown.size)})"
    if not shown.url:
        return Markup("%s%s") % (shown.name, size)
    return Markup("<a %s>%s</a>%s") % (params(href=shown.url), shown.name, size)


def picture(shown: Shown) -> Markup:
    """Show a picture, described by its name; one without a URL by its name alone."""
    if not shown.preview_url:
        return link(shown)
    return Markup("<img %s>") % params(src=shown.preview_url, alt=shown.name)


def readable_size(size: float) -> str:
    """Write a number of bytes for people, in decimal units."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} B" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} GB"
