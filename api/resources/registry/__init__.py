"""The business registry over HTTP."""
