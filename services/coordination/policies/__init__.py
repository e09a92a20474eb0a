"""Policy (kebijakan) as dated data: legal basis, lead, data source, reporting, approval tiers, deadlines."""
