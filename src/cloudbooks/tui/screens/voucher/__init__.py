"""The voucher grid: how a draft is typed, blind if one likes, and kept at every change."""
