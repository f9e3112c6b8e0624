"""Chief, video officer, DPO, mayor."""
