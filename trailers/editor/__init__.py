"""From picks to a file that a viewer can watch: the timeline, its pieces, sound, words, checks and exchange with other editors."""
