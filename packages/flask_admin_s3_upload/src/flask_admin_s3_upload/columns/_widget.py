"""The input of a column of stored files."""

from typing import Any, Protocol

from markupsafe import Markup

from s3_saver import StoredFile

from .._flask_admin import gettext
from .._markup import FormField, Shown, delete_box, kept, params, position_parts, small_picture
from .._own_urls import script_nonce, script_url
from ._column import FileColumn, is_picture
from ._focus import Focus


class ColumnField(FormField, Protocol):
    """What the input asks of its field besides."""

    flags: Any
    column: FileColumn

    @property
    def stored(self) -> list[StoredFile]: ...


class FileColumnInput:
    """Shows the stored files, a box to delete each, the file input, and what was chosen before."""

    def __call__(self, field: ColumnField, **kwargs: Any) -> Markup:
        stored = list(zip(field.stored, field.shown(), strict=True))
        chosen = field.keep()
        if field.column.multiple:
            html = self._list(field, stored)
        else:
            html = Markup("").join(self._one(field, file, shown) for file, shown in stored)
        required = bool(field.flags.required) and not stored and not chosen
        return html + self._input(field, chosen, required=required, **kwargs)

    def _one(self, field: ColumnField, file: StoredFile, shown: Shown) -> Markup:
        html = Markup('<div class="image-thumbnail">%s') % _picture_with_name(shown)
        if not field.column.is_required:
            box = delete_box(field, shown.name)
            html += Markup(" <input %s>%s") % (box, gettext("Delete"))
        return html + self._focus(field, file, shown) + Markup("</div>")

    def _focus(self, field: ColumnField, file: StoredFile, shown: Shown) -> Markup:
        if not is_picture(file):
            return Markup("")
        focus = Focus.of(file)
        x, y = field.posted.focus or ("" if one is None else one for one in (focus.x, focus.y))
        inputs = Markup(" ").join(
            Markup("<label>%s <input %s></label>")
            % (
                label,
                params(
                    type="number",
                    name=f"_{field.name}-focus-{axis}",
                    value=value,
                    min=0,
                    max=100,
                    step="any",
                    data_focus=axis,
                ),
            )
            for axis, label, value in (
                ("x", gettext("% from the left"), x),
                ("y", gettext("% from the top"), y),
            )
        )
        url = shown.url or ""
        name = gettext("Focal point of %(name)s", name=shown.name)
        box = params(data_focal_point=url, data_label=name, open=field.posted.focus is not None)
        legend = params(aria_label=gettext("What a cropped thumbnail must show"))
        return Markup("<details %s><summary>%s</summary><fieldset %s>%s</fieldset></details>%s") % (
            box,
            gettext("Focal point"),
            legend,
            inputs,
            module(script_url("focus")),
        )

    def _list(self, field: ColumnField, stored: list[tuple[StoredFile, Shown]]) -> Markup:
        items = [self._item(field, at, *pair) for at, pair in enumerate(stored, 1)]
        return Markup("<ol>%s</ol>") % Markup("").join(items)

    def _item(self, field: ColumnField, at: int, file: StoredFile, shown: Shown) -> Markup:
        parts = position_parts(field.name, file.name, shown, at, field.posted)
        return Markup(
            '<li class="image-thumbnail">%(link)s <input %(item)s> <input %(position)s>'
            " <input %(remove)s>%(delete_label)s</li>"
        ) % {"link": _picture_with_name(shown), **parts}

    def _input(
        self, field: ColumnField, chosen: list[Shown], *, required: bool, **kwargs: Any
    ) -> Markup:
        column = field.column
        kwargs = {"id": field.id, "accept": column.accept or False, **kwargs}
        kwargs.pop("required", None)
        file = params(
            name=field.name, type="file", multiple=column.multiple, required=required, **kwargs
        )
        if column.direct is None:
            html = Markup("<input %s>") % file
            return html + Markup("").join(
                kept(one, small_picture(one), field.name) for one in chosen
            )
        tokens = Markup("").join(
            Markup("<input %s>")
            % params(type="hidden", name=field.name, value=one.token, data_filename=one.name)
            for one in chosen
        )
        attributes = column.direct.attributes()
        if "is-invalid" in kwargs.get("class", ""):
            # Bootstrap hides the errors after what is not marked, and the input is inside.
            attributes["class"] = f"{attributes.get('class', '')} is-invalid".strip()
        box = params(**attributes, data_name=field.name, data_required=required or False)
        return Markup("<div %s><input %s>%s</div>%s") % (
            box,
            file,
            tokens,
            module(column.direct.module_url()),
        )


def module(url: str) -> Markup:
    """Return the element that loads an ES module, as a Content-Security-Policy lets it."""
    if not url:
        return Markup("")
    return Markup("<script %s></script>") % params(
        type="module", src=url, nonce=script_nonce() or False
    )


def _picture_with_name(shown: Shown) -> Markup:
    html = small_picture(shown)
    return Markup("%s %s") % (html, shown.name) if shown.preview_url else html
