"""Gold and predicted tags to scores that say how they were computed."""
