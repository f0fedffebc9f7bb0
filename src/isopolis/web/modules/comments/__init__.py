"""Discussion: comments in two levels, with reports and moderation."""
