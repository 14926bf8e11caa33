"""Lists a city keeps elsewhere: one strict reading of their files, then each kind's own rules."""
