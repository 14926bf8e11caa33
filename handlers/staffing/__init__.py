"""People and posts: holdings, accounts, leave, supervising officers, gaps and teams."""
