"""Published and measured results, reproduced: ours beside theirs, each number with its bound."""
