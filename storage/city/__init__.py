"""The city pack: what a city's folder holds, loaded into the tables."""
