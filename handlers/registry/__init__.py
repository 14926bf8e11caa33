"""The registry: corrections, open questions, status, merges."""
