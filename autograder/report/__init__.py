"""The class report: records are counted, and the counts become a page and a table for spreadsheets."""
