"""What leads to cameras outside: vendors with their secrets, tickets to live pictures."""
