"""A stand-in of the city's supervision platform: a program of its own, for the demo and tests.

It knows nothing of hangji: an invented but plausible interface, a file of its own, and switches
that make it as hostile as such platforms are.
"""
