"""The form of the page."""

from flask import current_app as app
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import ValidationError

from example_app.formats import CONTENT_TYPES, NotAPictureError, find_extension


class ThingySaveForm(FlaskForm):
    """A picture to save; ``extension`` is that of its real type, once it is valid."""

    extension = ""
    image = FileField(
        "Picture",
        validators=[FileRequired("Choose a picture first.")],
        render_kw={"accept": ",".join(CONTENT_TYPES.values())},
    )

    def validate_image(self, field: FileField) -> None:
        try:
            self.extension = find_extension(field.data.stream, app.config["MAX_PICTURE_PIXELS"])
        except NotAPictureError as error:
            raise ValidationError(str(error)) from error
