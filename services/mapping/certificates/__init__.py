"""Certificates of robustness (sertifikat ketahanan) of prioritisation runs: how firm a selection is if weights and figures are a little off."""
