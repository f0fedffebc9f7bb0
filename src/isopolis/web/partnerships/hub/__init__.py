"""What a partnership shows and works with: members, meetings, news, documents, its paper, commitments."""
