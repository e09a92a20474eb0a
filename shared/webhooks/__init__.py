"""Webhooks: the feed of a service, pushed to addresses that institutions registered, by Standard Webhooks 1.0.0."""
