"""Cases, their files, diagrams, attachments and incidents over HTTP."""
