"""For Celery's command: ``celery -A example_app.worker worker``. REDIS_URL says where jobs are."""

from example_app import create_app
from example_app.config import SettingError

flask_app = create_app()
try:
    app = flask_app.extensions["celery"]
except KeyError:
    raise SettingError("REDIS_URL is not set: Celery's workers find their jobs there.") from None
