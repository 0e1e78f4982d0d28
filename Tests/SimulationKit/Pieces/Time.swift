/// A thousand nanoseconds of simulated time.
public let microsecond: UInt64 = 1_000

/// A million nanoseconds of simulated time.
public let millisecond: UInt64 = 1_000_000
