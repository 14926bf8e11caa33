"""Long work as rows: what is to be done, how far it is, what came of it."""
