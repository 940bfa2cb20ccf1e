// The main function of every test program, compiled once: doctest's implementation is the slowest part of a small test.
// It stands in a library, so that a test file that brings its own main wins over it.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
