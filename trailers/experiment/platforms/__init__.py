"""What each platform loads: its flags, definitions and tables, as texts."""
