"""The pages of a report as one HTML page that needs nothing else: tables, and charts as SVG."""
