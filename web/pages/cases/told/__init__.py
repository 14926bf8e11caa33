"""Facts of a case file as words: opinions, lines looked at, what a table compared."""
