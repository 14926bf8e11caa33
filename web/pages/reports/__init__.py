"""Pages that file a report: officers and the public."""
