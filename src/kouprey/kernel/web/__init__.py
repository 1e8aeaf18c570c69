"""The frame of all pages and endpoints: sessions, CSRF, headers, errors, rendering."""
