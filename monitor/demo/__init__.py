"""The sample newsroom: invented outlets and accounts that tell of the Keio study, well and badly, on a server of our own."""
