"""The pages, one package per noun."""
