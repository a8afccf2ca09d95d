def partly() -> None:
    pass
