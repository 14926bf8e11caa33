"""What partners are told of cases: the feed they read, and the webhooks it is sent to (R31)."""
