"""The Celery app of a checkout: `celery -A worker worker`. Installed, it is `celery -A campaign.tasks worker`."""

from campaign.tasks import app

__all__ = ["app"]
