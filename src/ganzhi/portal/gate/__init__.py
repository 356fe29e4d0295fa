"""Who comes in, with which cookies, how often: what stands between a request and the pages."""
