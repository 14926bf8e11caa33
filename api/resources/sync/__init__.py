"""Other platforms over HTTP: how reading stands, what was refused, what differs."""
