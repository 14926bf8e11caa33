"""The clock, the working-day calendar, time limits and reminders; no storage of cases."""
