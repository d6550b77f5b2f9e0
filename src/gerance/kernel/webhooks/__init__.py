"""The delivery engine of webhooks."""
