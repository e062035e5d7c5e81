"""What is heard: natural sound, music and effects, mixed to a loudness."""
