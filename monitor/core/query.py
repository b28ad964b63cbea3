"""The query language, the same in page, API and command. Parsing is pure; storage turns a Query into SQL."""
