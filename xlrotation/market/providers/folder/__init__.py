"""The user's own files: tables as other systems export them, understood or refused."""
