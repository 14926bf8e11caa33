"""Areas, units, the calendar, matters and coordinates."""
