"""What a city sets for inspections: kinds, checklists, and the words of papers."""
