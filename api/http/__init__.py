"""What every request passes through: routes, bodies, idempotency, errors, logs; no resource."""
