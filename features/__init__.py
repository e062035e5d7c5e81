"""What is in an episode; nothing here knows viewers or trailers."""
