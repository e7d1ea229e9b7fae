"""`spacechat batch`: a file of questions, each answered exactly once."""
