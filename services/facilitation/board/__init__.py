"""Pages for people (papan fasilitasi): the funnel from a priority location to income, caseloads on the map, demand and supply."""
