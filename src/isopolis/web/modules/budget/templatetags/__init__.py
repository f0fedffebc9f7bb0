"""Words for the templates of budgets."""
