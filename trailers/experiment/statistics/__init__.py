"""What numbers say: differences with intervals, looks at any time, many comparisons, splits, sizes."""
