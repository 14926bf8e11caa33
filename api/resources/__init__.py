"""The resources of the API, one package per noun, independent of each other."""
