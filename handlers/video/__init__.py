"""Video patrols: quotas of units, proposals, checklists, honest misses (R32-R35)."""
