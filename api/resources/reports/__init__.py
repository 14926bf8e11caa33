"""The ways in: grid reports and public reports over HTTP."""
