"""Decision tables: parsing, evaluation and analysis."""
