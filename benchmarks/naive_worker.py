"""The naive Celery app: `celery -A benchmarks.naive_worker worker`."""

from benchmarks.naive import make_app
from benchmarks.stage import SLUG
from campaign.config import load_settings

app = make_app(load_settings(), SLUG)
