"""Video patrols: quotas, their periods, what was watched, and who may see it."""
