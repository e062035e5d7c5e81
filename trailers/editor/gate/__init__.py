"""What a finished file is judged by."""
