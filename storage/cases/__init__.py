"""Cases, tasks, steps, events, timers, messages, incidents and attachments."""
