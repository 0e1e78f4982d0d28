import Glibc

/// The processors that are online; 1 if the platform does not say. The one thing that the checkers ask of it.
func processorCount() -> Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }
