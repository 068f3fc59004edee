"""The plugin that lets a Bareos file daemon back up S3 buckets and restore them to files.

An administrator finds everything in `BAREOS.md`. The daemon loads
`plugin/bareos-fd-s3stream.py`, which is glue; the modules here do the work and, but for
`s3stream.bareos.job`, can be imported without a daemon.
"""
