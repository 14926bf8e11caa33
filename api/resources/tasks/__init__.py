"""The inbox and the actions on a task over HTTP."""
