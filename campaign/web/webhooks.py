"""SendGrid's event webhook: check the signature on the raw bytes, store the batch, answer at once."""

from __future__ import annotations

import time

import structlog
from litestar import Response, post
from litestar.params import RawBody

from campaign.delivery.sendgrid import webhook
from campaign.outreach.sending import webhook_events
from campaign.web.guards import Injected, WebRequest

log = structlog.get_logger()

LARGEST = 2 * 1024 * 1024  # bytes of a batch; SendGrid sends one at 768 kB
OLDEST = 25 * 3600  # seconds: SendGrid retries a batch for 24 hours, perhaps with its first timestamp


@post("/webhooks/sendgrid", sync_to_thread=True, request_max_body_size=LARGEST)
def sendgrid(services: Injected, request: WebRequest, body: RawBody) -> Response[None]:
    """204: stored; 401: not from SendGrid, or too old; 503: no key is set. SendGrid retries anything but 2xx."""
    if not services.webhook_keys:
        log.error("webhook_without_key", do="copy the signed webhook's key into config.toml [sendgrid] webhook_key")
        return Response(None, status_code=503)
    signature = request.headers.get(webhook.SIGNATURE_HEADER, "")
    timestamp = request.headers.get(webhook.TIMESTAMP_HEADER, "")
    if not any(webhook.verify(k, signature=signature, timestamp=timestamp, body=body) for k in services.webhook_keys):
        log.warning("webhook_refused", why="signature", size=len(body))
        return Response(None, status_code=401)
    if abs(time.time() - int(timestamp)) > OLDEST:
        log.warning("webhook_refused", why="timestamp", timestamp=timestamp)
        return Response(None, status_code=401)
    webhook_events.receive(services.database, body)
    return Response(None, status_code=204)
