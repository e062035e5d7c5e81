"""What another choice would have earned, from a log that knows its chances."""
