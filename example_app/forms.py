"""The form of the page."""

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import ValidationError

from example_app.formats import check_picture
from untrusted_files import PICTURES, RejectedError, extension_of


class ThingySaveForm(FlaskForm):
    """A picture to save; ``extension`` is that of its real type, once it is valid."""

    extension = ""
    image = FileField(
        "Picture",
        validators=[FileRequired("Choose a picture first.")],
        render_kw={"accept": PICTURES.accept()},
    )

    def validate_image(self, field: FileField) -> None:
        try:
            self.extension = f".{extension_of(check_picture(field.data.stream).name)}"
        except RejectedError as error:
            raise ValidationError(str(error)) from error
