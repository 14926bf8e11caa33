"""Area choices inside pages."""
