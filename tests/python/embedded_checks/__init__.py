"""The checks of embedded_with_boto3.py, one module a theme."""
