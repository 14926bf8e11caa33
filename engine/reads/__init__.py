"""What an actor may see: plain typed data in one read transaction, for the API and the pages."""
