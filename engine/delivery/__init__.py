"""Delivery channels of notifications: log, webhook, platform."""
