"""The agent console under /app/: pages for people, over the services of the apps."""
