"""Staffing: holdings, the directory, absences, supervising officers, gaps, teams."""
