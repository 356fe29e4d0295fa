"""Complaints: what a customer says becomes a recognised, screened and clocked ticket (C05, C07, C08).

Everything here is a function of rows and of the catalogue; what it gives others is rows.
"""
