"""The store of voluntary equality attributes: apart from accounts, without any link to them."""
