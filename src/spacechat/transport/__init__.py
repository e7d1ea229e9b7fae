"""HTTP: connections to Spaces. Only `openai.transports` imports an HTTP library, too."""
