"""What the boards are counted from: open tasks, and one fact for each closed case."""
