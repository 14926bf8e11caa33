"""Pages of people and posts: directory, units, villages, gaps, leave."""
