"""The storage room: tables and the questions asked of them; rules live in other rooms."""
