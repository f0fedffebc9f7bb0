"""Conversations: people write short statements and vote on those of others."""
