"""From someone's file to rows that count: readers, mappings, contracts, quarantine, load ledger."""
