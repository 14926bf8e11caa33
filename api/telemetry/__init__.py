"""Metrics: what this process counts, what waits in the database, and the ports that show both."""
