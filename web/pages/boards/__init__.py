"""Pages of boards: the home of leaders, the analysis, the lists behind numbers, the wall."""
