"""Act: rules and questionnaires as data, plans, exchange, the partnership of cities."""
