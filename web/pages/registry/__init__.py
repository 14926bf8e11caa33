"""The registry on pages: what a keeper decides."""
