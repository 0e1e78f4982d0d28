import Glibc

/// A wrong verdict fails the bench.
func exitWithFailure() -> Never { exit(1) }

/// Nothing else is to be run.
func exitWithSuccess() -> Never { exit(0) }

/// A row is seen when it is there, in a file or a pipe too.
func showNow() { fflush(nil) }
