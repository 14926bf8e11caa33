"""What partners may know of cases: the feed, and the webhooks it is sent to (R31)."""
