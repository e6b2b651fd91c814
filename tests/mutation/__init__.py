"""Mutation testing of the lessons' own solutions: `mutate` makes the mutants, `survive` judges them."""
