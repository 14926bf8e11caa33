"""Pages of bright kitchens: snapshots to review, all of them, cameras."""
