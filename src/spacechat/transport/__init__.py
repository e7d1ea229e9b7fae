"""The HTTP door: nothing else imports an HTTP library, but for `openai.transports`."""
