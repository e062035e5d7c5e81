"""What is read: captions, cards and titles."""
