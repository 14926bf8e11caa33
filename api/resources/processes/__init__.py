"""Published processes, their checks and their start forms over HTTP."""
