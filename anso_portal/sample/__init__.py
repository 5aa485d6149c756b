"""The sample alliance: real records with their sources, and what is written as sample and marked illustrative.

`loading.load` puts it in, `removal.remove` takes it out; docs/sample.md says what is real. Everything that says ANSO
stands in `data/`.
"""
