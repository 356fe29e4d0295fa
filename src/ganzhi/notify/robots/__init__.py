"""Group robots: WeCom (企业微信), DingTalk (钉钉), Feishu (飞书)."""
