"""Scenarios: tables that say what a process has to do with a case, played by the real engine."""
