"""What a phone keeps for places without a signal: the worker, the list of pages, the queue."""
