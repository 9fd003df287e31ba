"""`slowfeat inspect`: what is in a bag or a dataset, whether it can be learned from, and how.

survey.py gathers with ingest's own functions, verdict.py judges, suggest.py writes the ingest
command; text.py, page.py and as_json.py show it.
"""
