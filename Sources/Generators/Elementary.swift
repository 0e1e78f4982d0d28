// The two elementary functions of this module, from the platform's mathematics library: all that it needs of the
// platform.
#if canImport(Musl)
  import func Musl.log
  import func Musl.pow
#else
  import func Glibc.log
  import func Glibc.pow
#endif

/// The natural logarithm.
func logarithm(_ number: Double) -> Double { log(number) }

/// `base` to the power of `exponent`.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
