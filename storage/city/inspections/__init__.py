"""What a city sets for inspections: its checklists, and the words of papers."""
