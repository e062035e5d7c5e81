"""From picks to a file that a viewer can watch: timeline, clips, sound, words, checks, exchange with other editors."""
