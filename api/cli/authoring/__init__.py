"""Commands for those who draw: scenarios, new files, drafts of foreign diagrams."""
