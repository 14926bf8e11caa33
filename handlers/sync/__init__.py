"""The other platform's records: how they are read, mapped, matched and sent."""
