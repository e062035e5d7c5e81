"""What a score rests on: traits of shots, affinities, titles, film grammar, and the learner."""
