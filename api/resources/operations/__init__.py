"""Long work over HTTP: start it, see how far it is, cancel it."""
