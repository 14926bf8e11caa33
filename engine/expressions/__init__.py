"""The restricted expression language of diagrams and decision tables."""
