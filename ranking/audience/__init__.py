"""Viewers who watch alike: what each of them is known by, groups of them, their names; and the care that people are owed."""
