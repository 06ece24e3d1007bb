"""What the page and the web process say to each other; the page's TypeScript types are made from these."""
