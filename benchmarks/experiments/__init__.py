"""Experiments against what is known of them: published results, planted truth, other people's hashes."""
