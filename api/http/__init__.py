"""Request handling shared by all resources: routes, bodies, idempotency, errors, logs."""
