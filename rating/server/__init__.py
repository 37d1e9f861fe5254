"""What stands between the application and the network: hosts, networks, sizes, the site's address, the server's log."""
