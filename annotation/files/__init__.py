"""Where files lie when they do not lie on a disk. Needs boto3 in `bucket` alone, which a site on a disk never loads."""


class StoreFailed(OSError):
    """The object store could not be reached, or refused."""
