"""Pieces of HTML that forms and lists show of files."""

from dataclasses import dataclass
from typing import Any, Protocol

from markupsafe import Markup
from wtforms.widgets import html_params

from untrusted_files import human_size

from ._flask_admin import gettext
from ._posted import Posted


@dataclass(frozen=True)
class Shown:
    """A file as a page shows it.

    :param name: for people.
    :param url: of the file, if it has one.
    :param preview_url: of what to show of it, such as its thumbnail.
    :param size: in bytes, if it is known.
    :param token: claims a file that was kept; empty for stored ones.
    """

    name: str
    url: str | None = None
    preview_url: str | None = None
    size: int | None = None
    token: str = ""


class FormField(Protocol):
    """What the inputs ask of their field."""

    id: str
    name: str
    label: Any
    posted: Posted

    @property
    def is_deleting(self) -> bool: ...

    def shown(self) -> list[Shown]: ...

    def keep(self) -> list[Shown]: ...


def params(**attributes: Any) -> Markup:
    return Markup(html_params(**attributes))  # noqa: S704 - it escapes them


def link(shown: Shown) -> Markup:
    """Show a file's name and size, with a link if it has a URL."""
    size = "" if shown.size is None else f" ({human_size(shown.size)})"
    if not shown.url:
        return Markup("%s%s") % (shown.name, size)
    return Markup("<a %s>%s</a>%s") % (params(href=shown.url), shown.name, size)


def picture(shown: Shown) -> Markup:
    """Show a picture, described by its name; one without a URL by its name alone."""
    if not shown.preview_url:
        return link(shown)
    return Markup("<img %s>") % params(src=shown.preview_url, alt=shown.name)


def small_picture(shown: Shown) -> Markup:
    """Show a picture at the size that Flask-Admin's stylesheet has for thumbnails, with a link."""
    if not shown.preview_url:
        return link(shown)
    html = picture(shown)
    if shown.url:
        html = Markup("<a %s>%s</a>") % (params(href=shown.url), html)
    return Markup('<span class="image-thumbnail">%s</span>') % html


def delete_label(filename: str) -> str:
    # Begins with the text next to the box, which screen readers would read without the name.
    return f"{gettext('Delete')} {filename}"


def delete_box(field: FormField, filename: str) -> Markup:
    """Return the attributes of the box by which a file is deleted."""
    return params(
        type="checkbox",
        name=f"_{field.name}-delete",
        checked=field.is_deleting,
        aria_label=delete_label(filename),
    )


def kept(shown: Shown, html: Markup, field_name: str, *, token: Markup | None = None) -> Markup:
    """Show an upload that need not be chosen again, and a box to drop it.

    :param html: the upload itself.
    :param token: the input with the token, unless the field has it already.
    """
    inputs = params(type="hidden", name=f"_{field_name}-pending", value=shown.token)
    box = params(
        type="checkbox",
        name=f"_{field_name}-drop",
        value=shown.token,
        aria_label=delete_label(shown.name),
    )
    return Markup('<div class="image-thumbnail"> %s %s %s <input %s>%s</div>') % (
        gettext("Kept:"),
        html,
        Markup("<input %s>") % inputs if token is None else token,
        box,
        gettext("Delete"),
    )


def position_parts(
    field_name: str, value: str, shown: Shown, position: int, posted: Posted
) -> dict[str, Any]:
    """Return the inputs by which a file of a list is moved and removed.

    :param value: what the form calls the file.
    """
    label = gettext("Position of %(name)s", name=shown.name)
    return {
        "item": params(type="hidden", name=f"_{field_name}-item", value=value),
        "position": params(
            type="number",
            name=f"_{field_name}-position",
            value=position,
            min=1,
            aria_label=label,
            title=label,
        ),
        "remove": params(
            type="checkbox",
            name=f"_{field_name}-remove",
            value=value,
            checked=value in posted.removed,
            aria_label=delete_label(shown.name),
        ),
        "delete_label": gettext("Delete"),
    }
