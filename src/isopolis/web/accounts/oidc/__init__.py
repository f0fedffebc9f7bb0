"""Sign-in of city staff with the city's own account, by OpenID Connect."""
