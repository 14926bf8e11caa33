"""Work without a request: due timers, messages, deliveries, incidents."""
