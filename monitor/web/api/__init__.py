"""The API, `/api/v1`: what people do on the pages, for programs. A module a noun; `routers` puts them together."""
