"""People, posts and holdings, absences, supervising officers, gaps, teams."""
