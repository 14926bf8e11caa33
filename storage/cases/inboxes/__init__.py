"""What waits for people to do, and what they have done."""
