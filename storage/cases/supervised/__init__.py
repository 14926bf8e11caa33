"""What supervisors ask of the holders of cases (督办)."""
