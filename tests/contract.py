"""A contract is a check that every row of a table must pass. Its failures begin with its name, so that an offender can be told apart."""

import functools

import numpy as np


def contract_over(cases):
    """Decorator: check(case) becomes contract(row, rng), which checks every case that cases(row, rng) yields."""

    def decorate(check):
        name = check.__name__.removeprefix("contract_").replace("_", " ")

        @functools.wraps(check)
        def contract(row, rng):
            for case in cases(row, rng):
                try:
                    check(case)
                except Exception as error:
                    raise AssertionError(f"{name}: {case}: {error}") from error

        contract.name = name
        return contract

    return decorate


def broken(contracts, row):
    """The names, in order, of the contracts that a row breaks."""
    names = []
    for contract in contracts:
        try:
            contract(row, np.random.default_rng(0))
        except AssertionError as error:
            names.append(str(error).partition(":")[0])
    return names


def refusal(error, function, *args, **options):
    """The text of the error that a call raises; it is a failure if it raises none."""
    try:
        function(*args, **options)
    except error as raised:
        return str(raised)
    raise AssertionError("nothing was refused")
