"""The map: outlines of areas, counts by area, what lies in a tile."""
