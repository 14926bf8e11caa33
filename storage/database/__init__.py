"""Connections, transactions, statements and the schema."""
