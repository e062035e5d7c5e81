"""Where a viewing history comes from: every format that people can export or log, read into one shape."""
