"""What is seen: the frames of episodes that a timeline shows, framed, joined, encoded piece by piece."""
