"""Pages of campaigns of visits."""
