"""Who would want to see it; nothing here knows video files or editing."""
