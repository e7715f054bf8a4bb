"""A reconciliation as the sheets of a workpaper, the charts' findings and the claim: no file format."""
