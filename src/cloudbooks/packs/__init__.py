"""Data: charts, bank layouts, rule packs, currencies; read by books."""
