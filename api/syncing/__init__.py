"""Reading other platforms: what a page of theirs becomes here, how far it is, and comparing."""
