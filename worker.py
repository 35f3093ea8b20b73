"""The Celery app: `celery -A worker worker`. Everything it does is in campaign/tasks.py."""

from campaign.config import load_settings
from campaign.tasks import make_app

app = make_app(load_settings())
