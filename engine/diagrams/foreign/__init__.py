"""Files of other tools brought in as drafts: what is changed is reported, nothing else is lost."""
