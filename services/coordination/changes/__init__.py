"""Change requests (permintaan perubahan): what was promised or set is altered with a reason, by two people."""
