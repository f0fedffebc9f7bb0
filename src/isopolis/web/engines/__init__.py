"""Django's two database backends with what an outage needs: fail soon, say so, come back by themselves."""
