"""One web page that shows spaces and selections: self-contained, no server, no network."""
